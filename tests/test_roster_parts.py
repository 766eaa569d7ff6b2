"""Columns about the ceremony: who has which part, in what order, and who signs when."""

from __future__ import annotations

import pytest

from pledges.roster.cells import BadCell
from pledges.roster.fields import Field, meaning
from pledges.roster.parts import part, sequence, wave
from pledges.roster.reading import Reading
from tests.test_roster_rows import ANDI, BELLA, CITRA, but, person, problem_of, problems_of, read

HEADER = ["Nama", "NIP", "Unit Kerja", "Peran"]


def roster(*parts: str) -> Reading:
    people = zip(("Andi", "Bella", "Citra"), (ANDI, BELLA, CITRA), parts, strict=False)
    return read([HEADER, *([name, nip, "Dinas Kesehatan", part] for name, nip, part in people)])


@pytest.mark.parametrize(
    ("field", "headers"),
    [
        (Field.WAVE, "Gelombang|GELOMBANG KE|Giliran|Gelombang Tanda Tangan|No. Gelombang"),
        (Field.PART, "Peran|PERAN|Peran dalam acara|Peran pada Apel"),
        (Field.CAPACITY, "Bertindak sebagai|Kapasitas|Mewakili|Bertindak Sebagai :"),
        (Field.SEQUENCE, "Urutan|Urutan tanda tangan|Urutan Perwakilan"),
    ],
)
def test_the_columns_are_known_by_their_names(field: Field, headers: str):
    for header in headers.split("|"):
        known = meaning(header)
        assert known is not None, header
        assert known.field is field, header


@pytest.mark.parametrize("header", ["No. Urut", "Kode Gelombang", "Tanggal Gelombang"])
def test_other_columns_are_not_taken_for_them(header: str):
    assert meaning(header) is None


def test_a_row_says_part_capacity_order_and_wave():
    row = person(
        **but(
            Peran="Perwakilan", Bertindak_sebagai="Ketua Paguyuban Camat", Urutan="3", Gelombang=1
        )
    )
    assert (row.part, row.capacity, row.sequence, row.given_wave) == (
        "representative", "Ketua Paguyuban Camat", 3, 1,
    )  # fmt: skip


def test_empty_cells_say_nothing():
    row = person(**but(Peran="", Bertindak_sebagai="-", Urutan=None, Gelombang=" "))
    assert (row.part, row.capacity, row.sequence, row.given_wave) == (None, "", None, None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Perwakilan", "representative"),
        ("PERWAKILAN PPPK", "representative"),
        ("Saksi", "witness"),
        ("saksi 2", "witness"),
        ("Pimpinan", "presiding"),
        ("Pembina Apel", "presiding"),
        ("Pimpinan acara", "presiding"),
        ("Inspektur Upacara", "presiding"),
        ("Peserta", "signer"),
        ("Penanda tangan", "signer"),
        ("", None),
        ("–", None),
    ],
)
def test_parts_are_known_by_the_words_that_offices_use(text: str, found: str | None):
    assert part(text) == found


@pytest.mark.parametrize("text", ["Ketua", "Perwakilann", "Saksi dan Perwakilan", "1"])
def test_an_unknown_part_is_a_problem_of_its_row(text: str):
    problem = problem_of(**but(Peran=text))
    assert (problem.row, problem.header, problem.blocking) == (2, "Peran", True)
    assert problem.message.startswith(f"Peran “{text}” tidak dikenal. Tulis Pimpinan")


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("20", 20), ("2.0", 2), ("Gelombang 3", 3), ("gel. 2", 2), ("ke-2", 2), ("", None)],
)
def test_a_wave_is_a_number(text: str, number: int | None):
    assert wave(text) == number


@pytest.mark.parametrize("text", ["0", "21", "pertama", "1,5", "II dan III", "-1"])
def test_a_wave_that_is_none_is_a_problem_of_its_row(text: str):
    problem = problem_of(**but(Gelombang=text))
    assert problem.message == (f"Tertulis “{text}”. Gelombang ditulis sebagai angka 1 sampai 20.")
    assert problem.blocking


def test_an_order_that_is_none_only_warns_and_only_for_those_with_a_part():
    problem = problem_of(**but(Peran="Saksi", Urutan="kedua"))
    assert (problem.blocking, problem.header) == (False, "Urutan")
    assert problems_of(**but(Peran="", Urutan="kedua")) == []
    with pytest.raises(BadCell):
        sequence("0")


def test_a_column_that_numbers_the_lines_gives_nobody_an_order():
    assert person(**but(Urutan="1")).sequence is None


def test_a_capacity_without_a_part_only_warns_and_is_left_out():
    problem = problem_of(**but(Bertindak_sebagai="Ketua Paguyuban Camat"))
    assert not problem.blocking
    assert "kolom Peran tidak menyebut" in problem.message
    assert person(**but(Bertindak_sebagai="Ketua Paguyuban Camat")).capacity == ""


def test_a_capacity_longer_than_a_line_is_a_problem():
    assert problem_of(**but(Peran="Saksi", Kapasitas="x" * 201)).blocking


def test_two_people_presiding_in_one_file_are_both_refused():
    reading = roster("Pimpinan", "Saksi", "Pembina apel")
    assert [(p.row, p.header, p.message) for p in reading.problems] == [
        (2, "Peran", "Pimpinan acara hanya satu, tetapi baris 4 juga pimpinan (“Citra”). "
         "Ubah peran salah satunya."),
        (4, "Peran", "Pimpinan acara hanya satu, tetapi baris 2 juga pimpinan (“Andi”). "
         "Ubah peran salah satunya."),
    ]  # fmt: skip
    assert [row.name for row in reading.rows] == ["Bella"]


def test_one_person_presiding_is_no_problem():
    assert roster("Pimpinan", "Perwakilan", "Peserta").problems == ()
