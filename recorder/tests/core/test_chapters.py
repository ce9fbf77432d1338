"""recorder.core.chapters"""

from recorder.core.chapters import MOST, Chapter, Moment, chapters


def test_the_floor_and_the_courseware_make_chapters() -> None:
    moments = [
        Moment(60_000, "floor", "东村"),
        Moment(30_000, "courseware"),
        Moment(90_000, "lead"),
        Moment(-5, "floor", "西村"),
        Moment(600_000, "floor", "西村"),
    ]
    assert chapters(moments, 600_000) == (
        Chapter(0, "begin"),
        Chapter(30_000, "courseware"),
        Chapter(60_000, "floor", "东村"),
        Chapter(90_000, "lead"),
    )


def test_what_changes_at_once_is_one_chapter() -> None:
    moments = [Moment(10_000, "floor", "东村"), Moment(10_500, "floor", "西村"), Moment(11_000, "floor", "西村")]
    assert chapters(moments, 60_000) == (Chapter(0, "begin"), Chapter(10_500, "floor", "西村"))


def test_a_lesson_of_a_thousand_changes_has_a_bounded_list() -> None:
    moments = [Moment(10_000 * i, "floor", f"{i}村") for i in range(1000)]
    assert len(chapters(moments, 10_000_000)) == MOST
