"""The sheets of an import: which there are, their columns in Chinese and English, and what stands in a cell."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

CellKind = Literal["text", "texts", "number", "numbers", "date", "time", "choice", "one", "many"]
"""`one` and `many` name things of another sheet, by code or by a name that only one has."""


class CellError(ValueError):
    """What stands in a cell is not what belongs there; in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column."""

    name: str
    zh: str
    kind: CellKind = "text"
    example: str = ""
    optional: bool = False
    choices: Mapping[str, object] = field(default_factory=dict)
    """What may be written, and what it means; the first stands in the template."""
    of: str = ""
    """The sheet whose things it names."""


@dataclass(frozen=True, slots=True)
class Form:
    """One sheet."""

    name: str
    zh: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Finds a column."""
        return next(column for column in self.columns if column.name == name)


_LEVELS: Final = {"省": "province", "市": "city", "县": "county", "区": "county"}
_SCHOOLS: Final = {
    "普通学校": "school",
    "乡村小规模学校": "small_rural",
    "乡镇寄宿制学校": "township_boarding",
    "教学点": "teaching_point",
}
_LINKS: Final = {"有线": "wired", "移动": "mobile", "卫星": "satellite"}
_YES: Final = {"是": True, "否": False, "yes": True, "no": False}
_DAYS: Final = {"放假": "holiday", "补课": "made_up"}
_WEEKS: Final = {"每周": "every", "单周": "odd", "双周": "even", "单": "odd", "双": "even"}
_WEEKDAYS: Final = {
    said: number
    for number, name in enumerate("一二三四五六日", 1)
    for said in (f"周{name}", f"星期{name}", name, str(number))
} | {"周天": 7, "星期天": 7}


def _one(name: str, zh: str, of: str, example: str, *, optional: bool = False) -> Column:
    return Column(name, zh, "one", example, optional, of=of)


FORMS: Final[tuple[Form, ...]] = (
    Form("regions", "地区", (
        Column("id", "代码", example="330182"), Column("name", "名称", example="东县"),
        Column("level", "级别", "choice", "县", choices=_LEVELS),
        _one("within", "上级", "regions", "3301", optional=True))),
    Form("schools", "学校", (
        Column("id", "代码", example="main"), Column("name", "名称", example="实验小学"),
        _one("region", "地区", "regions", "东县"),
        Column("kind", "类型", "choice", "普通学校", optional=True, choices=_SCHOOLS))),
    Form("classrooms", "教室", (
        Column("id", "代码", example="main-1"), _one("school", "学校", "schools", "实验小学"),
        Column("name", "名称", example="录播教室"),
        Column("link", "网络", "choice", "有线", optional=True, choices=_LINKS),
        Column("screens", "屏幕数", "number", "2", optional=True),
        Column("devices", "设备", "texts", "1号推车", optional=True),
        Column("interactive", "互动", "choice", "是", optional=True, choices=_YES))),
    Form("people", "教师", (
        Column("id", "工号", example="W1"), Column("name", "姓名", example="王芳"),
        _one("school", "学校", "schools", "实验小学"),
        Column("subjects", "学科", "texts", "音乐", optional=True),
        Column("studio", "名师工作室", example="王芳工作室", optional=True))),
    Form("classes", "班级", (
        Column("id", "代码", example="east-12"), _one("school", "学校", "schools", "东村教学点"),
        Column("name", "名称", example="一二年级"), Column("grades", "年级", "numbers", "1;2"),
        Column("headcount", "人数", "number", "5"))),
    Form("textbooks", "教材", (
        _one("school", "学校", "schools", "实验小学"), Column("grade", "年级", "number", "3"),
        Column("subject", "学科", example="音乐"), Column("edition", "版本", example="人教版"))),
    Form("bells", "作息时间表", (
        _one("school", "学校", "schools", "实验小学"), Column("season", "季节", example="夏季", optional=True),
        Column("begins", "启用日期", "date", "2026-09-01"), Column("number", "节次", "number", "1"),
        Column("begins_min", "开始", "time", "08:30"), Column("ends_min", "结束", "time", "09:10"))),
    Form("terms", "学期", (
        Column("id", "代码", example="2026-autumn"), Column("name", "名称", example="2026 秋"),
        Column("first", "开始", "date", "2026-09-01"), Column("last", "结束", "date", "2027-01-20"),
        Column("exam_weeks", "考试周", "numbers", "20", optional=True))),
    Form("days", "放假调休", (
        _one("term", "学期", "terms", "2026-autumn"), Column("day", "日期", "date", "2026-10-10"),
        Column("what", "类型", "choice", "补课", choices=_DAYS),
        Column("follows", "补哪一天", "date", "2026-10-05", optional=True))),
    Form("pairings", "结对", (
        Column("id", "代码", example="P1"), _one("term", "学期", "terms", "2026-autumn"),
        _one("lead", "主讲教室", "classrooms", "实验小学 录播教室"),
        Column("rural", "听讲教室", "many", "东村教学点 教室", of="classrooms"),
        Column("subjects", "学科", "texts", "音乐;美术"))),
    Form("courses", "课程", (
        Column("id", "代码", example="music-3"), _one("pairing", "结对", "pairings", "P1"),
        Column("subject", "学科", example="音乐"), Column("grade", "年级", "number", "3"),
        _one("teacher", "主讲教师", "people", "王芳"), Column("assistants", "助教", "many", "李强", of="people"),
        Column("classes", "班级", "many", "东村教学点 一二年级", optional=True, of="classes"))),
    Form("timetable", "课程表", (
        _one("course", "课程", "courses", "music-3"),
        Column("weekday", "星期", "choice", "周一", choices=_WEEKDAYS), Column("period", "节次", "number", "2"),
        Column("weeks", "单双周", "choice", "每周", optional=True, choices=_WEEKS))),
)  # fmt: skip
"""In this order: what is named has been read before whoever names it."""

GUIDE: Final = "说明"
"""The template's sheet that explains the others; it is not read."""
LONGEST_CELL: Final = 200
LARGEST_NUMBER: Final = 10_000
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(:00)?")
_BETWEEN: Final = re.compile(r"[;,、]+")


def form_named(name: str) -> Form | None:
    """Finds a form by its name in either language."""
    wanted = name.strip().lower()
    return next((form for form in FORMS if wanted in (form.name, form.zh)), None)


def value_of(column: Column, cell: str) -> object:
    """Reads a cell that is not empty; names of other things stay names. Raises CellError."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if len(text) > LONGEST_CELL or not text.isprintable():
        raise CellError(f"最多 {LONGEST_CELL} 个字,不能换行", f"at most {LONGEST_CELL} characters in one line")
    match column.kind:
        case "number":
            return _number(text)
        case "numbers":
            return tuple(_number(part) for part in _parts(text))
        case "date":
            return _date(text)
        case "time":
            return _time(text)
        case "choice":
            return _choice(column, text)
        case "texts" | "many":
            return _parts(text)
        case _:
            return text


def _parts(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in _BETWEEN.split(text) if part.strip()))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:9]) <= LARGEST_NUMBER):
        raise CellError(f"应为 0 到 {LARGEST_NUMBER} 的整数", f"a whole number of 0 to {LARGEST_NUMBER}")
    return int(text)


def _date(text: str) -> date:
    match = _DATE.fullmatch(text)
    try:
        if match is not None:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    raise CellError("应为日期,如 2026-09-01", "a date such as 2026-09-01")


def _time(text: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise CellError("应为时间,如 08:30", "a time such as 08:30")
    return 60 * int(match[1]) + int(match[2])


def _choice(column: Column, text: str) -> object:
    if text in column.choices:
        return column.choices[text]
    by_meaning = {str(meaning): meaning for meaning in column.choices.values()}
    if text.lower() in by_meaning:
        return by_meaning[text.lower()]
    raise CellError(f"应为:{'、'.join(column.choices)}", f"one of {', '.join(by_meaning)}")
