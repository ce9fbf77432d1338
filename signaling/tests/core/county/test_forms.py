"""signaling.core.county.forms"""

from datetime import date

import pytest

from signaling.core.county.forms import FORMS, CellError, form_named, value_of


def test_every_example_of_the_template_can_be_read() -> None:
    for form in FORMS:
        for column in form.columns:
            assert value_of(column, column.example) is not None, (form.name, column.name)


def test_a_form_is_found_by_either_name() -> None:
    assert form_named(" 课程表 ") is form_named("Timetable") is FORMS[-1]
    assert form_named("工资") is None
    assert FORMS[-1].column("weeks").zh == "单双周"


def test_what_is_named_has_its_sheet_before() -> None:
    before: set[str] = set()
    for form in FORMS:
        assert {column.of for column in form.columns if column.of} <= before | {form.name}
        before.add(form.name)


@pytest.mark.parametrize("said", ["2026-9-1", "2026/09/01", "2026.9.1", "2026年9月1日", "2026-9-1"])
def test_dates_as_people_write_them(said: str) -> None:
    assert value_of(FORMS[7].column("first"), said) == date(2026, 9, 1)


@pytest.mark.parametrize(("said", "minutes"), [("8:30", 510), ("08:30", 510), ("8:30", 510), ("08:30:00", 510)])
def test_times_as_people_write_them(said: str, minutes: int) -> None:
    assert value_of(FORMS[6].column("begins_min"), said) == minutes


@pytest.mark.parametrize("said", ["周三", "星期三", "三", "3", "3"])
def test_weekdays_as_people_write_them(said: str) -> None:
    assert value_of(FORMS[-1].column("weekday"), said) == 3


@pytest.mark.parametrize("said", ["8.30", "8:60", "24:00", "八点", "1:2:3", "8:30:15"])
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(CellError):
        value_of(FORMS[6].column("begins_min"), said)


def test_lists_are_parted_by_any_of_the_usual_marks() -> None:
    assert value_of(FORMS[3].column("subjects"), "音乐、美术,语文;音乐") == ("音乐", "美术", "语文")
