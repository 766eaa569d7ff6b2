"""Names that Windows, macOS and Linux all take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pledges import filenames


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dinas Kesehatan", "Dinas Kesehatan"),
        ("Puskesmas  Ujung\tBerung ", "Puskesmas Ujung Berung"),
        ("Siti Aminah, S.Pd.", "Siti Aminah, S.Pd"),
        ("Bagian Umum/Keuangan", "Bagian Umum-Keuangan"),
        (r"..\..\windows", "-..-windows"),
        ("../../etc/passwd", "-..-etc-passwd"),
        ('<script>"a|b?*:c"', "-script--a-b---c-"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Aux .", "_Aux"),
        ("LPT1", "_LPT1"),
        ("Com²", "_Com²"),
        ("Console", "Console"),
        ("AUXILIARY", "AUXILIARY"),
        ("...", "_"),
        ("", "_"),
        ("\u202egpj.exe", "gpj.exe"),
        ("Sari\x00\x07", "Sari"),
        ("Rene\u0301", "René"),
        ("a" * 49 + ". b", "a" * 49),
        ("a" * 60, "a" * 50),
        (
            "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
            "Badan Kepegawaian dan Pengembangan Sumber Daya",
        ),
    ],
)
def test_a_name_is_safe_on_windows(text, name):
    assert filenames.safe(text) == name


@given(st.text())
def test_any_text_becomes_a_name_that_windows_takes(text):
    name = filenames.safe(text)

    assert 1 <= len(name) <= filenames.MAX_LENGTH + 1
    assert not set(name) & set('<>:"/\\|?*')
    assert all(ord(c) >= 32 for c in name)
    assert name == name.strip(" .")
    assert name.split(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    name.encode()


def test_names_of_one_folder_are_unique_even_where_case_makes_no_difference():
    folder = filenames.Folder()

    assert folder.claim("Sekretariat") == "Sekretariat"
    assert folder.claim("SEKRETARIAT") == "SEKRETARIAT (2)"
    assert folder.claim("sekretariat") == "sekretariat (3)"
    assert folder.claim("sekretariat", ".pdf") == "sekretariat.pdf"
    assert folder.claim("Sekretariat", ".PDF") == "Sekretariat (2).PDF"
