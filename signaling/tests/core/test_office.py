"""signaling.core.office"""

import pytest

from signaling.core import office
from signaling.core.office import MOST_SEATS
from signaling.core.refusal import Refusal
from signaling.messages import events as ev
from signaling.messages.events import RecordingPolicy
from signaling.messages.ids import LessonId, Mode, Role, SeatId
from signaling.tests.core.stage import Stage, publisher


def create(
    title: str = "第3节", mode: Mode = "dedicated", classrooms: tuple[str, ...] = ("主校", "东村")
) -> ev.LessonCreated:
    return office.created(LessonId("L1"), title, mode, classrooms, RecordingPolicy(), "operator")


def invite(stage: Stage, role: Role, classroom: str, fresh: str = "new") -> SeatId:
    seat, outcome = office.invited(stage.room, role, classroom, SeatId(fresh), "operator", stage.now)
    stage.keep(outcome)
    return seat


@pytest.mark.parametrize("mode", ["master_teacher", "famous_school"])
def test_other_modes_are_refused_in_words(mode: Mode) -> None:
    with pytest.raises(Refusal, match="cannot be held yet") as refused:
        create(mode=mode)
    assert refused.value.code == "mode_not_yet"


@pytest.mark.parametrize(
    ("classrooms", "code"),
    [
        (("主校",), "wrong_classrooms"),
        (("主校", "主校"), "wrong_classrooms"),
        (("主校", "东村", "东村 "), "wrong_classrooms"),
        (tuple(f"村{i}" for i in range(18)), "wrong_classrooms"),
        (("", "东村"), "wrong_classroom"),
        (("主校", "东\n村"), "wrong_classroom"),
        (("主校", "村" * 201), "wrong_classroom"),
    ],
)
def test_classrooms_have_names_of_their_own(classrooms: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        create(classrooms=classrooms)
    assert refused.value.code == code


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\x00b"])
def test_a_title_is_a_line(title: str) -> None:
    with pytest.raises(Refusal) as refused:
        create(title=title)
    assert refused.value.code == "wrong_title"


def test_school_and_teacher_may_be_missing_and_are_lines() -> None:
    assert (create().school, create().teacher) == ("", "")

    def named(school: str, teacher: str) -> ev.LessonCreated:
        return office.created(
            LessonId("L1"), "语文", "dedicated", ("主校", "东村"), RecordingPolicy(), "operator", school, teacher
        )

    assert (named(" 中心校 ", "王老师").school, named(" 中心校 ", "王老师").teacher) == ("中心校", "王老师")
    for school, teacher, code in (("x" * 201, "", "wrong_school"), ("", "王\n老师", "wrong_teacher")):
        with pytest.raises(Refusal) as refused:
            named(school, teacher)
        assert refused.value.code == code


def test_doors_open_once() -> None:
    stage = Stage(open=False)
    stage.hello("lead")
    for _ in range(2):
        stage.do(lambda room, now: office.opened(room, "operator", now))
    assert [message["state"] for message in stage.take("lead")] == ["open"]
    assert [event for event in stage.events if isinstance(event, ev.LessonOpened)] == [ev.LessonOpened("operator")]


def test_the_operator_ends_a_lesson_and_then_nothing_more() -> None:
    stage = Stage()
    stage.join("lead")
    stage.do(lambda room, now: office.ended(room, "operator", now))
    assert [message["type"] for message in stage.take("lead")] == ["lesson_changed", "bye"]
    for act in (office.opened, office.ended, office.cancelled):
        with pytest.raises(Refusal) as refused:
            act(stage.room, "operator", stage.now)
        assert refused.value.code == "lesson_over"


def test_a_lesson_that_has_not_begun_is_cancelled_not_ended() -> None:
    stage = Stage(open=False)
    with pytest.raises(Refusal) as refused:
        office.ended(stage.room, "operator", stage.now)
    assert refused.value.code == "lesson_not_open"
    stage.do(lambda room, now: office.cancelled(room, "operator", now))
    assert stage.room.lesson.state == "cancelled"


def test_a_live_lesson_is_ended_not_cancelled() -> None:
    stage = Stage()
    stage.join("lead")
    stage.node_up()
    stage.node_has(publisher("lead", "teacher"))
    with pytest.raises(Refusal) as refused:
        office.cancelled(stage.room, "operator", stage.now)
    assert refused.value.code == "lesson_live"


def test_the_same_role_and_classroom_is_the_same_seat() -> None:
    stage = Stage(seats=())
    assert invite(stage, "room", "东村", "first") == "first"
    assert invite(stage, "room", "东村", "second") == "first"
    assert invite(stage, "assistant", "东村", "third") == "third"
    assert list(stage.room.lesson.seats) == ["first", "third"]


def test_pages_that_look_on_see_a_new_seat() -> None:
    stage = Stage(seats=("lead",))
    stage.join("lead")
    invite(stage, "room", "东村")
    assert stage.take("lead")[0]["seat"]["classroom"] == "东村"


@pytest.mark.parametrize(
    ("role", "classroom", "code"),
    [
        ("lead", "东村", "unknown_classroom"),
        ("room", "主校", "unknown_classroom"),
        ("room", "北村", "unknown_classroom"),
        ("reviewer", "主校", "role_not_yet"),
        ("recorder", "主校", "role_not_yet"),
        ("operator", "主校", "role_not_yet"),
        ("attendee", "", "wrong_classroom"),
    ],
)
def test_only_who_belongs_is_invited(role: Role, classroom: str, code: str) -> None:
    stage = Stage(seats=())
    with pytest.raises(Refusal) as refused:
        invite(stage, role, classroom)
    assert refused.value.code == code and stage.room.lesson.seats == {}


def test_seats_are_bounded() -> None:
    stage = Stage(seats=())
    for i in range(MOST_SEATS):
        invite(stage, "attendee", f"guest {i}", f"S{i}")
    with pytest.raises(Refusal) as refused:
        invite(stage, "attendee", "one more")
    assert refused.value.code == "too_many"
    assert invite(stage, "attendee", "guest 0") == "S0"
