import pytest

from classroom_client.core.playback import LoopClock, Pace, Position


def test_ticks_go_on_where_the_last_frame_ended() -> None:
    clock = LoopClock()
    first = [clock.next(ticks, 3600) for ticks in (0, 3600)]
    clock.start_anew()
    assert first == [Position(0, 0, 0), Position(0, 1, 3600)]
    assert [clock.next(ticks, 3600) for ticks in (0, 3600)] == [Position(1, 0, 7200), Position(1, 1, 10_800)]


def test_an_empty_file_does_not_loop() -> None:
    with pytest.raises(ValueError, match="without frames"):
        LoopClock().start_anew()


def test_sources_share_one_origin() -> None:
    pace = Pace()
    assert pace.wait_ms(0, 1000) == 0
    assert pace.wait_ms(40, 1010) == 30
    assert pace.wait_ms(20, 1030) == 0


def test_who_slept_long_goes_on_from_now() -> None:
    pace = Pace()
    pace.wait_ms(0, 0)
    assert pace.wait_ms(40, 900) == 0
    assert pace.wait_ms(80, 5000) == 0
    assert pace.wait_ms(120, 5000) == 40
