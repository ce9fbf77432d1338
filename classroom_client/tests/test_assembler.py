import pytest

from classroom_client.core.assembler import PATIENCE_MS, Assembler, Frame, Part


def picture(sequence: int, timestamp: int, *, ends: bool = True) -> Part:
    return Part(sequence % (1 << 16), timestamp % (1 << 32), ends, bytes([sequence % 251]))


def sound(sequence: int) -> Part:
    return Part(sequence % (1 << 16), 960 * sequence % (1 << 32), False, bytes([sequence % 251]))


def fed(assembler: Assembler, *parts: Part, now_ms: float = 0.0) -> list[Frame]:
    return [frame for part in parts for frame in assembler.add(part, now_ms)[0]]


@pytest.mark.parametrize("start", [0, 100, 65_533, 65_535])
@pytest.mark.parametrize("clock", [0, (1 << 32) - 1500])
def test_a_picture_is_complete_with_its_marked_packet(start: int, clock: int) -> None:
    assembler = Assembler("video")
    parts = [picture(start + n, clock + 3000 * (n // 3), ends=n % 3 == 2) for n in range(9)]
    frames = fed(assembler, *parts)
    assert [frame.data for frame in frames] == [
        bytes((parts[3 * n].data[0], parts[3 * n + 1].data[0], parts[3 * n + 2].data[0])) for n in range(3)
    ]
    assert [later.timestamp - frames[0].timestamp for later in frames] == [0, 3000, 6000]


@pytest.mark.parametrize("start", [10, 65_534])
def test_packets_out_of_order_and_twice_make_the_same_frames(start: int) -> None:
    in_order = [picture(start + n, 3000 * (n // 2), ends=n % 2 == 1) for n in range(6)]
    expected = fed(Assembler("video"), *in_order)
    shuffled = [in_order[n] for n in (0, 2, 1, 1, 4, 3, 2, 5, 0)]
    assert fed(Assembler("video"), *shuffled) == expected


def test_a_repair_in_time_loses_nothing() -> None:
    assembler = Assembler("video")
    assert fed(assembler, picture(1, 0), picture(3, 6000), picture(4, 9000)) == [Frame(b"\x01", 0)]
    frames, lost = assembler.add(picture(2, 3000), PATIENCE_MS["video"] - 1)
    assert ([frame.timestamp for frame in frames], lost, assembler.given_up) == ([3000, 6000, 9000], False, 0)


def test_a_gap_is_given_up_in_time_and_the_torn_frame_with_it() -> None:
    assembler = Assembler("video")
    fed(assembler, picture(1, 0), picture(2, 3000, ends=False), picture(4, 6000, ends=False), picture(5, 6000))
    frames, lost = assembler.add(picture(6, 9000), PATIENCE_MS["video"])
    assert ([frame.timestamp for frame in frames], lost, assembler.given_up) == ([9000], True, 1)
    assert fed(assembler, picture(3, 3000), picture(7, 12_000), now_ms=999) == [Frame(b"\x07", 12_000)]


def test_each_packet_of_sound_is_a_frame_and_a_lost_one_is_skipped_soon() -> None:
    assembler = Assembler("audio")
    assert len(fed(assembler, sound(1), sound(2), sound(4))) == 2
    frames, lost = assembler.add(sound(5), PATIENCE_MS["audio"])
    assert ([frame.data for frame in frames], lost) == ([b"\x04", b"\x05"], True)


def test_a_second_gap_gets_its_own_patience() -> None:
    assembler = Assembler("audio")
    fed(assembler, sound(1), sound(3))
    assembler.add(sound(5), PATIENCE_MS["audio"])
    frames, lost = assembler.add(sound(6), PATIENCE_MS["audio"] + 1)
    assert (frames, lost) == ([], False)
    frames, lost = assembler.add(sound(7), 2 * PATIENCE_MS["audio"])
    assert ([frame.data for frame in frames], lost) == ([b"\x05", b"\x06", b"\x07"], True)


def test_another_stream_starts_anew() -> None:
    assembler = Assembler("video")
    fed(assembler, picture(1, 0), picture(3, 3000))
    assert fed(assembler, picture(20_000, 9000)) == [Frame(bytes([20_000 % 251]), 9000)]
