"""Sheets of text become rows of values; what does not is found with sheet, row and column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from signaling.core.county.findings import Finding, Weight
from signaling.core.county.forms import FORMS, GUIDE, CellError, Column, Form, form_named, value_of

MOST_ROWS: Final = 250_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it came, all of it text; the first line is the header."""

    name: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row that has been read, and where it stood."""

    form: Form
    sheet: str
    number: int
    values: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)
    """What the columns are called where it stood."""
    broken: bool = False
    """Something in it is wrong and has been said; whoever names it is not told that it is not there."""

    def finding(self, code: str, column: str, zh: str, en: str, *, warning: bool = False) -> Finding:
        """Says something about one cell of this row, or, without a column, about all of it."""
        return found_at(self.sheet, self.number, self.headers.get(column, ""), code, (zh, en), warning=warning)


def found_at(sheet: str, row: int, column: str, code: str, words: tuple[str, str], *, warning: bool = False) -> Finding:
    """A finding that begins with where it is."""
    zh, en = words
    where_zh = f"工作表“{sheet}”第 {row} 行" + (f"“{column}”" if column else "")
    where_en = f"Sheet {sheet}, row {row}" + (f", column {column}" if column else "")
    weight: Weight = "warning" if warning else "error"
    return Finding(code, f"{where_zh}:{zh}。", f"{where_en}: {en}.", weight, sheet, row, column)


def read(sheets: Iterable[Sheet]) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
    """Reads all sheets in the order of the forms."""
    found: list[Finding] = []
    by_form: dict[str, list[Row]] = {form.name: [] for form in FORMS}
    left = MOST_ROWS
    for sheet in sheets:
        if sheet.name.strip() == GUIDE or not any(map(any, sheet.rows)):
            continue
        form = form_named(sheet.name) or _by_header(sheet)
        if form is None:
            names = "、".join(form.zh for form in FORMS)
            en = f"the sheet {sheet.name} is none of ours; name it as in the template"
            found.append(
                Finding("unknown_sheet", f"不认识工作表“{sheet.name}”,应为:{names}。", f"{en}.", sheet=sheet.name)
            )
            continue
        left -= len(sheet.rows)
        if left < 0:
            words = (f"一次最多导入 {MOST_ROWS} 行", f"an import has at most {MOST_ROWS} rows")
            found.append(found_at(sheet.name, len(sheet.rows), "", "too_many_rows", words))
            break
        by_form[form.name] += _rows(form, sheet, found)
    return tuple(row for rows in by_form.values() for row in rows), tuple(found)


def _by_header(sheet: Sheet) -> Form | None:
    """A CSV file has no name inside: its header says which sheet it is."""
    header = {cell.strip() for cell in sheet.rows[0]}
    fitting = [form for form in FORMS if all(_heads(column, header) for column in form.columns if not column.optional)]
    return max(fitting, key=lambda form: len([c for c in form.columns if _heads(c, header)]), default=None)


def _heads(column: Column, header: Iterable[str]) -> bool:
    return column.zh in header or column.name in header


def _rows(form: Form, sheet: Sheet, found: list[Finding]) -> list[Row]:
    header = [cell.strip() for cell in sheet.rows[0]]
    places = {column: _place(column, header) for column in form.columns}
    missing = [column for column, place in places.items() if place is None and not column.optional]
    for column in missing:
        words = (f"缺少列“{column.zh}”", f"the column {column.zh} ({column.name}) is missing")
        found.append(found_at(sheet.name, 1, column.zh, "missing_column", words))
    if missing:
        return []
    known = {column: place for column, place in places.items() if place is not None}
    return [
        _row(form, sheet, number, cells, known, found)
        for number, cells in enumerate(sheet.rows[1:], 2)
        if any(cell.strip() for cell in cells)
    ]


def _place(column: Column, header: Sequence[str]) -> int | None:
    return next((i for i, cell in enumerate(header) if cell in (column.zh, column.name)), None)


def _row(
    form: Form, sheet: Sheet, number: int, cells: Sequence[str], places: Mapping[Column, int], found: list[Finding]
) -> Row:
    headers = {column.name: sheet.rows[0][place].strip() for column, place in places.items()}
    texts = {column.name: cells[place] if place < len(cells) else "" for column, place in places.items()}
    return row_of(form, sheet.name, number, texts, headers, found)


def row_of(
    form: Form,
    sheet: str,
    number: int,
    texts: Mapping[str, str],
    headers: Mapping[str, str],
    found: list[Finding],
) -> Row:
    """Reads the cells of one row, named by field."""
    values: dict[str, object] = {}
    good = True
    for column in form.columns:
        text = texts.get(column.name, "").strip()
        shown = headers.get(column.name, column.zh)
        if not text and not column.optional:
            good = False
            found.append(found_at(sheet, number, shown, "empty_cell", ("不能为空", "must not be empty")))
        elif text:
            try:
                values[column.name] = value_of(column, text)
            except CellError as error:
                good = False
                words = (f"{error.zh};写的是“{text[:40]}”", f"{error.en}; it says {text[:40]!r}")
                found.append(found_at(sheet, number, shown, "wrong_cell", words))
    return Row(form, sheet, number, values, headers, broken=not good)
