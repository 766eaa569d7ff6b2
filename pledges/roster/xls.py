"""XLS (Excel 97-2003) → sheets of text cells."""

from __future__ import annotations

import io
import struct

import xlrd
from xlrd.biffh import XLRDError, error_text_from_code
from xlrd.compdoc import CompDocError

from pledges.roster.sheets import (
    SAVE_AS_XLSX,
    Room,
    RosterFileError,
    Sheet,
    SheetDraft,
    Workbook,
    number_text,
    refuse_many_sheets,
)

_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_LOCKED = (
    "Berkas ini dikunci kata sandi. Buka di Excel, pilih File → Info → Proteksi Buku Kerja → "
    "Enkripsi dengan Kata Sandi (Protect Workbook → Encrypt with Password), kosongkan kata "
    "sandinya, simpan, lalu unggah lagi."
)
# xlrd follows a file's offsets and counts; in a damaged one they lead anywhere.
_BROKEN = (
    XLRDError,
    CompDocError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


def read_xls(data: bytes) -> Workbook:
    try:
        # Merges come with the formats only. xlrd prints what it finds odd: not here. Read at
        # once and padded, a few kilobytes of sheets would take gigabytes.
        book = xlrd.open_workbook(
            file_contents=data,
            formatting_info=True,
            logfile=io.StringIO(),
            on_demand=True,
            ragged_rows=True,
        )
        return _workbook(book)
    except _BROKEN as error:
        raise RosterFileError(_reason(data, str(error))) from error


def _reason(data: bytes, error: str) -> str:
    if "encrypted" in error.lower() or _ENCRYPTED_PACKAGE in data:
        return _LOCKED
    return f"Berkas .xls ini tidak dapat dibaca. {SAVE_AS_XLSX}"


def _workbook(book: xlrd.Book) -> Workbook:
    refuse_many_sheets(book.nsheets)
    room = Room()
    sheets: list[Sheet] = []
    hidden: list[str] = []
    for index in range(book.nsheets):
        sheet = book.sheet_by_index(index)
        if sheet.visibility == 0:
            sheets.append(_sheet(sheet, room))
        else:
            hidden.append(sheet.name)
        book.unload_sheet(index)
    return Workbook(tuple(sheets), tuple(hidden))


def _sheet(sheet: xlrd.sheet.Sheet, room: Room) -> Sheet:
    draft = SheetDraft(sheet.name, room)
    for row in range(sheet.nrows):
        kinds, values = sheet.row_types(row), sheet.row_values(row)
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            if value != "":
                draft.put(row + 1, column, _text(kind, value))
    for top, bottom, left, right in sheet.merged_cells:
        draft.merge(top + 1, left, bottom, right - 1)
    return draft.sheet()


def _text(kind: int, value: str | float) -> str:
    if isinstance(value, str):
        return value
    if kind == xlrd.XL_CELL_ERROR:
        return str(error_text_from_code.get(int(value), "#N/A"))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    return number_text(value)  # also of dates, which no column needs
