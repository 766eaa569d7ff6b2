"""Roster files made in memory, sound and damaged."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import xlwt

Table = Sequence[Sequence[Any]]

HEADER: list[Any] = ["No", "Nama", "NIP", "Unit Kerja"]
PEOPLE: list[list[Any]] = [
    [1, "Andi Contoh", "198001012005011001", "Dinas Kesehatan"],
    [2, "Bella Contoh", "198502022010022002", "Dinas Pendidikan"],
]
TABLE: Table = [HEADER, *PEOPLE]

_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(
    table: Table = TABLE,
    *,
    sheet: str = "Data",
    merged: Sequence[str] = (),
    others: Mapping[str, Table] | None = None,
) -> io.BytesIO:
    """A workbook of one sheet, and of `others` by name."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in {sheet: table, **(others or {})}.items():
        tab = book.create_sheet(name)
        for row in rows:
            tab.append(list(row))
    for cells in merged:
        book[sheet].merge_cells(cells)
    return saved(book)


def saved(book: openpyxl.Workbook) -> io.BytesIO:
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def xls(table: Table = TABLE, *, merged: Sequence[tuple[int, int, int, int]] = ()) -> io.BytesIO:
    """`merged` as (top, bottom, left, right), from 0."""
    book = xlwt.Workbook()
    tab = book.add_sheet("Data", cell_overwrite_ok=True)
    for r, row in enumerate(table):
        for c, value in enumerate(row):
            tab.write(r, c, value)
    for top, bottom, left, right in merged:
        tab.merge(top, bottom, left, right)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def csv(text: str, encoding: str = "utf-8") -> io.BytesIO:
    return io.BytesIO(text.encode(encoding))


def archive(
    parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED
) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    file.seek(0)
    return file


def bare_xlsx(sheet_data: str, *, prolog: str = "", texts: str = "", after: str = "") -> io.BytesIO:
    """A workbook written by hand, of what stands inside <sheetData>."""
    return archive(bare_parts(sheet_data, prolog=prolog, texts=texts, after=after))


def bare_parts(
    sheet_data: str, *, prolog: str = "", texts: str = "", after: str = ""
) -> dict[str, str | bytes]:
    return {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings"'
            ' Target="/xl/sharedStrings.xml"/>'
            "</Relationships>"
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{texts}</sst>',
        "xl/worksheets/sheet1.xml": (
            f'{prolog}<worksheet xmlns="{_MAIN}"><sheetData>{sheet_data}</sheetData>'
            f"{after}</worksheet>"
        ),
    }


def inline_row(number: int, *texts: str) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    return f'<row r="{number}">{cells}</row>'
