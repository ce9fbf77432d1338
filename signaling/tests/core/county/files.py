"""The sheets that a school office would send for a small county's term."""

from signaling.core.county.county import County
from signaling.core.county.findings import Finding
from signaling.core.county.importing import Checked, check
from signaling.core.county.reading import Sheet

SHEETS: dict[str, list[list[str]]] = {
    "地区": [
        ["代码", "名称", "级别", "上级"],
        ["33", "浙江省", "省", ""],
        ["3301", "杭州市", "市", "浙江省"],
        ["330182", "东县", "县", "3301"],
    ],
    "学校": [
        ["代码", "名称", "地区", "类型"],
        ["main", "实验小学", "东县", ""],
        ["east", "东村教学点", "东县", "教学点"],
    ],
    "教室": [
        ["代码", "学校", "名称", "网络", "屏幕数", "设备", "互动"],
        ["main-1", "实验小学", "录播教室", "有线", "2", "1号推车;实物展台", "是"],
        ["east-1", "东村教学点", "教室", "卫星", "1", "", ""],
        ["east-2", "东村教学点", "礼堂", "", "", "", "否"],
    ],
    "教师": [
        ["工号", "姓名", "学校", "学科", "名师工作室"],
        ["W1", "王芳", "实验小学", "音乐、美术", "王芳工作室"],
        ["L1", "李强", "东村教学点", "语文", ""],
    ],
    "班级": [["代码", "学校", "名称", "年级", "人数"], ["east-12", "东村教学点", "一二年级", "1;2", "5"]],
    "教材": [
        ["学校", "年级", "学科", "版本"],
        ["实验小学", "3", "音乐", "人教版"],
        ["东村教学点", "3", "音乐", "苏教版"],
    ],
    "作息时间表": [
        ["学校", "季节", "启用日期", "节次", "开始", "结束"],
        ["实验小学", "夏季", "2026-08-31", "1", "8:30", "9:10"],
        ["实验小学", "夏季", "2026-08-31", "2", "9:20", "10:00"],
        ["东村教学点", "", "2026/8/31", "1", "08:25", "09:10"],
        ["东村教学点", "", "2026年8月31日", "2", "9:20", "10:05"],
    ],
    "学期": [["代码", "名称", "开始", "结束", "考试周"], ["2026-autumn", "2026 秋", "2026-08-31", "2027-01-15", "20"]],
    "放假调休": [
        ["学期", "日期", "类型", "补哪一天"],
        ["2026-autumn", "2026-10-05", "放假", ""],
        ["2026-autumn", "2026-10-10", "补课", "2026-10-05"],
    ],
    "结对": [
        ["代码", "学期", "主讲教室", "听讲教室", "学科"],
        ["P1", "2026 秋", "实验小学 录播教室", "east-1", "音乐"],
    ],
    "课程": [
        ["代码", "结对", "学科", "年级", "主讲教师", "助教", "班级"],
        ["music-3", "P1", "音乐", "3", "王芳", "李强", "东村教学点 一二年级"],
    ],
    "课程表": [["课程", "星期", "节次", "单双周"], ["music-3", "周一", "2", "每周"]],
}


def sheets(**changes: list[list[str]]) -> tuple[Sheet, ...]:
    """All sheets, some of them others."""
    return tuple(Sheet(name, tuple(map(tuple, rows))) for name, rows in {**SHEETS, **changes}.items())


def with_cell(sheet: str, row: int, column: str, text: str) -> tuple[Sheet, ...]:
    """All sheets, with another text in one cell; rows as a spreadsheet numbers them."""
    rows = [list(cells) for cells in SHEETS[sheet]]
    rows[row - 1][rows[0].index(column)] = text
    return sheets(**{sheet: rows})


def checked(*given: Sheet, county: County | None = None) -> Checked:
    return check(county or County(), given or sheets())


def errors(made: Checked) -> list[Finding]:
    return [finding for finding in made.findings if finding.fatal]
