"""Tables to take away, in which no cell runs as a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from pledges import tables
from pledges.tables import Column

COLUMNS = [Column("Nama", 30), Column("NIP", 22), Column("Jumlah", 10)]
FORMULAS = ["=1+1", "+62", "-2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "\x00=1"]


def read_xlsx(content: bytes):
    return load_workbook(io.BytesIO(content)).worksheets[0]


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_table_has_its_heading_and_its_rows_in_both_forms():
    rows = [("Siti Aminah, S.Pd.", "198001012005012001", 3), ('Budi "Bud" Santoso', "", 0)]

    sheet = read_xlsx(tables.as_xlsx("Daftar", COLUMNS, rows))

    assert sheet.title == "Daftar"
    assert [[cell.value or "" for cell in row] for row in sheet.iter_rows()] == [
        ["Nama", "NIP", "Jumlah"],
        ["Siti Aminah, S.Pd.", "198001012005012001", 3],
        ['Budi "Bud" Santoso', "", ""],
    ]
    assert read_csv(tables.as_csv(COLUMNS, rows)) == [
        ["Nama", "NIP", "Jumlah"],
        ["Siti Aminah, S.Pd.", "198001012005012001", "3"],
        ['Budi "Bud" Santoso', "", "0"],
    ]


def test_the_heading_stays_in_view_and_can_be_filtered():
    sheet = read_xlsx(tables.as_xlsx("Daftar", COLUMNS, [("A", "1", 1)]))

    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:C2"
    assert sheet.column_dimensions["A"].width == 30


def test_a_nip_is_text_in_xlsx_and_stays_text_when_its_cell_is_edited():
    cell = read_xlsx(tables.as_xlsx("Daftar", COLUMNS, [("A", "198001012005012001", 1)]))["B2"]

    assert (cell.value, cell.data_type, cell.number_format) == ("198001012005012001", "s", "@")


def test_csv_begins_with_the_byte_order_mark_that_excel_needs():
    assert tables.as_csv(COLUMNS, []).startswith(b'\xef\xbb\xbf"Nama",')


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_cell_that_begins_like_a_formula_is_neutralised(formula):
    row = (formula, "", 0)

    cell = read_xlsx(tables.as_xlsx("Daftar", COLUMNS, [row]))["A2"]
    text = read_csv(tables.as_csv(COLUMNS, [row]))[1][0]

    assert cell.data_type == "s"
    assert cell.value.startswith("'")
    assert text.startswith("'")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_ever_becomes_a_formula(text):
    row = (text, "", 0)

    cell = read_xlsx(tables.as_xlsx("Daftar", COLUMNS, [row]))["A2"]

    assert cell.data_type != "f"
    assert not str(cell.value or "").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not tables.as_csv(COLUMNS, [row]).decode("utf-8-sig").splitlines()[1].startswith("=")
