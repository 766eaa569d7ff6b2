"""Lines under a header → people and problems: every kind of damage that real files have."""

from __future__ import annotations

import io
from csv import writer
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pledges.roster.columns import recognise
from pledges.roster.faulty import bad_rows_workbook
from pledges.roster.fields import Field
from pledges.roster.files import read_workbook
from pledges.roster.lines import LineKind
from pledges.roster.reading import Reading, read_rows
from pledges.roster.rows import Problem, Row
from pledges.roster.sheets import RosterFileError
from tests.spreadsheets import bare_xlsx, csv, inline_row, saved, xls, xlsx

ANDI, BELLA, CITRA = "198001012005011001", "198502022010022002", "199003032015032003"
PPPK = "199003032024212003"
NIK, OTHER_NIK = "3273010101800001", "3273024202850002"


def all_supported(text: str) -> set[str]:
    return set()


def reading_of(file: io.BytesIO, **options) -> Reading:
    options = {"unsupported_characters": all_supported} | options
    return read_rows(read_workbook(file), **options)


def read(table, *, merged=(), **options) -> Reading:
    return reading_of(xlsx(table, merged=merged), **options)


def people(table, **options) -> list[Row]:
    """Everybody in a table in which nothing is wrong."""
    reading = read(table, **options)
    assert [p for p in reading.problems if p.blocking] == []
    return list(reading.rows)


def person(**cells: object) -> Row:
    (row,) = people([_header(cells), list(cells.values())])
    return row


def problems_of(**cells: object) -> list[Problem]:
    return list(read([_header(cells), list(cells.values())]).problems)


def problem_of(**cells: object) -> Problem:
    (problem,) = problems_of(**cells)
    return problem


def _header(cells: dict[str, object]) -> list[str]:
    return [name.replace("_", " ") for name in cells]


WHO = {"Nama": "Andi Contoh", "NIP": ANDI, "Unit_Kerja": "Dinas Kesehatan"}


def but(**cells: object) -> dict[str, object]:
    return WHO | cells


def table(*rows: list[object]) -> list[list[object]]:
    return [["No", "Nama", "NIP", "Unit Kerja"], *rows]


# ------------------------------------------------------------------ one person


def test_a_person_is_read_with_everything_the_file_says():
    row = person(
        Gelar_Depan="Dr. Ir. H.",
        Nama="Andi  Contoh",
        Gelar_Belakang="S.T., M.Si.",
        NIP="19800101 200501 1 001",
        Pangkat="Penata Tk. I, III/d",
        Jabatan="Analis\nKepegawaian",
        Eselon="IIIb",
        OPD="Dinas Kesehatan",
        Unit_Kerja="Puskesmas Antapani",
        E_mail="andi@contoh.example",
        No_WA="0812-3456-7890",
    )
    assert row == Row(
        sheet="Data",
        row=2,
        name="Dr. Ir. H. Andi Contoh, S.T., M.Si.",
        nip=ANDI,
        nik=None,
        kind="pns",
        rank="Penata Tingkat I",
        grade="III/d",
        position="Analis Kepegawaian",
        echelon="III.b",
        unit=("Dinas Kesehatan", "Puskesmas Antapani"),
        email="andi@contoh.example",
        phone="+6281234567890",
    )


@pytest.mark.parametrize(
    ("before", "name", "after", "full"),
    [
        ("", "Andi", "", "Andi"),
        ("Drs.", "Andi", "", "Drs. Andi"),
        ("-", "Andi", "-", "Andi"),
        ("", "Andi,", ", S.T.", "Andi, S.T."),
        ("H.", "H. Andi, S.T.", "S.T.", "H. Andi, S.T."),
        ("dr.", "Drajat", "", "dr. Drajat"),
    ],
)
def test_titles_in_columns_of_their_own_are_put_to_the_name_once(before, name, after, full):
    assert person(**but(Nama=name, Gelar_Depan=before, Gelar_Belakang=after)).name == full


def test_a_name_may_be_one_word_or_very_long():
    assert person(**but(Nama="Sukarno")).name == "Sukarno"
    assert person(**but(Nama="A" * 150)).name == "A" * 150


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("-", "Nama kosong"),
        ("12345", "Nama kosong"),
        ("A" * 151, "terlalu panjang: 151 huruf, paling banyak 150"),
        ("An\x7fdi", "tidak dapat dicetak"),
        ("An\u202edi", "tidak dapat dicetak"),
        ("An\ufffddi", "huruf yang rusak"),
        ("=Andi", "rumus tanpa hasil"),
        ("\u200b=Andi", "rumus tanpa hasil"),
        ("\u00a0\ufeff=Andi", "rumus tanpa hasil"),
        (", =Andi", "rumus tanpa hasil"),
    ],
)
def test_a_name_that_is_none_is_refused(name, reason):
    problem = problem_of(**but(Nama=name))
    assert problem.blocking
    assert problem.column == "A"
    assert reason in problem.message


def test_a_name_with_html_in_it_is_plain_text():
    assert person(**but(Nama="<script>alert(1)</script>")).name == "<script>alert(1)</script>"


def test_unseen_characters_in_a_name_are_dropped():
    assert person(**but(Nama="Andi\u00a0\u200bContoh\ufeff")).name == "Andi Contoh"


def test_characters_that_the_document_font_lacks_are_named_in_the_problem():
    reading = read(
        table([1, "Andi 木 Contoh", ANDI, "Dinas"], [2, "Bella", BELLA, "Dinas"]),
        unsupported_characters=lambda text: set(text) & {"木"},
    )
    (problem,) = reading.problems
    assert (problem.row, problem.column, problem.blocking) == (2, "B", True)
    assert "“木” (U+6728)" in problem.message
    assert [row.nip for row in reading.rows] == [BELLA]


# ------------------------------------------------------------------ NIP, NIK, kind


def test_spaces_and_apostrophes_in_a_nip_are_taken_out():
    assert person(**but(NIP="'19800101 200501 1 001")).nip == ANDI


@pytest.mark.parametrize("make", [xlsx, xls])
def test_a_nip_that_excel_destroyed_is_named_by_row_and_column(make):
    (problem,) = reading_of(make([["Nama", "NIP"], ["Andi", 198001012005011001]])).problems[1:]
    assert (problem.sheet, problem.row, problem.column, problem.header) == ("Data", 2, "B", "NIP")
    assert "NIP rusak: Excel menyimpannya sebagai angka (1.98001012005011E+17)" in problem.message
    assert "format kolom menjadi Teks" in problem.message


def test_a_nip_that_excel_destroyed_in_a_csv_is_named():
    text = "Nama;NIP\nAndi;1,98003E+17\nBella;198502022010022000\n"
    reading = reading_of(csv(text))
    assert reading.rows == ()
    assert [(p.row, p.column) for p in reading.problems if p.blocking] == [(2, "B"), (3, "B")]
    assert all("Excel" in p.message for p in reading.problems if p.blocking)


def test_an_equals_sign_around_a_nip_is_taken_off():
    text = f'Nama;NIP;OPD\nAndi;="{ANDI}";Dinas\n'
    assert reading_of(csv(text)).rows[0].nip == ANDI


def test_a_nip_whose_date_is_none_is_refused_and_an_odd_one_only_warns():
    assert problem_of(**but(NIP="198013012005011001")).blocking
    reading = read(table([1, "Andi", "200001012005011001", "Dinas"]))
    assert [p.blocking for p in reading.problems] == [False]
    assert len(reading.rows) == 1


def test_a_row_without_nip_and_nik_is_refused():
    problem = problem_of(**but(NIP="-"))
    assert problem.blocking
    assert problem.message == "NIP kosong. Isi 18 angka NIP, atau NIK untuk non-ASN."


def test_somebody_with_a_nik_only_is_non_asn():
    row = person(Nama="Andi", NIP="", NIK=NIK, OPD="Dinas")
    assert (row.nip, row.nik, row.kind) == (None, NIK, "non_asn")


def test_a_nik_beside_a_nip_is_not_taken_along():
    assert person(**but(NIK=NIK)).nik is None


def test_one_column_may_hold_nip_and_nik():
    rows = people([["Nama", "NIP/NIK", "OPD"], ["Andi", ANDI, "Dinas"], ["Bella", NIK, "Dinas"]])
    assert [(row.nip, row.nik) for row in rows] == [(ANDI, None), (None, NIK)]


def test_a_nik_in_the_nip_column_is_taken_only_where_the_row_says_non_asn():
    assert "kolom NIK" in problem_of(**but(NIP=NIK)).message
    assert person(**but(NIP=NIK, Status="Non ASN")).nik == NIK


@pytest.mark.parametrize(
    ("nip", "stated", "kind"),
    [
        (ANDI, "", "pns"),
        (ANDI, "CPNS", "pns"),
        (ANDI, "ASN", "pns"),
        (ANDI, "Aktif", "pns"),
        (ANDI, "Pegawai Negeri Sipil", "pns"),
        (PPPK, "", "pppk"),
        (PPPK, "P3K", "pppk"),
        (PPPK, "Pegawai Pemerintah dengan Perjanjian Kerja", "pppk"),
        (PPPK, "PPPK Paruh Waktu", "pppk_paruh_waktu"),
    ],
)
def test_the_kind_is_read_from_the_nip_and_the_column(nip, stated, kind):
    reading = read([["Nama", "NIP", "OPD", "Status"], ["Andi", nip, "Dinas", stated]])
    assert reading.problems == ()
    assert reading.rows[0].kind == kind


@pytest.mark.parametrize(
    "stated", ["Non ASN", "Honorer", "THL", "Non-PNS", "Tenaga Alih Daya", "PJLP", "-", ""]
)
def test_everybody_with_a_nik_is_non_asn_whatever_it_is_called(stated):
    assert person(Nama="Andi", NIK=NIK, OPD="Dinas", Status=stated).kind == "non_asn"


def test_a_kind_that_contradicts_the_nip_warns_and_the_nip_counts():
    reading = read([["Nama", "NIP", "OPD", "Jenis"], ["Andi", PPPK, "Dinas", "PNS"]])
    (problem,) = reading.problems
    assert not problem.blocking
    assert "Tertulis PNS, tetapi nomornya nomor PPPK" in problem.message
    assert reading.rows[0].kind == "pppk"


def test_an_unknown_kind_warns():
    problem = problem_of(**but(Jenis="Manusia"))
    assert not problem.blocking
    assert "“Manusia” tidak dikenal" in problem.message


def test_a_pns_without_nip_is_refused_even_with_a_nik():
    assert "tertulis PNS" in problem_of(Nama="Andi", NIP="", NIK=NIK, OPD="D", Jenis="PNS").message


def test_duplicate_nips_are_refused_naming_the_other_row():
    reading = read(table([1, "Andi", ANDI, "Dinas"], [2, "ANDI", ANDI, "Dinas"]))
    (problem,) = reading.problems
    assert (problem.row, problem.column, problem.blocking) == (3, "C", True)
    assert problem.message == "NIP ini juga ada di baris 2. Hapus salah satunya."
    assert [row.row for row in reading.rows] == [2]


def test_of_two_names_with_one_nip_neither_is_taken():
    reading = read(table([1, "Andi", ANDI, "Dinas"], [2, "Bella", ANDI, "Dinas"]))
    assert reading.rows == ()
    assert [problem.message for problem in reading.problems] == [
        "NIP ini juga ada di baris 3. Di sana tertulis “Bella”. Hapus salah satunya, atau "
        "perbaiki NIP-nya.",
        "NIP ini juga ada di baris 2. Di sana tertulis “Andi”. Hapus salah satunya, atau "
        "perbaiki NIP-nya.",
    ]


def test_duplicates_are_found_across_sheets_and_for_niks():
    header = ["Nama", "NIK"]
    reading = reading_of(
        xlsx([header, ["Andi", NIK]], sheet="Dinas A", others={"Dinas B": [header, ["Andi", NIK]]})
    )
    (problem,) = reading.problems
    assert problem.sheet == "Dinas B"
    assert problem.message.startswith("NIK ini juga ada di baris 2 lembar “Dinas A”.")


def test_niks_that_excel_cut_are_told_by_all_ending_in_zero():
    niks = [f"32730101018000{number}0" for number in range(1, 6)]
    reading = read([["Nama", "NIK"], *([f"Orang {nik}", nik] for nik in niks)])
    assert reading.rows == ()
    assert sum("berakhir 0" in problem.message for problem in reading.problems) == 5
    reading = read([["Nama", "NIK"], *([f"Orang {nik}", nik] for nik in [*niks, NIK])])
    assert len(reading.rows) == 6


# ------------------------------------------------------------------ rank, phone, e-mail


@pytest.mark.parametrize(
    ("grade", "rank", "canonical"),
    [
        ("III/d", "Penata Tingkat I", "III/d"),
        ("III d", "Penata Tingkat I", "III/d"),
        ("IIId", "Penata Tingkat I", "III/d"),
        ("3d", "Penata Tingkat I", "III/d"),
        ("III.D", "Penata Tingkat I", "III/d"),
        ("Gol. III/d", "Penata Tingkat I", "III/d"),
        ("Penata Tk. I, III/d", "Penata Tingkat I", "III/d"),
        ("Penata Tk.I (III/d)", "Penata Tingkat I", "III/d"),
        ("Penata Tk.I/III.d", "Penata Tingkat I", "III/d"),
        ("PENATA TINGKAT I - III/d", "Penata Tingkat I", "III/d"),
        ("Penata Tk. I", "Penata Tingkat I", "III/d"),
        ("I/a", "Juru Muda", "I/a"),
        ("IV/e", "Pembina Utama", "IV/e"),
        ("Pembina Utama Muda (IV/c)", "Pembina Utama Muda", "IV/c"),
        ("-", "", ""),
    ],
)
def test_rank_and_grade_are_read_however_they_are_written(grade, rank, canonical):
    row = person(**but(Golongan=grade))
    assert (row.rank, row.grade) == (rank, canonical)
    row = person(**but(Pangkat=grade))
    assert (row.rank, row.grade) == (rank, canonical)


def test_the_two_halves_of_a_grade_may_stand_in_two_columns():
    row = person(**but(Gol="III", Ruang="d"))
    assert (row.rank, row.grade) == ("Penata Tingkat I", "III/d")


@pytest.mark.parametrize(("written", "grade"), [("IX", "IX"), ("9", "IX"), ("Gol. XVII", "XVII")])
def test_a_pppk_has_a_grade_and_no_rank(written, grade):
    row = person(**but(NIP=PPPK, Golongan=written))
    assert (row.rank, row.grade) == ("", grade)


def test_a_rank_that_contradicts_the_grade_only_warns():
    problem = problem_of(**but(Pangkat="Penata", Golongan="III/d"))
    assert not problem.blocking
    assert problem.message == "Pangkat Penata adalah golongan III/c, tetapi tertulis III/d."


@pytest.mark.parametrize(("nip", "grade"), [(ANDI, "IX"), (PPPK, "III/a")])
def test_a_grade_of_the_other_kind_only_warns(nip, grade):
    assert "bukan golongan" in problem_of(**but(NIP=nip, Golongan=grade)).message


def test_an_unknown_grade_only_warns_and_is_left_out():
    reading = read([["Nama", "NIP", "OPD", "Gol"], ["Andi", ANDI, "Dinas", "V/z"]])
    assert [problem.blocking for problem in reading.problems] == [False]
    assert reading.rows[0].grade == ""


@pytest.mark.parametrize(
    "written",
    [
        *("081234567890", "0812-3456-7890", "+62 812 3456 7890", "6281234567890"),
        *("81234567890", "(0812) 3456.7890", "'081234567890", "+62(0)81234567890", 81234567890),
    ],
)
def test_a_phone_number_gets_its_country_code(written):
    assert person(**but(No_HP=written)).phone == "+6281234567890"


def test_landlines_and_foreign_numbers_are_kept():
    assert person(**but(Telepon="022-4231234")).phone == "+62224231234"
    assert person(**but(Telepon="+6591234567")).phone == "+6591234567"


@pytest.mark.parametrize(
    "written",
    ["0812", "0812345678/0813456789", "tidak ada nomor", "6.28123E+12", "08123456789012345"],
)
def test_a_phone_number_that_is_none_only_warns_and_is_left_out(written):
    reading = read([["Nama", "NIP", "OPD", "HP"], ["Andi", ANDI, "Dinas", written]])
    assert [problem.blocking for problem in reading.problems] == [False]
    assert reading.rows[0].phone == ""


@pytest.mark.parametrize(
    "written", ["andi", "andi@", "a b@contoh.example", "andi@contoh", "a@b@c.id"]
)
def test_an_email_address_that_is_none_only_warns_and_is_left_out(written):
    reading = read([["Nama", "NIP", "OPD", "Surel"], ["Andi", ANDI, "Dinas", written]])
    assert [problem.blocking for problem in reading.problems] == [False]
    assert reading.rows[0].email == ""


@pytest.mark.parametrize(
    ("written", "echelon"),
    [("II.b", "II.b"), ("IIb", "II.b"), ("Eselon III/a", "III.a"), ("V", "V"), ("Non Eselon", "")],
)
def test_echelons_are_written_in_one_way(written, echelon):
    assert person(**but(Eselon=written)).echelon == echelon


# ------------------------------------------------------------------ formulas


def test_a_formula_without_a_value_is_a_problem_that_says_to_paste_values():
    row = inline_row(1, "Nama", "NIP") + (
        f'<row r="2"><c r="A2"><f>Lain!A1</f></c><c r="B2" t="str"><v>{ANDI}</v></c></row>'
    )
    (problem,) = reading_of(bare_xlsx(row)).problems[1:]
    assert (problem.row, problem.column, problem.blocking) == (2, "A", True)
    assert "Tempel Khusus → Nilai" in problem.message


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!"])
def test_an_error_value_is_a_problem(error):
    assert f"gagal ({error})" in problem_of(**but(NIP=error)).message
    assert f"gagal ({error})" in problem_of(**but(Nama=error)).message


def test_a_formula_in_an_optional_column_costs_the_cell_and_not_the_row():
    text = f"Nama;NIP;OPD;Surel\nAndi;{ANDI};Dinas;=A1&B1\n"
    reading = reading_of(csv(text))
    assert [problem.blocking for problem in reading.problems] == [False]
    assert reading.rows[0].email == ""


# ------------------------------------------------------------------ lines that are nobody


def skipped(reading: Reading) -> list[tuple[int, LineKind]]:
    return [(line.row, line.kind) for line in reading.skipped]


def test_title_rows_blank_rows_numbers_repeated_headers_and_totals_are_passed_over():
    reading = read(
        [
            ["DAFTAR ASN"],
            [],
            ["No", "Nama", "NIP", "Unit Kerja"],
            [1, 2, 3, 4],
            [1, "Andi", ANDI, "Dinas"],
            [],
            ["No", "Nama", "NIP", "Unit Kerja"],
            ["(1)", "(2)", "(3)", "(4)"],
            [2, "Bella", BELLA, "Dinas"],
            [3],
            ["Jumlah", None, 2],
        ]
    )
    assert [row.row for row in reading.rows] == [5, 9]
    assert reading.problems == ()
    assert skipped(reading) == [
        (4, LineKind.NUMBERS),
        (7, LineKind.HEADER),
        (8, LineKind.NUMBERS),
        (10, LineKind.EMPTY),
        (11, LineKind.TOTAL),
    ]


def test_a_header_over_two_rows_may_be_repeated():
    header = [
        ["No", "Nama", "NIP", "OPD", "Gelar", None],
        [None, None, None, None, "Depan", "Belakang"],
    ]
    merged = [
        "A1:A2",
        "B1:B2",
        "C1:C2",
        "D1:D2",
        "E1:F1",
        "A4:A5",
        "B4:B5",
        "C4:C5",
        "D4:D5",
        "E4:F4",
    ]
    rows = [[1, "Andi", ANDI, "Dinas"], [2, "Bella", BELLA, "Dinas"]]
    reading = read([*header, rows[0], *header, rows[1]], merged=merged)
    assert [row.name for row in reading.rows] == ["Andi", "Bella"]
    assert reading.problems == ()


def test_place_date_and_signatures_below_the_table_are_nobody():
    reading = read(
        table(
            [1, "Andi", ANDI, "Dinas"],
            [],
            [None, "Mengetahui,", None, "Contoh, 5 Juli 2024"],
            [None, "Sekretaris Daerah", None, "Kepala BKPSDM"],
            [None, "Drs. Contoh Satu", None, "Contoh Dua, S.H."],
            [None, f"NIP. {BELLA}", f"NIP. {CITRA}"],
        )
    )
    assert [row.nip for row in reading.rows] == [ANDI]
    assert reading.problems == ()
    assert {line.kind for line in reading.skipped} == {LineKind.CLOSING}


def test_a_line_that_looks_like_the_end_is_not_if_people_follow():
    reading = read(table(["", "Mengetahui"], [1, "Andi", ANDI, "Dinas"]))
    assert [row.nip for row in reading.rows] == [ANDI]


def test_a_note_below_the_table_is_nobody():
    reading = read(table([1, "Andi", ANDI, "Dinas"], [None, "Catatan: data per 1 Juli 2024"]))
    assert skipped(reading) == [(3, LineKind.NOTE)]


def test_a_name_alone_is_a_person_without_nip_and_not_a_group():
    reading = read(table([1, "Andi", ANDI, "Dinas"], [None, "H. Mulyadi"], [3, "Bella"]))
    assert [(p.row, p.blocking) for p in reading.problems] == [
        (3, True),
        (3, True),
        (4, True),
        (4, True),
    ]


def test_a_text_alone_among_groups_is_not_guessed_to_be_a_group_or_none():
    reading = read(
        [
            ["No", "Nama", "NIP"],
            ["DINAS KESEHATAN"],
            [1, "Andi", ANDI],
            [None, "BAPPELITBANGDA"],
            [2, "Bella", BELLA],
        ]
    )
    assert [row.nip for row in reading.rows] == [ANDI]
    assert "Bila baris ini judul unit kerja, gabungkan selnya" in reading.problems[0].message
    assert reading.problems[-1].message == (
        "Unit kerja orang ini tidak jelas: tidak ada judul unit yang pasti di atasnya. "
        "Perbaiki judul itu, atau tambahkan kolom Unit Kerja."
    )


def test_a_person_merged_over_two_rows_is_one_person():
    rows = [[1, "Andi", ANDI, "Dinas", "S1"], [None, None, None, None, "S2"]]
    reading = read(
        [["No", "Nama", "NIP", "Unit Kerja", "Pendidikan"], *rows],
        merged=["A2:A3", "B2:B3", "C2:C3", "D2:D3"],
    )
    assert [row.nip for row in reading.rows] == [ANDI]
    assert skipped(reading) == [(3, LineKind.REST)]


# ------------------------------------------------------------------ units


def units(rows, **options) -> list[tuple[str, ...]]:
    return [row.unit for row in people(rows, **options)]


GROUPED: list[list[object]] = [
    ["No", "Nama", "NIP"],
    ["DINAS KESEHATAN"],
    [1, "Andi", ANDI],
    ["DINAS PENDIDIKAN"],
    [2, "Bella", BELLA],
]


@pytest.mark.parametrize("merged", [[], ["A2:C2", "A4:C4"]])
def test_a_group_row_names_the_unit_of_the_rows_below(merged):
    assert units(GROUPED, merged=merged) == [("DINAS KESEHATAN",), ("DINAS PENDIDIKAN",)]


@pytest.mark.parametrize(
    "group",
    [
        ["II. DINAS KESEHATAN"],
        ["II", "DINAS KESEHATAN"],
        [None, "DINAS KESEHATAN"],
        [None, "II. DINAS KESEHATAN"],
        ["B.", "DINAS KESEHATAN"],
        ["DINAS KESEHATAN"] * 3,
    ],
)
def test_a_group_row_may_be_numbered_and_stand_in_any_column(group):
    assert units([["No", "Nama", "NIP"], group, [1, "Andi", ANDI]]) == [("DINAS KESEHATAN",)]


def test_groups_inside_groups_make_a_path():
    rows = [
        ["No", "Nama", "NIP"],
        ["I. DINAS KESEHATAN"],
        ["A. SEKRETARIAT"],
        [1, "Andi", ANDI],
        ["B. BIDANG P2P"],
        [2, "Bella", BELLA],
        ["II. DINAS PENDIDIKAN"],
        [3, "Citra", CITRA],
    ]
    assert units(rows) == [
        ("DINAS KESEHATAN", "SEKRETARIAT"),
        ("DINAS KESEHATAN", "BIDANG P2P"),
        ("DINAS PENDIDIKAN",),
    ]


def test_an_unnumbered_inner_unit_stands_below_the_uppermost_one_before_it():
    rows = [
        ["No", "Nama", "NIP"],
        ["DINAS KESEHATAN"],
        [1, "Andi", ANDI],
        ["PUSKESMAS ANTAPANI"],
        [2, "Bella", BELLA],
        ["KECAMATAN ANTAPANI"],
        [3, "Citra", CITRA],
    ]
    assert units(rows) == [
        ("DINAS KESEHATAN",),
        ("DINAS KESEHATAN", "PUSKESMAS ANTAPANI"),
        ("KECAMATAN ANTAPANI",),
    ]


def test_a_group_row_may_name_the_kind_of_employment_instead():
    rows = [["No", "Nama", "NIP/NIK", "OPD"], ["PPPK PARUH WAKTU"], [1, "Andi", PPPK, "Dinas"]]
    assert people(rows)[0].kind == "pppk_paruh_waktu"


def test_kinds_of_employment_may_be_numbered_inside_the_groups_of_units():
    rows = [
        ["No", "Nama", "NIP"],
        [None, "KELURAHAN GIRIAN"],
        [None, "A. PNS"],
        [1, "Andi", ANDI],
        [None, "B. PPPK"],
        [1, "Bella", PPPK],
    ]
    assert units(rows) == [("KELURAHAN GIRIAN",), ("KELURAHAN GIRIAN",)]


def test_a_numbered_kind_of_employment_is_no_unit():
    reading = read([["No", "Nama", "NIP"], ["I. PNS"], [1, "Andi", ANDI]])
    assert reading.rows[0].unit == ()


def test_groups_stand_above_a_column_of_inner_units_and_not_above_opds():
    group = ["DINAS KESEHATAN"]
    who = [1, "Andi", ANDI]
    rows = [["No", "Nama", "NIP", "Unit Kerja"], group, [*who, "Puskesmas Antapani"]]
    assert units(rows) == [("DINAS KESEHATAN", "Puskesmas Antapani")]
    rows = [["No", "Nama", "NIP", "OPD"], ["ESELON II"], [*who, "Dinas Kesehatan"]]
    assert units(rows) == [("Dinas Kesehatan",)]


def test_a_unit_merged_over_many_rows_is_the_unit_of_each():
    rows = table([1, "Andi", ANDI, "Dinas"], [2, "Bella", BELLA, None], [3, "Citra", CITRA, None])
    assert units(rows, merged=["D2:D4"]) == [("Dinas",), ("Dinas",), ("Dinas",)]


@pytest.mark.parametrize("mark", ["sda", "s.d.a.", "Idem", '"', "- ” -", "''"])
def test_a_mark_for_the_same_as_above_is_not_guessed(mark):
    reading = read(table([1, "Andi", ANDI, "Dinas"], [2, "Bella", BELLA, mark]))
    assert [problem.message for problem in reading.problems if problem.column == "D"] == [
        f"Tertulis “{mark}”. Tulis isinya lengkap pada setiap baris."
    ]
    assert [row.name for row in reading.rows] == ["Andi"]


def test_a_number_is_no_position_and_no_unit():
    problem = problem_of(Nama="Andi", NIP=ANDI, Jabatan=45352, OPD="Dinas")
    assert problem.message == (
        "Isinya hanya angka (45352), mungkin tanggal atau rumus. Ketik ulang sebagai teks."
    )


def test_hidden_rows_are_read_with_a_warning_that_names_them():
    book = openpyxl.load_workbook(xlsx(table([1, "Andi", ANDI, "Dinas"], [2, "B", BELLA, "Dinas"])))
    book.worksheets[0].row_dimensions[3].hidden = True
    reading = reading_of(saved(book))
    (problem,) = reading.problems
    assert (len(reading.rows), problem.row, problem.blocking) == (2, 3, False)
    assert "1 baris tersembunyi di Excel" in problem.message


def test_an_empty_unit_below_a_filled_one_is_not_guessed():
    reading = read(table([1, "Andi", ANDI, "Dinas"], [2, "Bella", BELLA, None]))
    (problem,) = reading.problems
    assert (problem.row, problem.column, problem.message) == (
        3,
        "D",
        "Unit kerja kosong. Isi pada setiap baris.",
    )


def test_two_or_three_unit_columns_make_a_path():
    header = ["Nama", "NIP", "Bidang", "Unit Kerja", "OPD"]
    rows = [
        header,
        ["Andi", ANDI, "Tata Usaha", "Puskesmas", "Dinas"],
        ["Bella", BELLA, "-", "Dinas", "Dinas"],
    ]
    assert units(rows) == [("Dinas", "Puskesmas", "Tata Usaha"), ("Dinas",)]


def test_the_government_itself_is_no_unit():
    header = ["Nama", "NIP", "Instansi", "Unit Kerja"]
    rows = [header, ["Andi", ANDI, "Pemerintah Kota Contoh", "Dinas Kesehatan"]]
    assert units(rows) == [("Dinas Kesehatan",)]
    header = ["Nama", "NIP", "Instansi", "Satuan Kerja", "Unor"]
    rows = [header, ["Andi", ANDI, "Pemerintah Kota Contoh", "Pemerintah Kota Contoh", "Dinas"]]
    assert units(rows) == [("Dinas",)]


def test_a_unit_of_more_than_three_levels_is_refused():
    rows = [
        ["No", "Nama", "NIP", "OPD", "Unit Kerja", "Bidang"],
        [1, "Andi", ANDI, "Dinas", "UPT", "Bidang"],
    ]
    assert units(rows) == [("Dinas", "UPT", "Bidang")]
    rows = [
        ["No", "Nama", "NIP", "Unit Kerja", "Bidang"],
        ["I. DINAS"],
        ["A. CABANG"],
        [1, "Andi", ANDI, "UPT", "Bidang"],
    ]
    (problem,) = read(rows).problems
    assert "4 tingkat (DINAS › CABANG › UPT › Bidang)" in problem.message


def test_a_sheet_names_the_unit_where_no_column_and_no_group_does():
    header = ["Nama", "NIP"]
    file = xlsx(
        [header, ["Andi", ANDI]],
        sheet="Dinas Kesehatan",
        others={"Dinas Pendidikan": [header, ["Bella", BELLA]]},
    )
    assert [row.unit for row in reading_of(file).rows] == [
        ("Dinas Kesehatan",),
        ("Dinas Pendidikan",),
    ]


def test_a_sheet_name_that_excel_cut_off_is_warned_of():
    name = "Dinas Pemberdayaan Perempuan da"
    reading = reading_of(xlsx([["Nama", "NIP"], ["Andi", ANDI]], sheet=name))
    assert "mungkin terpotong" in reading.problems[0].message


def test_the_name_of_an_only_sheet_that_becomes_a_unit_is_told():
    reading = reading_of(xlsx([["Nama", "NIP"], ["Andi", ANDI]], sheet="absen"))
    (problem,) = reading.problems
    assert not problem.blocking
    assert "nama lembar “absen” dipakai sebagai unit kerja" in problem.message


@pytest.mark.parametrize("sheet", ["Sheet1", "Lembar 2", "Data ASN 2024", "PNS", "Daftar PPPK"])
def test_without_any_unit_everybody_stands_directly_under_the_agency_with_a_warning(sheet):
    reading = reading_of(xlsx([["Nama", "NIP"], ["Andi", ANDI]], sheet=sheet))
    assert reading.rows[0].unit == ()
    assert not reading.problems[0].blocking
    assert "Tidak ada kolom Unit Kerja" in reading.problems[0].message


def test_one_unit_in_several_spellings_gets_the_first():
    rows = table(
        [1, "Andi", ANDI, "Dinas Kesehatan"],
        [2, "Bella", BELLA, "DINAS  KESEHATAN "],
        [3, "Citra", CITRA, "dinas kesehatan."],
    )
    reading = read(rows)
    assert {row.unit for row in reading.rows} == {("Dinas Kesehatan",)}
    assert reading.problems == ()


def test_nearly_identical_units_are_warned_of_with_a_suggestion():
    rows = table(
        [1, "Andi", ANDI, "Dinas Kesehatn"],
        [2, "Bella", BELLA, "Dinas Kesehatan"],
        [3, "Citra", CITRA, "Dinas Kesehatan"],
    )
    reading = read(rows)
    (problem,) = reading.problems
    assert (problem.row, problem.column, problem.blocking) == (2, "D", False)
    assert problem.message == (
        "Unit “Dinas Kesehatn” (1 orang) mirip “Dinas Kesehatan” (2 orang). "
        "Bila sama, samakan penulisannya."
    )
    assert len(reading.rows) == 3


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        ("Dinas Contho", "Dinas Contoh"),
        ("Kecamatan Cobong", "Kecamatan Coblong"),
        ("Badan Kepegawaian Daersh", "Badan Kepegawaian Daerah"),
    ],
)
def test_swapped_missing_and_mistyped_letters_make_units_nearly_identical(slip, name):
    rows = table([1, "Andi", ANDI, name], [2, "Bella", BELLA, name], [3, "Citra", CITRA, slip])
    (problem,) = read(rows).problems
    assert problem.message.startswith(f"Unit “{slip}” (1 orang) mirip “{name}” (2 orang).")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SDN 1 Antapani", "SDN 2 Antapani"),
        ("Asisten Bidang Umum I", "Asisten Bidang Umum II"),
        ("Kelompok Kerja Pelayanan A", "Kelompok Kerja Pelayanan B"),
        ("Dinas Kesehatan", "Dinas Pendidikan"),
    ],
)
def test_units_that_differ_by_a_number_or_a_word_are_not_warned_of(one, other):
    assert read(table([1, "Andi", ANDI, one], [2, "Bella", BELLA, other])).problems == ()


# ------------------------------------------------------------------ sheets, columns, the whole


def test_sheets_without_a_header_are_passed_over_with_a_warning_unless_chosen():
    file = xlsx(table([1, "Andi", ANDI, "Dinas"]), others={"Rekap": [["Jumlah ASN", 1]]})
    (problem,) = reading_of(file).problems
    assert (problem.sheet, problem.blocking) == ("Rekap", False)
    file.seek(0)
    (problem,) = reading_of(file, sheets=["Data", "Rekap"]).problems
    assert problem.blocking


def test_only_the_chosen_sheets_are_read():
    file = xlsx(
        table([1, "Andi", ANDI, "Dinas"]), others={"Lain": table([1, "Bella", BELLA, "Dinas"])}
    )
    assert [row.nip for row in reading_of(file, sheets=["Lain"]).rows] == [BELLA]


def test_the_recognised_columns_can_be_changed():
    rows = [["Nama", "Nomor", "Asal"], ["Andi", ANDI, "Dinas"], ["Bella", BELLA, "Dinas"]]
    mappings = {"Data": {Field.NAME: 0, Field.NIP: 1, Field.UNIT_1: 2}}
    with pytest.raises(RosterFileError):
        read(rows)
    rows[0] = ["Nama", "Jabatan", "Asal"]
    assert [row.unit for row in read(rows, mappings=mappings).rows] == [("Dinas",), ("Dinas",)]


def test_without_a_recognisable_header_the_message_lists_what_was_looked_for():
    with pytest.raises(
        RosterFileError, match=r"Judul kolom tidak ditemukan.*Nama.*NIP.*Unit Kerja"
    ):
        read([["satu", "dua"], ["tiga", "empat"]])


def test_names_and_nips_in_one_column_are_told_apart_from_a_missing_header():
    with pytest.raises(RosterFileError, match=r"dalam satu kolom \(“Nama / NIP”\)\. Pisahkan"):
        read([["No", "Nama / NIP", "Jabatan", "OPD"], [1, f"Andi {ANDI}", "Guru", "Dinas"]])


def test_a_header_without_a_nip_column_says_so():
    with pytest.raises(RosterFileError, match="Kolom NIP tidak ditemukan"):
        read([["Nama", "Jabatan"], ["Andi", "Guru"]])


def test_a_header_without_rows_is_refused():
    with pytest.raises(RosterFileError, match="tidak ada satu pun baris pegawai"):
        read(table())


def test_problems_come_in_the_order_of_the_file_and_the_sound_rows_beside_them():
    reading = read(
        table(
            [1, "Andi", "1", "Dinas"],
            [2, "Bella", BELLA, "Dinas"],
            [3, "", CITRA, ""],
        )
    )
    assert [(p.row, p.column) for p in reading.problems] == [(2, "C"), (4, "B"), (4, "D")]
    assert [row.nip for row in reading.rows] == [BELLA]
    assert [faulty.entry.row for faulty in reading.faulty] == [2, 4]


def test_reading_twice_gives_the_same():
    content = xlsx(GROUPED).getvalue()
    assert reading_of(io.BytesIO(content)) == reading_of(io.BytesIO(content))


def test_progress_is_told_up_to_the_last_line():
    told = []
    rows = [[n, f"Orang {n}", "x", "Dinas"] for n in range(1, 1201)]
    read(table(*rows), progress=lambda done, total: told.append((done, total)))
    assert told == [(500, 1200), (1000, 1200), (1200, 1200)]


# ------------------------------------------------------------------ the faulty rows as XLSX


def test_the_faulty_rows_come_back_as_xlsx_with_the_nip_as_text_and_the_reason():
    reading = read(table([1, "Andi", "19800101", "Dinas"], [2, "Bella", BELLA, "Dinas"]))
    sheet = openpyxl.load_workbook(io.BytesIO(bad_rows_workbook(reading))).worksheets[0]
    header, row = sheet.iter_rows()
    assert [cell.value for cell in header] == ["Masalah", "Asal", "NIP", "Nama", "Perangkat Daerah"]
    assert [cell.value for cell in row] == [
        "NIP harus 18 angka; yang tertulis 8 angka.",
        "Data, baris 2",
        "19800101",
        "Andi",
        "Dinas",
    ]
    assert {cell.number_format for cell in row} == {"@"}


def test_mended_faulty_rows_can_be_imported_again_with_the_unit_of_their_group():
    rows = [
        ["No", "Gelar Depan", "Nama", "NIP", "Gol", "HP"],
        ["I. DINAS KESEHATAN"],
        ["A. BIDANG P2P"],
        ["PPPK PARUH WAKTU"],
        [1, "dr.", "Andi", "rusak", "IX", "+6281234567890"],
    ]
    book = openpyxl.load_workbook(io.BytesIO(bad_rows_workbook(read(rows))))
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[1] if cell.value == "NIP")
    sheet.cell(2, column).value = PPPK
    mended = io.BytesIO()
    book.save(mended)
    mended.seek(0)
    (row,) = reading_of(mended).rows
    assert (row.name, row.kind, row.grade) == ("dr. Andi", "pppk_paruh_waktu", "IX")
    assert (row.unit, row.phone) == (("DINAS KESEHATAN", "BIDANG P2P"), "+6281234567890")


def test_cells_that_begin_like_a_formula_are_neutralised_in_the_faulty_rows():
    text = "Nama;NIP;OPD;HP\n=CMD();1;@Dinas;+62\n"
    content = bad_rows_workbook(reading_of(csv(text)))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    values = [cell.value for cell in sheet[2]]
    assert {"'=CMD()", "'@Dinas", "'+62"} <= set(values)
    assert all(cell.data_type == "s" for cell in sheet[2])


# ------------------------------------------------------------------ whatever comes

_CELLS = st.one_of(
    st.sampled_from(
        [
            *("", "", "-", "1", "2", "Andi", "H. Budi", ANDI, BELLA, PPPK, NIK, OTHER_NIK),
            *("19800101 200501 1 001", "1,98003E+17", "198001012005011000", "DINAS KESEHATAN"),
            *("II. DINAS", "Puskesmas", "Jumlah", "Mengetahui,", "PNS", "Non ASN", "III/d", "IX"),
            *("=A1", "#N/A", "0812345678", "a@b.id", "<b>x</b>", "Catatan: x", "Nama", "NIP"),
        ]
    ),
    st.text(max_size=20),
)
_HEADERS = st.lists(
    st.sampled_from(
        [
            *("No", "Nama", "NIP", "NIK", "NIP/NIK", "Gelar Depan", "Gelar Belakang", "Gol"),
            *("Ruang", "Pangkat", "Jabatan", "Unit Kerja", "OPD", "Bidang", "HP", "E-mail"),
            *("Status", "Eselon", "", "Lain"),
        ]
    ),
    max_size=8,
)


@st.composite
def tables(draw) -> list[list[str]]:
    header = draw(_HEADERS)
    width = max(len(header), 1)
    rows = draw(st.lists(st.lists(_CELLS, min_size=width, max_size=width), max_size=12))
    position = draw(st.integers(0, len(rows)))
    return [*rows[:position], header, *rows[position:]]


def check_that_nothing_is_lost(file: io.BytesIO) -> None:
    """Every line under the header is a row, a faulty one with its reason, or passed over."""
    content = file.getvalue()
    try:
        workbook = read_workbook(io.BytesIO(content))
        reading = read_rows(workbook, unsupported_characters=all_supported)
    except RosterFileError:
        return
    (sheet,) = workbook.sheets
    recognition = recognise(sheet)
    assert recognition is not None
    lines = [line.number for line in sheet.lines[recognition.body :]]
    found = [
        *(row.row for row in reading.rows),
        *(faulty.entry.row for faulty in reading.faulty),
        *(line.row for line in reading.skipped),
    ]
    assert sorted(found) == lines
    blocked = {problem.row for problem in reading.problems if problem.blocking}
    assert blocked == {faulty.entry.row for faulty in reading.faulty}
    numbers = [row.nip or row.nik for row in reading.rows]
    assert None not in numbers
    assert len(set(numbers)) == len(numbers)
    assert all(row.name and len(row.name) <= 150 for row in reading.rows)
    again = bad_rows_workbook(reading)
    assert reading == reading_of(io.BytesIO(content))
    if reading.faulty:
        check_that_the_faulty_rows_can_be_read(again, len(reading.faulty))


def check_that_the_faulty_rows_can_be_read(content: bytes, count: int) -> None:
    (sheet,) = read_workbook(io.BytesIO(content)).sheets
    assert len(sheet.lines) == count + 1


@given(tables())
def test_any_csv_gives_rows_and_problems_and_never_an_exception(rows):
    text = io.StringIO()
    writer(text).writerows(rows)
    check_that_nothing_is_lost(io.BytesIO(text.getvalue().encode("utf-8", "replace")))


@given(tables())
def test_any_xlsx_gives_rows_and_problems_and_never_an_exception(rows):
    body = "".join(
        inline_row(number, *(escape(_as_xml(cell)) for cell in row))
        for number, row in enumerate(rows, start=1)
    )
    check_that_nothing_is_lost(bare_xlsx(body))


def _as_xml(text: str) -> str:
    return "".join(
        c for c in text if c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) < 0xFFFE
    )


@given(st.binary(max_size=300))
def test_any_bytes_give_a_workbook_or_a_reason(content):
    check_that_nothing_is_lost(io.BytesIO(content))
