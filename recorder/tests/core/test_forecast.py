"""recorder.core.forecast"""

import pytest

from recorder.core.forecast import Pace, forecast
from recorder.core.space import MIB, SpaceRules, refusal
from recorder.core.timeline import NodeTime
from signaling.messages.ids import SpaceLevel

RULES = SpaceRules(reserve_bytes=100 * MIB, lesson_s=3000)
USUAL_MIB = 2157
"""What a lesson of that length may need by the usual policy."""
SECOND = 1_000_000


def paced(*written: tuple[float, int]) -> float | None:
    pace = Pace()
    for at_s, count in written:
        pace.saw(count, NodeTime(round(at_s * SECOND)))
    return pace.bytes_per_s()


def test_the_pace_is_that_of_the_last_minute() -> None:
    assert paced((0, 0)) is None and paced((0, 0), (14, 9000)) is None, "too short to tell"
    assert paced((0, 500), (20, 20_500)) == 1000
    assert paced((0, 0), (10, 10**9), (40, 10**9), (100, 10**9)) == 0, "what was long ago counts no more"
    assert paced((0, 0), (59, 59_000), (70, 70_000), (119, 168_000)) == pytest.approx(109_000 / 60)


def test_it_lasts_as_long_as_room_above_the_reserve_and_pace_have_it() -> None:
    found = forecast(5100 * MIB, MIB, 0, RULES)
    assert (found.lasts_s, found.level, found.sentence) == (5000, "enough", "")
    assert forecast(5100 * MIB, 0, 0, RULES).lasts_s is None


def test_it_is_short_while_a_lesson_of_usual_length_does_not_fit_at_this_pace() -> None:
    found = forecast(2999 * MIB, MIB, 0, RULES)
    assert found.level == "short" and "lasts 48 min" in found.sentence and "2,999 MiB are free" in found.sentence
    assert "Delete takes or give the disk more" in found.sentence
    assert forecast(3101 * MIB, MIB, 0, RULES).level == "enough"


def test_a_warning_goes_only_once_there_is_a_quarter_more() -> None:
    assert forecast(3200 * MIB, MIB, 0, RULES, "short").level == "short"
    assert forecast(3850 * MIB, MIB, 0, RULES, "short").level == "enough"


def test_the_operator_hears_before_the_next_lesson_that_it_would_be_refused() -> None:
    fits = (USUAL_MIB + 101) * MIB
    assert forecast(fits, 0, 0, RULES).level == "enough"
    found = forecast(fits - 2 * MIB, 0, 0, RULES)
    assert found.level == "short" and found.sentence.startswith("The next lesson would be refused. Not recorded:")
    assert "give the disk 1 MiB more" in found.sentence
    running = forecast(2 * fits, 100_000, 0, RULES), forecast(2 * fits, 100_000, MIB, RULES)
    assert [each.level for each in running] == ["enough", "short"], "running lessons have their share"


@pytest.mark.parametrize("before", ["enough", "short", "full"])
def test_it_is_full_below_the_reserve_and_until_well_above_it(before: SpaceLevel) -> None:
    found = forecast(99 * MIB, MIB, MIB, RULES, before)
    assert (found.level, found.lasts_s) == ("full", 0) and "Nothing is recorded until" in found.sentence
    above = forecast(110 * MIB, MIB, MIB, RULES, before)
    assert above.level == ("full" if before == "full" else "short")


def test_whoever_was_not_warned_is_not_refused() -> None:
    """For every amount of room: a usual lesson that would be refused was announced as such."""
    for free in range(0, 6000, 7):
        refused = refusal(free * MIB, 0, ("teacher", "board", "courseware", "teacher_mic", "courseware_audio"), RULES)
        assert refused is None or forecast(free * MIB, 0, 0, RULES).level != "enough"
