"""The header is found wherever it stands, and its columns under whatever name."""

from __future__ import annotations

import pytest

from pledges.roster.columns import Recognition, recognise
from pledges.roster.fields import UNITS, Field, is_counter, meaning
from pledges.roster.files import read_workbook
from tests.spreadsheets import csv, xlsx

NIP = "198001012005011001"


def found(table, **options) -> Recognition:
    (sheet,) = read_workbook(xlsx(table, **options)).sheets
    recognition = recognise(sheet)
    assert recognition is not None
    return recognition


def mapping(*header: str) -> dict[Field, int]:
    return dict(found([header]).mapping)


# ------------------------------------------------------------------ names of columns


@pytest.mark.parametrize(
    ("field", "headers"),
    [
        (
            Field.NIP,
            "NIP|NIP Baru|N I P|Nomor Induk Pegawai|No. Induk Pegawai|NI PPPK|NIP / NI PPPK|nip.|"
            "NIP PNS|NIP / NRP|NIPPPK|NIP (18 digit)|Nomor Induk PPPK",
        ),
        (Field.NIK, "NIK|No KTP|No. KTP|Nomor Induk Kependudukan|NIK (e-KTP)|Nomor NIK/KTP"),
        (Field.NIP_OR_NIK, "NIP/NIK|NIP / NI PPPK / NIK|NIK/NIP|NIP atau NIK"),
        (
            Field.NAME,
            "Nama|NAMA LENGKAP|Nama Pegawai|Nama PNS|Nama ASN|Nama\nLengkap|Nama dan Gelar|"
            "Nama Lengkap (dengan gelar)|NAMA PEGAWAI :|Nama PPPK|Nama Peserta|N A M A",
        ),
        (Field.TITLE_BEFORE, "Gelar Depan|Gelar di Depan|GELAR\nDEPAN"),
        (Field.TITLE_AFTER, "Gelar Belakang|gelar_belakang|Gelar di Belakang"),
        (
            Field.RANK,
            "Pangkat|Pangkat/Gol|Pangkat, Gol. Ruang|Pangkat (Gol/Ruang)|Pangkat Terakhir",
        ),
        (Field.GRADE, "Gol|Gol.|Golongan|Golongan Ruang|Gol/Ruang|Gol. Ruang|GolRu|Golongan PNS"),
        (Field.POSITION, "Jabatan|Nama Jabatan|JABATAN TERAKHIR|Jabatan Saat Ini|Jabatan / Eselon"),
        (Field.ECHELON, "Eselon|Eselonering|Eselon Jabatan"),
        (
            Field.PHONE,
            "HP|No. HP|No. WA|No HP/WA|Telepon|Nomor WhatsApp|Nomor Handphone|No. Telp|Kontak",
        ),
        (Field.EMAIL, "E-mail|Email|Surel|Alamat e-mail|e_mail|EMAIL DINAS"),
        (
            Field.KIND,
            "Jenis|Jenis Pegawai|Status Kepegawaian|Status|Jenis Kepegawaian|Jenis ASN|PNS/PPPK",
        ),
        (
            Field.UNIT_1,
            "Unit Kerja|OPD|Perangkat Daerah|Unor|Unit Organisasi|Instansi|Sub Unit|Bidang|SKPD|"
            "Nama Unit Kerja|Nama OPD|OPD/Unit Kerja|Satuan Kerja|Tempat Tugas|Bidang/Bagian|"
            "ORGANISASI PERANGKAT DAERAH|SATUAN KERJA INDUK NAMA",
        ),
    ],
)
def test_a_column_is_known_by_its_many_names(field, headers):
    for header in headers.split("|"):
        known = meaning(header)
        assert known is not None, header
        assert known.field is field, header


@pytest.mark.parametrize(
    "header",
    [
        *("NIP Lama", "NIP Atasan", "Nama Atasan", "Nama Istri", "Tempat Lahir", "Tanggal Lahir"),
        *("Kode Unit Kerja", "TMT Golongan", "Jenis Kelamin", "Jenis Jabatan", "Kelas Jabatan"),
        *("Golongan Darah", "Status Perkawinan", "Pendidikan", "Alamat", "Masalah", "Asal", ""),
        "Nama " * 30,
    ],
)
def test_columns_about_something_else_are_left_alone(header):
    assert meaning(header) is None


@pytest.mark.parametrize("header", ["No", "No.", "NO. URUT", "Nomor Urut"])
def test_the_column_that_numbers_the_lines_is_known(header):
    assert is_counter(header)
    assert meaning(header) is None


@pytest.mark.parametrize("field", Field)
def test_the_headers_that_we_write_ourselves_are_known_again(field):
    header = [Field.NAME.label, Field.NIP.label, field.label]
    if field in UNITS:
        header = [Field.NAME.label, Field.NIP.label, *(unit.label for unit in UNITS)]
    assert field in mapping(*header)


def test_nip_baru_comes_before_nip_and_the_left_of_two_alike_before_the_right():
    assert mapping("NIP", "NIP Baru", "Nama", "Nama")[Field.NIP] == 1
    assert mapping("NIP", "NIP Baru", "Nama", "Nama")[Field.NAME] == 2


@pytest.mark.parametrize(
    ("header", "units"),
    [
        (("Nama", "NIP", "Unit Kerja"), [2]),
        (("Nama", "NIP", "Unit Kerja", "OPD"), [3, 2]),
        (("Nama", "NIP", "Bidang", "Unit Kerja", "Perangkat Daerah"), [4, 3, 2]),
        (("Sub Unit", "Unit Kerja", "Nama", "NIP"), [1, 0]),
        (("Nama", "NIP", "Instansi", "Unor"), [2, 3]),
        (("Nama", "NIP", "Unit Kerja", "Satuan Kerja"), [3, 2]),
        (("Nama", "NIP", "Tempat Tugas", "Unit Kerja"), [3]),
        (("Nama", "NIP", "Seksi", "OPD", "Bidang"), [3, 2, 4]),
        (("Nama", "NIP", "Instansi", "OPD", "Unit Kerja", "Bidang"), [2, 3, 4]),
    ],
)
def test_two_or_three_unit_columns_make_a_path_the_broader_first(header, units):
    found_units = mapping(*header)
    assert [found_units[unit] for unit in UNITS if unit in found_units] == units


def test_only_an_opd_or_an_agency_begins_a_path_at_its_top():
    assert found([["Nama", "NIP", "OPD"]]).begins_with_uppermost_unit
    assert found([["Nama", "NIP", "Instansi", "Bidang"]]).begins_with_uppermost_unit
    assert not found([["Nama", "NIP", "Unit Kerja"]]).begins_with_uppermost_unit
    assert not found([["Nama", "NIP"]]).begins_with_uppermost_unit


SIASN = (
    "PNS ID|NIP BARU|NIP LAMA|NAMA|GELAR DEPAN|GELAR BELAKANG|TEMPAT LAHIR NAMA|TANGGAL LAHIR|"
    "JENIS KELAMIN|AGAMA NAMA|NIK|NOMOR HP|EMAIL|EMAIL GOV|ALAMAT|JENIS PEGAWAI ID|"
    "JENIS PEGAWAI NAMA|KEDUDUKAN HUKUM NAMA|STATUS CPNS PNS|GOL AWAL NAMA|GOL AKHIR ID|"
    "GOL AKHIR NAMA|TMT GOLONGAN|MK TAHUN|JENIS JABATAN NAMA|JABATAN ID|JABATAN NAMA|"
    "TMT JABATAN|TINGKAT PENDIDIKAN NAMA|LOKASI KERJA ID|LOKASI KERJA NAMA|UNOR ID|UNOR NAMA|"
    "INSTANSI INDUK NAMA|INSTANSI KERJA NAMA|SATUAN KERJA NAMA"
)


def test_an_export_of_siasn_is_recognised():
    header = SIASN.split("|")
    assert {field: header[column] for field, column in mapping(*header).items()} == {
        Field.NIP: "NIP BARU",
        Field.NAME: "NAMA",
        Field.TITLE_BEFORE: "GELAR DEPAN",
        Field.TITLE_AFTER: "GELAR BELAKANG",
        Field.NIK: "NIK",
        Field.PHONE: "NOMOR HP",
        Field.EMAIL: "EMAIL",
        Field.KIND: "JENIS PEGAWAI NAMA",
        Field.GRADE: "GOL AKHIR NAMA",
        Field.POSITION: "JABATAN NAMA",
        Field.UNIT_1: "INSTANSI INDUK NAMA",
        Field.UNIT_2: "SATUAN KERJA NAMA",
        Field.UNIT_3: "UNOR NAMA",
    }


# ------------------------------------------------------------------ where the header is


def test_title_rows_above_the_header_are_passed_over():
    table = [["DAFTAR NOMINATIF ASN"], ["KOTA CONTOH TAHUN 2024"], [], ["No", "Nama", "NIP"], [1]]
    recognition = found(table, merged=["A1:C1", "A2:C2"])
    assert (recognition.header, recognition.body) == (2, 3)
    assert recognition.labels == ("No", "Nama", "NIP")
    assert recognition.counter == 0


def test_a_title_that_sounds_like_a_column_is_no_header():
    table = [["Unit Kerja", "Dinas Kesehatan"], ["Nama", "NIP", "Jabatan"], ["Andi", NIP, "Guru"]]
    assert found(table).header == 1


TWO_ROWS: list[list[object]] = [
    ["No", "Nama", "Gelar", None, "NIP", "Pangkat", None, "Jabatan"],
    [None, None, "Depan", "Belakang", None, "Gol", "Ruang", None],
    [1, "Andi", "Dr.", "S.T.", NIP, "III", "d", "Guru"],
]
TWO_ROWS_MERGED = ["A1:A2", "B1:B2", "C1:D1", "E1:E2", "F1:G1", "H1:H2"]


@pytest.mark.parametrize("merged", [[], TWO_ROWS_MERGED])
def test_a_header_over_two_rows_is_read_as_one(merged):
    recognition = found(TWO_ROWS, merged=merged)
    assert recognition.body == 2
    assert recognition.mapping == {
        Field.NAME: 1,
        Field.TITLE_BEFORE: 2,
        Field.TITLE_AFTER: 3,
        Field.NIP: 4,
        Field.RANK: 5,
        Field.GRADE_LETTER: 6,
        Field.POSITION: 7,
    }


def test_a_header_over_two_rows_is_read_from_csv_too():
    lines = [";".join(str(cell or "") for cell in row) for row in TWO_ROWS]
    (sheet,) = read_workbook(csv("\n".join(lines))).sheets
    recognition = recognise(sheet)
    assert recognition is not None
    assert recognition.labels[2:4] == ("Gelar Depan", "Gelar Belakang")


def test_a_second_header_row_that_adds_no_column_belongs_to_the_header_all_the_same():
    table = [
        ["Nama", "NIP", "Pangkat", None],
        [None, None, "Gol", "TMT"],
        ["Andi", NIP, "III/d", "x"],
    ]
    assert found(table).body == 2
    table = [
        ["Nama", "NIP", "Alamat", None],
        [None, None, "Jalan", "Kota"],
        ["Andi", NIP, "A", "B"],
    ]
    assert found(table).body == 2


@pytest.mark.parametrize(
    "below",
    [
        ["Andi", NIP, "Guru"],
        ["1", "2", "3"],
        ["DINAS KESEHATAN", None, None],
        [None, "DINAS KESEHATAN", None],
        [None, None, "Guru"],
        ["Andi", None, "Guru"],
        [None, None, "Guru", "Dinas"],
    ],
)
def test_the_row_below_a_header_of_one_row_is_not_swallowed(below):
    assert found([["Nama", "NIP", "Jabatan", "OPD"], below]).body == 1


def test_titles_under_a_group_of_names_are_found():
    table = [["NAMA / GELAR", None, None, "NIP"], ["NAMA", "DEPAN", "BELAKANG", None], ["Andi"]]
    for merged in ([], ["A1:C1", "D1:D2"]):
        assert found(table, merged=merged).mapping == {
            Field.NAME: 0,
            Field.TITLE_BEFORE: 1,
            Field.TITLE_AFTER: 2,
            Field.NIP: 3,
        }


def test_a_group_above_name_and_number_does_not_change_them():
    table = [["Data Pegawai", None, "Jabatan"], ["Nama", "NIP", "Nama"], ["Andi", NIP, "Guru"]]
    recognition = found(table)
    assert recognition.body == 2
    assert recognition.mapping == {Field.NAME: 0, Field.NIP: 1, Field.POSITION: 2}


def test_what_no_roster_can_do_without_is_named_when_it_is_missing():
    assert found([["Nama", "Jabatan"]]).missing == (Field.NIP,)
    assert found([["NIP", "Jabatan"]]).missing == (Field.NAME,)
    assert found([["NIK", "Nama"]]).missing == ()


@pytest.mark.parametrize("table", [[["Andi", NIP], ["Budi", NIP]], [["Nama"]], [["x"]]])
def test_a_sheet_without_a_header_is_not_recognised(table):
    (sheet,) = read_workbook(xlsx(table)).sheets
    assert recognise(sheet) is None


def test_a_header_far_down_is_not_searched_for():
    (sheet,) = read_workbook(xlsx([["x"]] * 60 + [["Nama", "NIP"]])).sheets
    assert recognise(sheet) is None
