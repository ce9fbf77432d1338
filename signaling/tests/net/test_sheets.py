"""signaling.net.sheets: files as schools send them"""

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from signaling.core.county.county import County
from signaling.core.county.forms import FORMS, GUIDE
from signaling.core.county.importing import check
from signaling.net.sheets import FileError, sheets_of, template
from signaling.tests.core.county.files import SHEETS, checked


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def packed(encoding: str, sheets: dict[str, list[list[str]]] = SHEETS) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, rows in sheets.items():
            made.writestr(f"东县/{name}.csv", "\r\n".join(",".join(row) for row in rows).encode(encoding))
    return file.getvalue()


def test_a_workbook_and_csv_of_either_encoding_are_the_same_county() -> None:
    expected = checked().county
    book = workbook({name: [list(row) for row in rows] for name, rows in SHEETS.items()})
    for data in (book, packed("utf-8"), packed("utf-8-sig"), packed("gbk")):
        made = check(County(), sheets_of(data))
        assert made.good and made.county == expected


def test_cells_are_what_a_person_sees_in_them() -> None:
    row: list[object] = [datetime(2026, 9, 1), date(2026, 9, 1), time(8, 30), 3.0, 3.5, 12, None, "王芳"]
    (sheet,) = sheets_of(workbook({"学校": [row]}))
    assert sheet.rows == (("2026-09-01", "2026-09-01", "08:30", "3", "3.5", "12", "", "王芳"),)


def test_the_template_has_every_sheet_and_is_empty_as_it_comes() -> None:
    sheets = sheets_of(template())
    assert [sheet.name for sheet in sheets] == [GUIDE, *(form.zh for form in FORMS)]
    assert [finding.code for finding in check(County(), sheets).findings] == ["nothing"]


def test_a_filled_template_is_a_county() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template()))
    for name, rows in SHEETS.items():
        for row in rows[1:]:
            book[name].append(row)
    file = io.BytesIO()
    book.save(file)
    assert check(County(), sheets_of(file.getvalue())).county == checked().county


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name.replace("_", "/") + ".xml", part)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\x00\x01",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"PK\x03\x04 not a zip",
        b'a,"b\nc',
        zipped(xl_workbook=b"<workbook/>"),
        zipped(xl_workbook=b"\x00"),
        zipped(big=b"0" * (129 * 1024 * 1024)),
    ],
    ids=["utf-16", "png", "no zip", "no csv", "empty workbook", "no xml", "bomb"],
)
def test_what_cannot_be_read_is_said_in_words(data: bytes) -> None:
    with pytest.raises(FileError) as refused:
        sheets_of(data)
    assert refused.value.finding.zh and refused.value.finding.code == "unreadable_file"
