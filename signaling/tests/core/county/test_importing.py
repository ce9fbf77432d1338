"""signaling.core.county.importing, reading and merging: what a file becomes, and what is said of its mistakes"""

from dataclasses import replace
from datetime import date

import pytest

from signaling.core.county.county import County
from signaling.core.county.importing import MOST_FINDINGS, check
from signaling.core.county.planner import plan
from signaling.core.county.reading import Sheet
from signaling.core.county.things import ClassroomId, CourseId, PersonId, SchoolId, TermId
from signaling.tests.core.county.files import SHEETS, checked, errors, sheets, with_cell


def test_a_file_in_order_is_a_county_with_its_lessons() -> None:
    made = checked()
    assert made.good, made.findings
    county = made.county
    assert county.regions and county.schools[SchoolId("east")].kind == "teaching_point"
    room = county.classrooms[ClassroomId("main-1")]
    assert (room.screens, room.devices, room.link, room.interactive) == (2, ("1号推车", "实物展台"), "wired", True)
    assert not county.classrooms[ClassroomId("east-2")].interactive
    assert county.people[PersonId("W1")].subjects == ("音乐", "美术")
    term = county.terms[TermId("2026-autumn")]
    assert term.made_up == {date(2026, 10, 10): date(2026, 10, 5)} and term.exam_weeks == {20}
    assert county.courses[CourseId("music-3")].classes == ("east-12",)
    assert len(plan(county, term.first, term.last).lessons) == 19
    assert made.rows["bells"] == 4
    assert [finding.code for finding in made.findings] == ["shortened", "other_edition"]


@pytest.mark.parametrize(
    ("sheet", "row", "column", "text", "code", "words"),
    [
        ("学校", 2, "名称", "", "empty_cell", "不能为空"),
        ("学校", 3, "地区", "西县", "unknown", "没有“西县”,也没有这个代码"),
        ("学校", 3, "类型", "大学", "wrong_cell", "应为:普通学校、乡村小规模学校、乡镇寄宿制学校、教学点"),
        ("教室", 2, "屏幕数", "两块", "wrong_cell", "应为 0 到 10000 的整数;写的是“两块”"),
        ("班级", 2, "人数", "-5", "wrong_cell", "应为 0 到 10000 的整数"),
        ("班级", 2, "年级", "一;二", "wrong_cell", "应为 0 到 10000 的整数"),
        ("作息时间表", 2, "开始", "25:00", "wrong_cell", "应为时间,如 08:30"),
        ("学期", 2, "结束", "2026-02-30", "wrong_cell", "应为日期,如 2026-09-01"),
        ("课程表", 2, "星期", "礼拜八", "wrong_cell", "应为:周一、"),
        ("课程", 2, "主讲教师", "王方", "unknown", "没有“王方”"),
        ("教师", 2, "姓名", "王" * 201, "wrong_cell", "最多 200 个字"),
        ("放假调休", 3, "补哪一天", "", "wrong_day", "补课要写“补哪一天”"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_sheet_row_and_column(
    sheet: str, row: int, column: str, text: str, code: str, words: str
) -> None:
    found = errors(checked(*with_cell(sheet, row, column, text)))[0]
    assert (found.code, found.sheet, found.row, found.column) == (code, sheet, row, column)
    assert found.zh.startswith(f"工作表“{sheet}”第 {row} 行“{column}”:") and words in found.zh
    assert found.en.startswith(f"Sheet {sheet}, row {row}, column {column}: ")


@pytest.mark.parametrize(
    ("sheet", "row", "column", "text", "code"),
    [
        ("学期", 2, "结束", "2026-08-01", "wrong_term"),
        ("放假调休", 2, "日期", "2026-07-01", "wrong_term"),
        ("作息时间表", 3, "开始", "9:00", "wrong_bells"),
        ("结对", 2, "听讲教室", "main-1", "wrong_classrooms"),
        ("结对", 2, "听讲教室", "east-1;east-2", "listening_only"),
        ("课程", 2, "助教", "李强;王芳", "wrong_assistants"),
        ("课程", 2, "学科", "美术", "wrong_subject"),
        ("课程表", 2, "节次", "7", "no_period"),
        ("作息时间表", 5, "开始", "9:50", "no_shared_time"),
    ],
)
def test_what_makes_no_sense_together_is_refused(sheet: str, row: int, column: str, text: str, code: str) -> None:
    made = checked(*with_cell(sheet, row, column, text))
    assert code in [finding.code for finding in errors(made)] and not made.good
    assert all(finding.zh.endswith("。") and finding.en.endswith(".") for finding in made.findings)


def test_a_name_of_two_people_needs_the_staff_number() -> None:
    people = [*SHEETS["教师"], ["W2", "王芳", "东村教学点", "音乐", ""]]
    (found,) = errors(checked(*sheets(教师=people)))
    assert found.code == "ambiguous" and "有 2 个“王芳”,请写代码" in found.zh
    course = [SHEETS["课程"][0], ["music-3", "P1", "音乐", "3", "W1", "李强", ""]]
    assert checked(*sheets(教师=people, 课程=course)).good


def test_the_same_twice_is_refused() -> None:
    (found,) = errors(checked(*sheets(教师=[*SHEETS["教师"], SHEETS["教师"][1]])))
    assert (found.code, found.row) == ("twice", 4)


def test_clashes_are_shown_before_anything_is_saved() -> None:
    courses = [*SHEETS["课程"], ["music-4", "P1", "音乐", "4", "王芳", "李强", ""]]
    timetable = [*SHEETS["课程表"], ["music-4", "1", "2", "单周"]]
    found = errors(checked(*sheets(课程=courses, 课程表=timetable)))
    assert {finding.code for finding in found} == {"room_clash", "teacher_clash", "device_clash"}
    assert any("教师 王芳(W1) 在 2026-08-31 09:20 同时要上课程 music-3 和课程 music-4(共 10 次)" in f.zh for f in found)


def test_what_a_file_does_not_name_stays() -> None:
    county = checked().county
    made = checked(*(Sheet(name, tuple(map(tuple, SHEETS[name]))) for name in ("课程表",)), county=county)
    assert made.good and replace(made.county, entries=()) == replace(county, entries=())
    moved = check(county, [Sheet("timetable", (("course", "weekday", "period"), ("music-3", "周二", "1")))])
    assert moved.good and [(e.weekday, e.period, e.weeks) for e in moved.county.entries] == [(2, 1, "every")]


def test_a_change_of_a_classroom_is_looked_at_where_it_is_used() -> None:
    county = checked().county
    room = (tuple(SHEETS["教室"][0]), ("east-1", "东村教学点", "教室", "", "", "", "否"))
    assert [finding.code for finding in errors(check(county, [Sheet("教室", room)]))] == ["listening_only"]


def test_a_sheet_that_is_none_of_ours_or_lacks_a_column_is_named() -> None:
    codes = [(f.code, f.sheet) for f in errors(checked(*sheets(工资=[["姓名"], ["王芳"]])))]
    assert ("unknown_sheet", "工资") in codes
    (found, *_) = errors(checked(*sheets(班级=[["代码", "名称"], ["a", "b"]])))
    assert (found.code, found.row) == ("missing_column", 1) and "缺少列“学校”" in found.zh


def test_a_csv_file_is_known_by_its_header() -> None:
    made = check(County(), [Sheet("upload", tuple(map(tuple, SHEETS["地区"])))])
    assert made.good and len(made.county.regions) == 3


@pytest.mark.parametrize(
    "given", [(), (Sheet("学校", ()),), (Sheet("说明", (("x",),)),), (Sheet("学校", (("", ""),)),)]
)
def test_an_empty_file_is_refused(given: tuple[Sheet, ...]) -> None:
    assert [finding.code for finding in check(County(), given).findings] == ["nothing"]


def test_many_mistakes_are_not_all_told() -> None:
    people = [SHEETS["教师"][0], *(["", f"王{n}", "实验小学", "", ""] for n in range(500))]
    made = checked(*sheets(教师=people))
    assert len(made.findings) == MOST_FINDINGS + 1 and made.findings[-1].code == "more" and not made.good
