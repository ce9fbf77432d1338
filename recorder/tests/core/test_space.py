"""recorder.core.space"""

from recorder.core.space import MIB, SpaceRules, enough_again, lasts_s, refusal, shortage, work_refusal

RULES = SpaceRules(reserve_bytes=100 * MIB, lesson_s=3000)


def test_a_lesson_that_would_not_fit_is_refused_in_words() -> None:
    assert refusal(2000 * MIB, 0, ("teacher", "teacher_mic"), RULES) is None
    words = refusal(500 * MIB, 0, ("teacher", "teacher_mic"), RULES)
    assert words is not None and "may need 967 MiB" in words and "400 MiB of the 500 MiB" in words
    assert "give the disk 567 MiB more" in words


def test_lessons_that_run_already_have_their_share() -> None:
    assert refusal(2000 * MIB, 0, ("teacher",), RULES) is None
    assert refusal(2000 * MIB, 400_000, ("teacher",), RULES) is not None
    assert "and 0 MiB of the" in (refusal(20_000 * MIB, 10e6, ("teacher",), RULES) or "")


def test_a_take_stops_before_the_reserve_and_goes_on_well_above_it() -> None:
    assert shortage(100 * MIB, RULES) is None and "99 MiB left" in (shortage(100 * MIB - 1 - MIB // 2, RULES) or "")
    assert not enough_again(124 * MIB, RULES) and enough_again(125 * MIB, RULES)


def test_the_work_after_the_bell_leaves_room_for_lessons() -> None:
    assert work_refusal(500 * MIB, 300 * MIB, 200 * MIB) is None
    words = work_refusal(450 * MIB, 300 * MIB, 200 * MIB)
    assert words is not None and "needs 300 MiB, 450 MiB are free" in words and "give the disk 50 MiB more" in words


def test_the_forecast_says_how_long_the_room_lasts() -> None:
    assert lasts_s(200 * MIB, MIB, RULES) == 100 and lasts_s(50 * MIB, MIB, RULES) == 0 and lasts_s(1, 0, RULES) is None
