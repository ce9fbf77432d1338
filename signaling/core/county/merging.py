"""Rows become things beside those that are there: what a file does not name stays as it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from signaling.core.county import things
from signaling.core.county.bells import Bells, BellsError, Period
from signaling.core.county.bells import checked as checked_bells
from signaling.core.county.county import KINDS, County
from signaling.core.county.findings import Finding
from signaling.core.county.reading import Row
from signaling.core.county.term import Term, TermError
from signaling.core.county.term import checked as checked_term
from signaling.core.county.things import CourseId, Entry, SchoolId, TermId, Textbook

_THINGS: Final[Mapping[str, Callable[..., Any]]] = {
    "regions": things.Region,
    "schools": things.School,
    "classrooms": things.Classroom,
    "people": things.Person,
    "classes": things.SchoolClass,
    "pairings": things.Pairing,
    "courses": things.Course,
}


@dataclass(slots=True)
class _Merging:
    """What has become of the county so far."""

    things: dict[str, dict[Any, Any]]
    textbooks: dict[tuple[SchoolId, int, str], Textbook]
    bells: dict[tuple[SchoolId, date], Bells]
    terms: dict[TermId, Term]
    entries: list[Entry]
    names: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """Of each kind the ids by name, as a teacher writes the name."""
    seen: set[tuple[object, ...]] = field(default_factory=set)
    found: list[Finding] = field(default_factory=list)
    broken: set[tuple[str, object]] = field(default_factory=set)
    """Ids and names of rows in which something is wrong."""
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    """Where each thing of this file was written."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The county with the file's things in it; it counts only where nothing fatal was found."""

    county: County
    findings: tuple[Finding, ...]
    rows: Mapping[tuple[str, str], Row]


def merge(county: County, rows: Iterable[Row]) -> Merged:
    """Takes rows in the order of the forms."""
    by_form: dict[str, list[Row]] = {}
    for row in rows:
        by_form.setdefault(row.form.name, []).append(row)
    kinds: dict[str, dict[Any, Any]] = {kind: dict(getattr(county, kind)) for kind in KINDS}
    merging = _Merging(kinds, dict(county.textbooks), dict(county.bells), dict(county.terms), list(county.entries))
    for name, of_form in by_form.items():
        _STEPS.get(name, _add_things)(merging, of_form)
    made: dict[str, Any] = {kind: kinds[kind] for kind in KINDS}
    made |= {"textbooks": merging.textbooks, "bells": merging.bells, "terms": merging.terms}
    whole = replace(county, **made, entries=tuple(merging.entries))
    return Merged(whole, tuple(merging.found), merging.rows)


def _add_things(merging: _Merging, rows: list[Row]) -> None:
    for row in rows:
        values = _resolved(merging, row)
        if values is not None and _is_new(merging, row, values["id"]):
            merging.things[row.form.name][values["id"]] = _THINGS[row.form.name](**values)
            merging.rows[row.form.name, values["id"]] = row
            if row.form.name == "regions":
                merging.names.pop("regions", None)  # the next row may lie within this one
    merging.names.pop(rows[0].form.name, None)


def _add_textbooks(merging: _Merging, rows: list[Row]) -> None:
    for row in rows:
        values = _resolved(merging, row)
        if values is not None and _is_new(merging, row, values["school"], values["grade"], values["subject"]):
            book = Textbook(**values)
            merging.textbooks[book.school, book.grade, book.subject] = book


def _add_bells(merging: _Merging, rows: list[Row]) -> None:
    """The rows of one school and first day are one set of bells, and take the place of the one that was there."""
    days: dict[tuple[SchoolId, date], list[tuple[Row, Period, str]]] = {}
    for row in rows:
        values = _resolved(merging, row)
        if values is not None:
            period = Period(values["number"], values["begins_min"], values["ends_min"])
            key = (values["school"], values["begins"])
            days.setdefault(key, []).append((row, period, values.get("season", "")))
    for (school, begins), said in days.items():
        bells = Bells(school, begins, tuple(period for _, period, _ in said), said[0][2])
        try:
            merging.bells[school, begins] = checked_bells(bells)
        except BellsError as error:
            zh = "这张作息时间表有误:节次应依次排列,时间不能重叠,结束应晚于开始"
            merging.found.append(said[0][0].finding("wrong_bells", "number", zh, f"these bells are wrong: {error}"))


def _add_terms(merging: _Merging, rows: list[Row]) -> None:
    for row in rows:
        values = _resolved(merging, row)
        if values is None or not _is_new(merging, row, values["id"]):
            continue
        before = merging.terms.get(values["id"])
        kept: dict[str, Any] = {} if before is None else {"holidays": before.holidays, "made_up": before.made_up}
        exams = frozenset(values.pop("exam_weeks", ()))
        _put_term(merging, Term(exam_weeks=exams, **values, **kept), row)


def _add_days(merging: _Merging, rows: list[Row]) -> None:
    """The days of each term that the sheet names take the place of those that were there."""
    emptied: set[TermId] = set()
    for row in rows:
        values = _resolved(merging, row)
        if values is None or not _is_new(merging, row, values["term"], values["day"]):
            continue
        term = merging.terms[values["term"]]
        if term.id not in emptied:
            emptied.add(term.id)
            term = replace(term, holidays=frozenset(), made_up={})
        follows = values.get("follows")
        if (values["what"] == "made_up") != (follows is not None):
            zh = "补课要写“补哪一天”,放假不写"
            en = "a day that is made up for names the other day; a holiday does not"
            merging.found.append(row.finding("wrong_day", "follows", zh, en))
        elif follows is None:
            _put_term(merging, replace(term, holidays=term.holidays | {values["day"]}), row)
        else:
            _put_term(merging, replace(term, made_up={**term.made_up, values["day"]: follows}), row)


def _put_term(merging: _Merging, term: Term, row: Row) -> None:
    try:
        merging.terms[term.id] = checked_term(term)
    except TermError as error:
        zh = "日期不对:应在学期之内,学期不超过一年,同一天不能又放假又补课"
        merging.found.append(row.finding("wrong_term", "", zh, str(error)))


def _add_entries(merging: _Merging, rows: list[Row]) -> None:
    """The lines of each course that the sheet names take the place of those that were there."""
    made: list[Entry] = []
    for row in rows:
        values = _resolved(merging, row)
        weeks = None if values is None else values.get("weeks", "every")
        if values is not None and _is_new(merging, row, values["course"], values["weekday"], values["period"], weeks):
            made.append(Entry(**values))
    named: set[CourseId] = {entry.course for entry in made}
    merging.entries[:] = [*(entry for entry in merging.entries if entry.course not in named), *made]


def _is_new(merging: _Merging, row: Row, *key: object) -> bool:
    """Tells whether this file has not said the same already."""
    whole = (row.form.name, *key)
    if whole in merging.seen:
        zh, en = "与前面的一行重复", "repeats an earlier row"
        merging.found.append(row.finding("twice", row.form.columns[0].name, zh, en))
        return False
    merging.seen.add(whole)
    return True


def _resolved(merging: _Merging, row: Row) -> dict[str, Any] | None:
    """The values with ids in the place of names; None where some name is nobody's, or of more than one."""
    values: dict[str, Any] = dict(row.values)
    good = not row.broken
    for column in row.form.columns:
        if row.broken or column.kind not in ("one", "many") or column.name not in values:
            continue
        named = values[column.name]
        names = named if column.kind == "many" else (named,)
        ids = [_id_of(merging, row, column.name, column.of, name) for name in names]
        good = good and None not in ids
        values[column.name] = tuple(ids) if column.kind == "many" else ids[0]
    if not good:
        said = (row.values.get("id"), row.values.get("name"), f"{row.values.get('school')} {row.values.get('name')}")
        merging.broken |= {(row.form.name, name) for name in said if name is not None}
        return None
    return values


def _id_of(merging: _Merging, row: Row, column: str, kind: str, name: str) -> str | None:
    known: Mapping[Any, Any] = merging.terms if kind == "terms" else merging.things[kind]
    if name in known:
        return name
    if kind not in merging.names:
        merging.names[kind] = _names(merging, kind, known)
    ids = merging.names[kind].get(name, [])
    if len(ids) == 1:
        return ids[0]
    if ids:
        zh, en = f"有 {len(ids)} 个“{name}”,请写代码", f"there are {len(ids)} of the name {name}; write the code"
        merging.found.append(row.finding("ambiguous", column, zh, en))
    elif (kind, name) not in merging.broken:
        zh, en = f"没有“{name}”,也没有这个代码", f"there is nothing of the name or code {name}"
        merging.found.append(row.finding("unknown", column, zh, en))
    return None


def _names(merging: _Merging, kind: str, known: Mapping[Any, Any]) -> dict[str, list[str]]:
    """Rooms and classes are called by their school and name: 东村教学点 教室."""
    names: dict[str, list[str]] = {}
    for thing in known.values():
        name = getattr(thing, "name", "")
        if kind in ("classrooms", "classes"):
            name = f"{merging.things['schools'][thing.school].name} {name}"
        names.setdefault(name, []).append(thing.id)
    return names


_STEPS: Final[Mapping[str, Callable[[_Merging, list[Row]], None]]] = {
    "textbooks": _add_textbooks,
    "bells": _add_bells,
    "terms": _add_terms,
    "days": _add_days,
    "timetable": _add_entries,
}
