"""Files of schools to sheets of text, and the template back: .xlsx, CSV in UTF-8 or GBK, and CSV files in a .zip."""

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Final

from signaling.core.county.findings import Finding
from signaling.core.county.forms import FORMS, GUIDE, Column
from signaling.core.county.reading import MOST_ROWS, Sheet

LARGEST_FILE: Final = 16 * 1024 * 1024
LARGEST_UNPACKED: Final = 128 * 1024 * 1024
"""What 200,000 people come to, several times over."""
MOST_PARTS: Final = 64
MOST_COLUMNS: Final = 64
_KINDS: Final = {
    "text": "文字", "texts": "文字,多项用分号隔开", "number": "整数", "numbers": "整数,多项用分号隔开",
    "date": "日期", "time": "时间", "one": "代码或名称", "many": "代码或名称,多项用分号隔开",
}  # fmt: skip


class FileError(ValueError):
    """This file cannot be read at all."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.finding = Finding("unreadable_file", f"{zh}。", f"{en}.")


def sheets_of(data: bytes, name: str = "csv") -> tuple[Sheet, ...]:
    """Takes a file apart, whatever its kind; raises FileError."""
    if not data.startswith(b"PK"):
        return (_csv(name, data),)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = [info for info in packed.infolist() if not info.is_dir()]
            if len(parts) > MOST_PARTS or sum(info.file_size for info in parts) > LARGEST_UNPACKED:
                raise FileError("文件太大", "this file holds too much")
            if "xl/workbook.xml" in packed.namelist():
                return _workbook(data)
            named = [(info.filename.rpartition("/")[2], info) for info in parts]
            return tuple(_csv(name, packed.read(info)) for name, info in named if name.lower().endswith(".csv"))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise FileError("压缩文件已损坏或加密", f"this file is damaged or locked ({error})") from None


def _csv(name: str, data: bytes) -> Sheet:
    try:
        rows = tuple(tuple(row) for row in csv.reader(io.StringIO(_text(data), newline=""), strict=True))
    except csv.Error as error:
        raise FileError(f"“{name}”不是 CSV 文件", f"{name} is no CSV file ({error})") from None
    return Sheet(name.removesuffix(".csv"), rows)


def _text(data: bytes) -> str:
    """Spreadsheets of Chinese Windows write GBK, all others UTF-8; GBK is read as what it has grown to, GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileError("文件不是 xlsx,也不是 UTF-8 或 GBK 编码的 CSV", "this is neither .xlsx nor CSV in UTF-8 or GBK")


def _workbook(data: bytes) -> tuple[Sheet, ...]:
    # Loading openpyxl takes 0.2 s, so only who imports waits for it.
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return tuple(
            Sheet(sheet.title, _rows(sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)))
            for sheet in book.worksheets
        )
    except FileError:
        raise
    except Exception as error:  # openpyxl raises whatever a broken part makes it stumble over
        raise FileError("这个 Excel 文件打不开", f"this workbook cannot be read ({type(error).__name__})") from None


def _rows(cells: Iterable[tuple[object, ...]]) -> tuple[tuple[str, ...], ...]:
    """Without the empty cells and rows that stand behind the others."""
    rows = [_trimmed(row) for row in cells]
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def _trimmed(cells: tuple[object, ...]) -> tuple[str, ...]:
    last = max((i for i, cell in enumerate(cells) if cell is not None), default=-1)
    return tuple(map(_cell, cells[: last + 1]))


def _cell(value: object) -> str:
    """What a person sees in a cell."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d") if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def template() -> bytes:
    """A workbook with all sheets, and one that explains them."""
    import openpyxl
    from openpyxl.styles import Font

    book = openpyxl.Workbook()
    guide = book.active
    assert guide is not None
    guide.title = GUIDE
    for line in (("工作表", "列", "Column", "必填", "内容", "例"), *_guide()):
        guide.append(line)
    for form in FORMS:
        sheet = book.create_sheet(form.zh)
        sheet.append([column.zh for column in form.columns])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _guide() -> Iterable[tuple[str, ...]]:
    for form in FORMS:
        for column in form.columns:
            needed = "" if column.optional else "是"
            yield form.zh, column.zh, f"{form.name}.{column.name}", needed, _meaning(column), column.example


def _meaning(column: Column) -> str:
    return "、".join(column.choices) if column.kind == "choice" else _KINDS[column.kind]
