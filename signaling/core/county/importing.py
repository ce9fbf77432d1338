"""An import from sheets to a county: read, merged, looked at as a whole, planned; all of it counts or none."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from signaling.core.county import clashes
from signaling.core.county.county import County, other_editions
from signaling.core.county.findings import Finding, refuse
from signaling.core.county.merging import Merged, merge
from signaling.core.county.planner import plan
from signaling.core.county.reading import Row, Sheet, read
from signaling.core.county.things import Course, Pairing
from signaling.core.office import MOST_RURAL

MOST_FINDINGS: Final = 200
"""Who has more of them has one mistake many times."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What an import would make of the county, and all that was found."""

    county: County
    findings: tuple[Finding, ...]
    rows: Mapping[str, int]
    """How many rows of each sheet were read."""

    @property
    def good(self) -> bool:
        """It may be saved."""
        return not refuse(self.findings)


def check(county: County, sheets: Iterable[Sheet]) -> Checked:
    """Reads the sheets of an import; nothing is changed."""
    rows, found = read(sheets)
    return check_rows(county, rows, found)


def check_rows(county: County, rows: tuple[Row, ...], found: tuple[Finding, ...]) -> Checked:
    """The same for rows that were read already."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.form.name] = counts.get(row.form.name, 0) + 1
    if not rows and not found:
        found = (Finding("nothing", "文件里没有可以导入的内容。", "There is nothing to import in this file."),)
    merged = merge(county, rows)
    findings = (*found, *merged.findings)
    if not refuse(findings):
        findings = (*findings, *_of_pairings(merged), *_of_courses(merged))
    if not refuse(findings):
        findings = (*findings, *whole_terms(merged.county))
    return Checked(merged.county, _most(findings), counts)


def whole_terms(county: County) -> tuple[Finding, ...]:
    """What planning all terms finds: no shared time, clashes, other textbooks."""
    if not county.terms:
        return ()
    first = min(term.first for term in county.terms.values())
    last = max(term.last for term in county.terms.values())
    made = plan(county, first, last)
    found = clashes.in_words(clashes.clashes(county, made.lessons))
    return (*made.findings, *found, *other_editions(county, county.courses.values()))


def _most(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Errors first, and not too many."""
    sorted_ones = sorted(findings, key=lambda finding: not finding.fatal)
    if len(sorted_ones) <= MOST_FINDINGS:
        return tuple(sorted_ones)
    more = len(sorted_ones) - MOST_FINDINGS
    weight = "error" if sorted_ones[MOST_FINDINGS].fatal else "warning"
    last = Finding("more", f"还有 {more} 处。", f"And {more} more.", "error" if weight == "error" else "warning")
    return (*sorted_ones[:MOST_FINDINGS], last)


def _of_pairings(merged: Merged) -> Iterator[Finding]:
    """Also of pairings that the file does not name: what it says of a classroom may concern them."""
    for pairing in merged.county.pairings.values():
        for column, code, words in _of_pairing(merged.county, pairing):
            yield _say(merged.rows.get(("pairings", pairing.id)), column, code, words)


def _of_courses(merged: Merged) -> Iterator[Finding]:
    for course in merged.county.courses.values():
        for column, code, words in _of_course(merged.county, course):
            yield _say(merged.rows.get(("courses", course.id)), column, code, words)


def _say(row: Row | None, column: str, code: str, words: tuple[str, str]) -> Finding:
    zh, en = words
    warning = code == "other_subject"
    if row is not None:
        return row.finding(code, column, zh, en, warning=warning)
    return Finding(code, f"{zh}。", f"{en}.", "warning" if warning else "error")


_Said: TypeAlias = tuple[str, str, tuple[str, str]]
"""Column, code, words."""


def _of_pairing(county: County, pairing: Pairing) -> Iterator[_Said]:
    if not 1 <= len(pairing.rural) <= MOST_RURAL:
        zh, en = f"听讲教室应为 1 到 {MOST_RURAL} 间", f"a pairing has 1 to {MOST_RURAL} rural classrooms"
        yield "rural", "wrong_classrooms", (f"结对 {pairing.id} 的{zh}", f"{en} ({pairing.id})")
    if pairing.lead in pairing.rural:
        words = (f"结对 {pairing.id} 的主讲教室不能同时听讲", f"the lead classroom of {pairing.id} is no rural one")
        yield "rural", "wrong_classrooms", words
    for room in (pairing.lead, *pairing.rural):
        if not county.classrooms[room].interactive:
            yield (
                "rural",
                "listening_only",
                (f"教室 {room} 只能收看,不能结对互动", f"the classroom {room} only receives"),
            )


def _of_course(county: County, course: Course) -> Iterator[_Said]:
    pairing, name = county.pairings[course.pairing], course.id
    rooms, helpers = len(pairing.rural), len(course.assistants)
    if rooms != helpers:
        zh = f"课程 {name} 每间听讲教室要有一名助教:教室 {rooms} 间,助教 {helpers} 名"
        en = f"each rural classroom of {name} has one assistant: {rooms} classrooms, {helpers} named"
        yield "assistants", "wrong_assistants", (zh, en)
    if course.subject not in pairing.subjects:
        zh = f"课程 {name}:结对 {pairing.id} 没有学科“{course.subject}”"
        yield "subject", "wrong_subject", (zh, f"the pairing {pairing.id} of {name} is not for {course.subject}")
    teacher = county.people[course.teacher]
    if teacher.subjects and course.subject not in teacher.subjects:
        zh = f"课程 {name}:{teacher.name} 没有登记学科“{course.subject}”"
        yield "teacher", "other_subject", (zh, f"{teacher.name} is not known to teach {course.subject} ({name})")
