"""Tables to take away as XLSX and CSV, in which no cell runs as a formula. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

Value = str | int | float

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Of a CSV, in characters.
_PIECE = 64 * 1024

_LIKE_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Excel keeps 15 digits of a number, and shows more than eleven as 1,98003E+17.
_LONG_NUMBER = re.compile(r"\d{12,}")

_HEADING_FONT = Font(bold=True)
_HEADING_FILL = PatternFill("solid", fgColor="E9F0F8")


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: int  # in characters
    is_text: bool = False  # also what somebody types into it: Excel leaves its numbers alone


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]


def neutral(text: str) -> str:
    """The text, marked as text with an apostrophe if a spreadsheet might run it."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{text}" if text.startswith(_LIKE_FORMULA) else text


def as_xlsx(title: str, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> bytes:
    """One sheet, its heading frozen and filterable. Long numbers stay text when edited."""
    return as_workbook([Sheet(title, columns, rows)])


def as_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Several of them, in this order."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book.create_sheet(sheet.title), sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _write(page: Any, sheet: Sheet) -> None:
    columns, rows = sheet.columns, sheet.rows
    page.freeze_panes = "A2"
    for index, column in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(index)].width = column.width
    page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    page.append([_heading(page, column.title) for column in columns])
    for row in rows:
        cells = zip(row, columns, strict=True)
        page.append([_xlsx_cell(page, value, as_text=column.is_text) for value, column in cells])


def as_csv(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> bytes:
    """UTF-8 with the byte order mark that Excel needs; every text quoted, a NIP too.

    Programs read this one: a NIP is its digits and nothing more. Excel, which takes quoted
    digits for a number all the same, has the XLSX.
    """
    return b"".join(csv_pieces(columns, rows))


def csv_pieces(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The same, piece by piece: however many rows there are, few are in the memory."""
    target = io.StringIO("\ufeff")
    target.seek(0, io.SEEK_END)
    writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([column.title for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
        if target.tell() >= _PIECE:
            yield _emptied(target)
    yield _emptied(target)


def _emptied(target: io.StringIO) -> bytes:
    text = target.getvalue()
    target.seek(0)
    target.truncate()
    return text.encode()


def _heading(sheet: Any, title: str) -> Cell:
    cell = WriteOnlyCell(sheet, title)
    cell.font, cell.fill = _HEADING_FONT, _HEADING_FILL
    cell.alignment = Alignment(vertical="center")
    return cell


def _xlsx_cell(sheet: Any, value: Value, *, as_text: bool) -> Value | Cell:
    if not isinstance(value, str):
        return value
    text = neutral(value)
    if not as_text and not _LONG_NUMBER.fullmatch(text):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.number_format = "@"
    return cell


def _csv_cell(value: Value) -> Value:
    return neutral(value) if isinstance(value, str) else value
