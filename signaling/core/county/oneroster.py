"""OneRoster 1.2 CSV as rows of our own forms: schools, terms, teachers, and classes with a number of pupils.

Pupils' names and birthdays are passed over: a lesson needs none of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from signaling.core.county.findings import Finding
from signaling.core.county.forms import form_named
from signaling.core.county.reading import Row, Sheet, found_at, row_of

MANIFEST: Final = "manifest"
_VERSION: Final = "oneroster.version"
_LEVELS: Final = {"national": "省", "state": "省", "local": "市", "district": "县"}
_TEACHERS: Final = frozenset({"teacher", "aide", "principal", "districtAdministrator", "siteAdministrator"})
_GRADES: Final = {f"{n:02d}": str(n) for n in range(1, 13)}
"""Of the CEDS codes those that a school here has."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a file by its column names, and where it is."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "").strip()


def is_oneroster(sheets: Sequence[Sheet]) -> bool:
    """Tells whether these files are a OneRoster export."""
    return any(_stem(sheet) == MANIFEST for sheet in sheets)


def rows_of(sheets: Sequence[Sheet]) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
    """Reads all that a county needs of an export."""
    files = {_stem(sheet): _lines(sheet) for sheet in sheets}
    version = {line["propertyName"]: line["value"] for line in files[MANIFEST]}.get(_VERSION, "")
    if version != "1.2":
        words = (
            f"应为 OneRoster 1.2,文件写的是“{version}”",
            f"this is OneRoster {version or 'of no version'}, not 1.2",
        )
        return (), (found_at("manifest.csv", 1, "value", "wrong_version", words),)
    found: list[Finding] = []
    rows = [
        _row(form, line, texts, headers, found)
        for step in (_regions, _schools, _teachers, _classes, _terms)
        for form, line, texts, headers in step(files)
    ]
    return tuple(rows), tuple(found)


_Made = tuple[str, _Line, dict[str, str], dict[str, str]]
_Files = Mapping[str, tuple[_Line, ...]]


def _row(form: str, line: _Line, texts: Mapping[str, str], headers: Mapping[str, str], found: list[Finding]) -> Row:
    wanted = form_named(form)
    assert wanted is not None
    return row_of(wanted, line.file, line.number, texts, headers, found)


def _regions(files: _Files) -> Iterator[_Made]:
    """Orgs above the schools, the highest first so that each finds the one that it lies within."""
    orgs = files.get("orgs", ())
    known = {line["sourcedId"] for line in orgs}
    for kind, level in _LEVELS.items():
        for line in orgs:
            if line["type"] == kind:
                within = line["parentSourcedId"] if line["parentSourcedId"] in known else ""
                texts = {"id": line["sourcedId"], "name": line["name"], "level": level, "within": within}
                yield "regions", line, texts, {"id": "sourcedId", "within": "parentSourcedId", "level": "type"}


def _schools(files: _Files) -> Iterator[_Made]:
    for line in files.get("orgs", ()):
        if line["type"] == "school":
            texts = {"id": line["sourcedId"], "name": line["name"], "region": line["parentSourcedId"]}
            yield "schools", line, texts, {"id": "sourcedId", "region": "parentSourcedId"}


def _teachers(files: _Files) -> Iterator[_Made]:
    """Who has a role of staff anywhere; the primary one says at which school."""
    at: dict[str, str] = {}
    for line in files.get("roles", ()):
        if line["role"] in _TEACHERS and (line["userSourcedId"] not in at or line["roleType"] == "primary"):
            at[line["userSourcedId"]] = line["orgSourcedId"]
    schools = {line["sourcedId"] for line in files.get("orgs", ()) if line["type"] == "school"}
    for line in files.get("users", ()):
        school = line["primaryOrgSourcedId"] or at.get(line["sourcedId"], "")
        if line["sourcedId"] in at and (school in schools or not at[line["sourcedId"]]):
            texts = {"id": line["sourcedId"], "name": _name(line), "school": school}
            yield "people", line, texts, {"id": "sourcedId", "name": "familyName", "school": "primaryOrgSourcedId"}


def _name(line: _Line) -> str:
    """Chinese names have the family's first and nothing between."""
    given, family = line["givenName"], line["familyName"]
    return f"{given} {family}".strip() if (given + family).isascii() else family + given


def _classes(files: _Files) -> Iterator[_Made]:
    pupils = Counter(line["classSourcedId"] for line in files.get("enrollments", ()) if line["role"] == "student")
    for line in files.get("classes", ()):
        grades = ";".join(_GRADES.get(grade.strip(), grade.strip()) for grade in line["grades"].split(","))
        texts = {
            "id": line["sourcedId"],
            "school": line["schoolSourcedId"],
            "name": line["title"],
            "grades": grades,
            "headcount": str(pupils[line["sourcedId"]]),
        }
        yield (
            "classes",
            line,
            texts,
            {"id": "sourcedId", "school": "schoolSourcedId", "name": "title", "grades": "grades"},
        )


def _terms(files: _Files) -> Iterator[_Made]:
    for line in files.get("academicSessions", ()):
        if line["type"] in ("term", "semester"):
            dates = {"first": line["startDate"], "last": line["endDate"]}
            texts = {"id": line["sourcedId"], "name": line["title"], **dates}
            yield "terms", line, texts, {"id": "sourcedId", "first": "startDate", "last": "endDate"}


def _lines(sheet: Sheet) -> tuple[_Line, ...]:
    """What is not marked as gone; a file without lines is as good as none."""
    if not sheet.rows:
        return ()
    header = [cell.strip() for cell in sheet.rows[0]]
    lines = (
        _Line(f"{_stem(sheet)}.csv", number, dict(zip(header, cells, strict=False)))
        for number, cells in enumerate(sheet.rows[1:], 2)
        if any(cells)
    )
    return tuple(line for line in lines if line["status"] != "tobedeleted")


def _stem(sheet: Sheet) -> str:
    return sheet.name.removesuffix(".csv")
