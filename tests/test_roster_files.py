"""Files → sheets of text cells; every other file is refused with what to do instead."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from contextlib import suppress

import openpyxl
import pytest
import xlwt

from pledges import fonts
from pledges.roster import files, sheets, xlsx, xlsx_parts
from pledges.roster.files import MAX_BYTES, read_workbook
from pledges.roster.reading import read_rows
from pledges.roster.sheets import RosterFileError, number_text
from tests.spreadsheets import (
    TABLE,
    archive,
    bare_parts,
    bare_xlsx,
    csv,
    inline_row,
    saved,
    xls,
)
from tests.spreadsheets import xlsx as make_xlsx

SAVE_AS_INDONESIAN = r"File → Simpan Sebagai → Buku Kerja Excel \(\*\.xlsx\)"
SAVE_AS_ENGLISH = r"File → Save As → Excel Workbook \(\*\.xlsx\)"
CELLS = [
    ("No", "Nama", "NIP", "Unit Kerja"),
    ("1", "Andi Contoh", "198001012005011001", "Dinas Kesehatan"),
    ("2", "Bella Contoh", "198502022010022002", "Dinas Pendidikan"),
]
CSV = "No,Nama,NIP\n1,Andi Contoh,198001012005011001\n"
CSV_CELLS = [("No", "Nama", "NIP"), ("1", "Andi Contoh", "198001012005011001")]


def cells(file: io.BytesIO) -> list[tuple[str, ...]]:
    (sheet,) = read_workbook(file).sheets
    return [line.cells for line in sheet.lines]


def refused(file: io.BytesIO) -> str:
    with pytest.raises(RosterFileError) as caught:
        read_workbook(file)
    return str(caught.value)


# ------------------------------------------------------------------ what is read


def test_an_xlsx_is_read():
    assert cells(make_xlsx()) == CELLS


def test_an_old_xls_is_read():
    assert cells(xls()) == CELLS


def test_strings_inside_the_sheet_and_cells_without_reference_are_read():
    assert cells(bare_xlsx(inline_row(1, "Nama", "NIP"))) == [("Nama", "NIP")]


def test_rich_text_is_one_text_and_phonetic_guides_are_none():
    texts = "<si><r><t>Andi </t></r><r><t>Contoh</t></r><rPh><t>x</t></rPh></si>"
    assert cells(bare_xlsx('<row><c t="s"><v>0</v></c></row>', texts=texts)) == [("Andi Contoh",)]


def test_elements_with_a_namespace_prefix_are_read():
    parts = bare_parts("")
    parts["xl/worksheets/sheet1.xml"] = (
        '<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>'
        '<x:row r="1"><x:c r="A1" t="str"><x:v>Nama</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    assert cells(archive(parts)) == [("Nama",)]


def test_a_broken_style_sheet_does_not_matter():
    parts = bare_parts(inline_row(1, "Nama"))
    parts["xl/styles.xml"] = "<styleSheet><fills><fill/><fi"
    assert cells(archive(parts)) == [("Nama",)]


def test_escaped_characters_are_themselves_again():
    assert cells(bare_xlsx(inline_row(1, "a_x000D__x000A_b"))) == [("a\r\nb",)]
    assert cells(bare_xlsx(inline_row(1, "a_xD800_b"))) == [("a\ufffdb",)]


def test_rows_keep_the_numbers_that_excel_shows_and_blank_rows_are_left_out():
    (sheet,) = read_workbook(make_xlsx([["Nama"], [], [None, ""], ["Andi"]])).sheets
    assert [line.number for line in sheet.lines] == [1, 4]


def test_several_sheets_are_offered_in_their_order():
    workbook = read_workbook(make_xlsx(sheet="Dinas Kesehatan", others={"Kecamatan": TABLE}))
    assert [sheet.name for sheet in workbook.sheets] == ["Dinas Kesehatan", "Kecamatan"]


def test_hidden_sheets_are_named_and_not_read():
    book = openpyxl.load_workbook(make_xlsx(others={"Lama": TABLE}))
    book["Lama"].sheet_state = "hidden"
    workbook = read_workbook(saved(book))
    assert [sheet.name for sheet in workbook.sheets] == ["Data"]
    assert workbook.hidden == ("Lama",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_is_read_with_every_delimiter_and_encoding(delimiter, encoding):
    text = CSV.replace(",", delimiter).replace("Andi", "André")
    expected = [CSV_CELLS[0], ("1", "André Contoh", "198001012005011001")]
    assert cells(csv(text, encoding)) == expected


def test_utf_16_big_endian_with_its_mark_is_read():
    assert cells(io.BytesIO(b"\xfe\xff" + CSV.encode("utf-16-be"))) == CSV_CELLS


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_csv_lines_may_end_in_every_way(newline):
    assert cells(io.BytesIO(CSV.replace("\n", newline).encode())) == CSV_CELLS


def test_a_semicolon_file_is_not_cut_at_the_commas_of_its_titles():
    text = "DAFTAR ASN, KOTA CONTOH\nNama;NIP\nAndi, S.T.;1\nBella, M.Si., Ph.D.;2\n"
    assert cells(csv(text))[1:] == [
        ("Nama", "NIP"),
        ("Andi, S.T.", "1"),
        ("Bella, M.Si., Ph.D.", "2"),
    ]


def test_the_separator_line_that_excel_writes_is_followed():
    assert cells(csv("sep=;\nNama;NIP\nAndi, Budi, Citra;1\n"))[0] == ("Nama", "NIP")


def test_nip_cells_written_as_a_formula_in_csv_are_the_text_inside():
    text = 'Nama;NIP\nAndi;="198001012005011001"\nBella;"=""198502022010022002"""\n'
    assert [row[1] for row in cells(csv(text))] == [
        "NIP",
        "198001012005011001",
        "198502022010022002",
    ]


def test_a_cell_with_a_line_break_stays_one_row_in_csv():
    assert cells(csv('Nama,"Unit\nKerja"\nAndi,Dinas\n')) == [
        ("Nama", "Unit\nKerja"),
        ("Andi", "Dinas"),
    ]


def test_what_a_file_is_its_content_says_and_not_its_name(tmp_path):
    for name, file in {"a.csv": make_xlsx(), "b.xlsx": xls()}.items():
        path = tmp_path / name
        path.write_bytes(file.getvalue())
        with path.open("rb") as opened:
            assert len(read_workbook(opened).sheets[0].lines) == 3


# ------------------------------------------------------------------ numbers, formulas, merges


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (5.0, "5"),
        (81234567890.0, "81234567890"),
        (999999999999999.0, "999999999999999"),
        (198001012005011001.0, "1.98001012005011E+17"),
        (3273010101800001.0, "3.27301010180000E+15"),
        (2.5, "2.5"),
        (float("nan"), "#NUM!"),
        (float("inf"), "#NUM!"),
    ],
)
def test_a_number_beyond_15_digits_never_looks_like_the_number_typed(number, text):
    assert number_text(number) == text


@pytest.mark.parametrize("make", [make_xlsx, xls])
def test_a_nip_kept_as_a_number_is_shown_as_destroyed(make):
    table = [["Nama", "NIP"], ["Andi", 198001012005011001]]
    assert cells(make(table))[1] == ("Andi", "1.98001012005011E+17")


def test_a_formula_gives_the_value_that_was_stored_with_it():
    first = '<c r="A1" t="str"><f>A2&amp;B2</f><v>Andi</v></c>'
    second = '<c r="B1"><f>1+1</f><v>2</v></c>'
    assert cells(bare_xlsx(f'<row r="1">{first}{second}</row>')) == [("Andi", "2")]


def test_a_formula_without_a_stored_value_is_given_as_the_formula():
    first = '<c r="A1"><f>VLOOKUP(B1,X!A:B,2)</f></c>'
    second = '<c r="B1"><f t="shared" si="0"/></c>'
    assert cells(bare_xlsx(f'<row r="1">{first}{second}</row>')) == [("=VLOOKUP(B1,X!A:B,2)", "=…")]


def test_errors_and_truth_values_are_text():
    row = '<row r="1"><c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c></row>'
    assert cells(bare_xlsx(row)) == [("#N/A", "TRUE")]


@pytest.mark.parametrize(
    "file",
    [
        make_xlsx([["Unit", "Nama"], ["Dinas", "A"], [None, "B"], [None, "C"]], merged=["A2:A4"]),
        xls([["Unit", "Nama"], ["Dinas", "A"], ["", "B"], ["", "C"]], merged=[(1, 3, 0, 0)]),
    ],
)
def test_a_cell_merged_over_many_rows_fills_them(file):
    (sheet,) = read_workbook(file).sheets
    assert [line.cells for line in sheet.lines[1:]] == [
        ("Dinas", "A"),
        ("Dinas", "B"),
        ("Dinas", "C"),
    ]
    assert sheet.repeated == {(3, 0), (4, 0)}


def test_a_cell_merged_to_the_right_is_known_as_such():
    (sheet,) = read_workbook(make_xlsx([["DINAS"], ["Nama", "NIP"]], merged=["A1:B1"])).sheets
    assert sheet.wide == {(1, 0)}


def test_merges_that_overlap_or_reach_to_the_end_of_the_sheet_do_no_harm():
    after = "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 20_000 + "</mergeCells>"
    rows = "".join(inline_row(number, "", "x") for number in range(2, 3000))
    file = bare_xlsx(inline_row(1, "DINAS") + rows, after=after)
    started = time.monotonic()
    assert len(cells(file)) == 2999
    assert time.monotonic() - started < 5


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize("content", [b"", b"\n\n", b" ; ; \n;;\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content):
    assert "kosong" in refused(io.BytesIO(content))


def test_a_workbook_without_any_filled_cell_is_refused():
    assert "kosong" in refused(make_xlsx([]))


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body><table><tr><td>NIP</td></tr></table></body></html>",
        b"\r\n<!DOCTYPE html><html>",
        b"<table border=1><tr><th>NIP</th></tr></table>",
        b"\xef\xbb\xbf<html>",
        "<html><table>".encode("utf-16"),
        b'<meta http-equiv="Content-Type"><table>',
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related",
    ],
)
def test_html_named_xls_is_refused_with_the_save_as_steps(content):
    with pytest.raises(RosterFileError, match=f"HTML.*{SAVE_AS_INDONESIAN}.*{SAVE_AS_ENGLISH}"):
        read_workbook(io.BytesIO(content))


def test_xml_spreadsheets_are_refused_with_the_save_as_steps():
    content = b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'
    with pytest.raises(RosterFileError, match=SAVE_AS_INDONESIAN):
        read_workbook(io.BytesIO(content))


def test_a_pdf_is_refused_and_the_excel_file_asked_for():
    assert "PDF" in refused(io.BytesIO(b"%PDF-1.7\n%\xe2\xe3"))


def test_an_opendocument_sheet_is_refused_with_the_steps_of_libreoffice():
    file = archive(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}
    )
    assert "Di LibreOffice: File → Simpan Sebagai → jenis berkas Excel 2007-365 (.xlsx)" in refused(
        file
    )


def test_a_binary_workbook_is_refused_with_the_save_as_steps():
    parts = bare_parts("")
    del parts["xl/workbook.xml"]
    parts["_rels/.rels"] = str(parts["_rels/.rels"]).replace("workbook.xml", "workbook.bin")
    parts["xl/workbook.bin"] = b"\x00"
    with pytest.raises(RosterFileError, match=rf"xlsb.*{SAVE_AS_INDONESIAN}"):
        read_workbook(archive(parts))


def test_a_word_document_is_refused():
    parts = bare_parts("")
    parts["_rels/.rels"] = str(parts["_rels/.rels"]).replace("xl/workbook.xml", "word/document.xml")
    parts["word/document.xml"] = "<w/>"
    assert "dokumen Word" in refused(archive(parts))


def test_another_zip_file_is_refused():
    assert "arsip ZIP" in refused(archive({"daftar.csv": CSV}))


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        bytes(range(256)) * 4,
        b"Nama,NIP\x00\n",
        b"\xff\xfeabc",
        "Nama;NIP".encode("utf-16-le"),
    ],
)
def test_what_is_no_spreadsheet_is_refused(content):
    assert "bukan tabel" in refused(io.BytesIO(content))


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and then nothing",
        b"PK",
        make_xlsx().getvalue()[:3000],
        make_xlsx().getvalue()[:-30],
    ],
)
def test_a_damaged_xlsx_is_refused(content):
    assert "rusak atau tidak lengkap" in refused(io.BytesIO(content))


@pytest.mark.parametrize("keep", [8, 512, 1500, 4000])
def test_a_damaged_xls_is_refused_with_the_save_as_steps(keep):
    with pytest.raises(RosterFileError, match=SAVE_AS_INDONESIAN):
        read_workbook(io.BytesIO(xls().getvalue()[:keep]))


def test_an_unpaired_quote_in_csv_is_told_with_its_row():
    assert "Tanda kutip pada baris 3" in refused(csv('Nama,NIP\nAndi,1\n"Bella,2\nCitra,3\n'))


def test_a_password_protected_xlsx_is_refused_with_the_way_to_unlock_it():
    # Such a file is a compound document like an .xls, with a stream of another name.
    name, other = "Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
    content = xls().getvalue()
    entry = content.index(name)
    content = content[:entry] + other + content[entry + len(other) :]
    message = refused(io.BytesIO(content))
    assert "dikunci kata sandi" in message
    assert "Enkripsi dengan Kata Sandi" in message


def test_a_password_protected_xls_is_refused_with_the_way_to_unlock_it():
    content = xls().getvalue()
    # A FILEPASS record in place of the codepage record says that all that follows is encrypted.
    codepage = struct.pack("<HHH", 0x42, 2, 0x4B0)
    assert content.count(codepage) == 1
    locked = content.replace(codepage, struct.pack("<HHH", 0x2F, 2, 0))
    assert "dikunci kata sandi" in refused(io.BytesIO(locked))


def test_a_password_protected_zip_is_refused():
    content = bytearray(make_xlsx().getvalue())
    entry = content.find(b"PK\x01\x02")
    content[entry + 8] |= 1
    assert "kata sandi" in refused(io.BytesIO(bytes(content)))


def test_a_file_of_50_mb_is_refused_without_being_read():
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            self.asked = size
            return b"a" * min(size, 50 * 2**20)

    file = Endless()
    with pytest.raises(RosterFileError, match="15 MB"):
        read_workbook(file)  # type: ignore[arg-type]
    assert file.asked == MAX_BYTES + 1


# ------------------------------------------------------------------ hostile files


def test_a_zip_bomb_is_refused_by_its_directory():
    bomb = archive({**bare_parts(""), "xl/media/zeros.bin": bytes(xlsx.MAX_UNPACKED)})
    assert len(bomb.getvalue()) < 2**20
    assert "terlalu besar" in refused(bomb)


def test_a_zip_bomb_whose_directory_lies_is_not_unpacked():
    part = "xl/worksheets/sheet1.xml"
    bomb = bytearray(archive({**bare_parts(""), part: b" " * 150 * 2**20}).getvalue())
    entry = bomb.rfind(part.encode()) - 46
    assert bomb[entry : entry + 4] == b"PK\x01\x02"
    bomb[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    tracemalloc.start()
    assert "rusak" in refused(io.BytesIO(bytes(bomb)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 2**20


def test_a_zip_file_of_very_many_parts_is_refused():
    parts = {f"a{number}": b"" for number in range(xlsx.MAX_PARTS)}
    assert "terlalu besar" in refused(archive({**bare_parts(""), **parts}))


def test_a_compression_that_unpacks_without_bounds_is_refused():
    assert "rusak" in refused(archive(bare_parts(""), zipfile.ZIP_BZIP2))


def test_a_doctype_is_refused_so_that_no_entity_is_ever_expanded():
    prolog = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    assert "rusak" in refused(bare_xlsx(inline_row(1, "&b;"), prolog=prolog))


def test_an_external_entity_is_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("rahasia")
    prolog = f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{secret}">]>'
    assert "rusak" in refused(bare_xlsx(inline_row(1, "&s;"), prolog=prolog))


def test_a_sheet_of_millions_of_empty_elements_ends_in_an_error(monkeypatch):
    monkeypatch.setattr(xlsx_parts, "MAX_ELEMENTS", 10_000)
    assert "terlalu besar" in refused(bare_xlsx("<row/>" * 10_001))


@pytest.mark.parametrize("tag", ['<row r="1" x="{}"/>', "<!--{}-->", "<?x {}?>", "<{}/>"])
def test_a_tag_without_end_is_given_up_quickly(tag):
    started = time.process_time()
    assert "rusak" in refused(bare_xlsx(tag.format("a" * 40_000_000)))
    assert time.process_time() - started < 5


def test_a_dimension_that_lies_is_not_believed():
    parts = bare_parts(inline_row(1, "Nama", "NIP"))
    sheet = str(parts["xl/worksheets/sheet1.xml"])
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(
        "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
    )
    assert cells(archive(parts)) == [("Nama", "NIP")]


def test_a_cell_at_the_last_row_of_the_sheet_costs_nothing():
    row = '<row r="1048576"><c r="A1048576" t="str"><v>x</v></c></row>'
    (sheet,) = read_workbook(bare_xlsx(inline_row(1, "Nama") + row)).sheets
    assert [line.number for line in sheet.lines] == [1, 1048576]


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="ÄÖ1"><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="1"><c t="s"><v>7</v></c></row>',
        '<row r="1"><c><v>satu</v></c></row>',
        "<row><c>",
    ],
)
def test_a_sheet_that_contradicts_its_format_is_refused(rows):
    assert "rusak" in refused(bare_xlsx(rows))


def test_a_text_longer_than_excel_allows_is_cut():
    assert len(cells(bare_xlsx(inline_row(1, "a" * 100_000)))[0][0]) == sheets.MAX_CELL


def test_more_than_60000_rows_are_refused(monkeypatch):
    assert sheets.MAX_ROWS == 60_000
    assert "lebih dari 60.000 baris" in refused(csv("x\n" * 60_001))


def sheets_in_one_part(count: int) -> dict[str, str | bytes]:
    """Parts of a workbook in which many sheets lie in one part."""
    parts = bare_parts(inline_row(1, "Nama", "NIP"))
    book, links = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    more = "".join(f'<sheet name="S{n}" r:id="more{n}"/>' for n in range(count))
    parts[book] = str(parts[book]).replace("</sheets>", f"{more}</sheets>")
    link = '<Relationship Id="more{}" Type="x/worksheet" Target="worksheets/sheet1.xml"/>'
    targets = "".join(link.format(number) for number in range(count))
    parts[links] = str(parts[links]).replace("</Relationships>", f"{targets}</Relationships>")
    return parts


def test_a_bomb_of_many_sheets_in_one_part_is_refused():
    assert "rusak" in refused(archive(sheets_in_one_part(1)))
    started = time.process_time()
    assert "terlalu banyak lembar" in refused(archive(sheets_in_one_part(100_000)))
    assert time.process_time() - started < 5


def test_a_bomb_of_one_text_in_very_many_cells_is_refused():
    text = f"<si><t>{'a' * sheets.MAX_CELL}</t></si>"
    cell = '<c t="s"><v>0</v></c>'
    rows = f"<row>{cell * 100}</row>" * 20
    assert "terlalu besar" in refused(bare_xlsx(rows, texts=text))


def test_a_bomb_of_one_long_text_merged_over_very_many_rows_is_refused():
    rows = inline_row(1, "a" * sheets.MAX_CELL) + "<row><c/><c><v>1</v></c></row>" * 2_000
    after = '<mergeCells><mergeCell ref="A1:A2001"/></mergeCells>'
    assert "terlalu besar" in refused(bare_xlsx(rows, after=after))


def test_a_cell_of_very_many_accents_is_read_in_no_time():
    started = time.process_time()
    person = inline_row(2, "a" + "\u0300\u0316" * 16_000, "1")
    file = bare_xlsx(inline_row(1, "Nama", "NIP") + person * 5)
    read_rows(read_workbook(file), unsupported_characters=fonts.unsupported)
    assert time.process_time() - started < 3


def test_a_shared_text_of_very_many_runs_is_cut_like_any_other():
    texts = f"<si>{'<t>aaaaaaaaaa</t>' * 10_000}</si>"
    (line,) = cells(bare_xlsx('<row><c t="s"><v>0</v></c></row>', texts=texts))
    assert len(line[0]) == sheets.MAX_CELL


def test_the_rows_of_all_sheets_together_are_no_more_than_60000(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 4)
    assert "lebih dari 4 baris" in refused(make_xlsx(TABLE, others={"Lain": TABLE}))


def test_cells_at_the_end_of_many_old_sheets_fill_no_memory():
    book = xlwt.Workbook()
    for number in range(8):
        book.add_sheet(f"S{number}").write(65_535, 99, "x")
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    tracemalloc.start()
    assert len(read_workbook(file).sheets) == 8
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * 2**20


@pytest.mark.parametrize("make", [lambda t: make_xlsx(t), lambda t: xls(t)])
def test_more_than_100_columns_are_refused(make):
    assert len(cells(make([["x"] * 100]))[0]) == 100
    assert "lebih dari 100 kolom" in refused(make([["x"] * 101]))


def test_empty_cells_far_to_the_right_do_not_count():
    assert cells(csv("Nama,NIP" + "," * 500 + "\n")) == [("Nama", "NIP")]


@pytest.mark.parametrize("name", ["xls", "xlsx"])
def test_no_damage_of_a_byte_gets_past_the_reader(name):
    """Each byte of a small file flipped, one at a time."""
    content = (xls() if name == "xls" else make_xlsx()).getvalue()
    for position in range(0, len(content), max(1, len(content) // 400)):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        with suppress(RosterFileError):
            read_workbook(io.BytesIO(bytes(damaged)))


def test_the_limit_of_the_file_size_is_15_mb():
    assert files.MAX_BYTES == 15 * 2**20
