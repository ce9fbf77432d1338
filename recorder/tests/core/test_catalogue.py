"""recorder.core.catalogue"""

from recorder.core.access import Holding
from recorder.core.catalogue import Entry, Part, day_as_written, holding, part_named, words
from signaling.messages.ids import LessonId, Source

FILM = Part("film.mp4", "video/mp4", 1000, "ab")


def entry(*sources: Source, title: str = "語文 第三課") -> Entry:
    return Entry(
        id="R1",
        lesson=LessonId("L1"),
        take="L1/K1",
        title=title,
        school="中心校",
        teacher="王老师",
        region="东县",
        classrooms=("中心校", "一教学点"),
        held_at_ms=1_790_000_000_000,
        duration_ms=2_400_000,
        sources=sources or ("teacher", "teacher_mic"),
        enabled_by="",
        basis="",
        film=FILM,
        tracks=(Part("S1-teacher.mp4", "video/mp4", 900, "cd"),),
    )


def test_pupils_are_in_it_when_a_source_shows_or_lets_hear_them() -> None:
    assert holding(entry(), "") == Holding(LessonId("L1"), "东县", pupils=False, objection=False)
    assert holding(entry("teacher", "room_mic"), "why") == Holding(LessonId("L1"), "东县", pupils=True, objection=True)


def test_only_its_own_files_have_a_name() -> None:
    assert part_named(entry(), "film.mp4") == FILM
    assert part_named(entry(), "S1-teacher.mp4") is not None
    assert part_named(entry(), "../key.json") is None


def test_a_search_looks_into_everything_that_people_remember() -> None:
    found = words(entry()).split("\n")
    assert found[:5] == ["语文 第三课", "中心校", "王老师", "中心校", "一教学点"]
    assert found[5:] == ["2026-09-21", "2026/9/21", "2026年9月21日"]


def test_an_early_lesson_is_of_its_own_day() -> None:
    assert day_as_written(1_790_000_000_000)[0] == "2026-09-21"
    assert day_as_written(1_789_948_800_000)[0] == "2026-09-21"
    assert day_as_written(1_789_948_800_000 - 9 * 3_600_000)[0] == "2026-09-20"
