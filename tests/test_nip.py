"""NIP, NI PPPK and NIK: read, checked, masked, never guessed."""

from __future__ import annotations

import datetime
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pledges.nip import (
    InvalidNik,
    InvalidNip,
    Nip,
    mask_nik,
    mask_nip,
    nik_oddities,
    oddities,
    parse_nik,
    parse_nip,
)


def test_a_pns_number_tells_birth_date_appointment_and_sex():
    assert parse_nip("200012312024121001") == Nip(
        digits="200012312024121001",
        kind="pns",
        birth_date=datetime.date(2000, 12, 31),
        appointed=2024,
        sex="L",
    )


def test_a_pppk_number_has_21_to_29_where_pns_have_a_month():
    nip = parse_nip("200012312024212001")
    assert nip.kind == "pppk"
    assert nip.sex == "P"


@pytest.mark.parametrize(
    "written",
    [
        "19800101 200501 1 001",
        "19800101\u00a0200501\u00a01\u00a0001",
        "19800101.200501.1.001",
        "19800101-200501-1-001",
        "'198001012005011001",
        "’198001012005011001",
        "198001012005011001'",
        '="198001012005011001"',
        '="19800101 200501 1 001"',
        "NIP. 19800101 200501 1 001",
        "NIP: 198001012005011001",
        "\u200b198001012005011001\ufeff",
        "  198001012005011001\n",
        "198001012005\n011001",
    ],
)
def test_spaces_dots_apostrophes_and_formula_quotes_are_cleaned(written):
    assert parse_nip(written).digits == "198001012005011001"


@pytest.mark.parametrize(
    "written",
    [
        "1,98003E+17",
        "1.98003E+17",
        "1.98001012005011E+17",
        "1,98E17",
        "198001012005011000",
        "198001012005011001.0",
        "198001012005011001,00",
        "19800101 200501 1 000",
    ],
)
def test_a_nip_that_excel_destroyed_is_named_and_the_way_out_told(written):
    with pytest.raises(InvalidNip, match=r"Excel.*sebagai teks.*Text"):
        parse_nip(written)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "kosong"),
        (" ' ", "kosong"),
        ("12345", "18 angka; yang tertulis 5"),
        ("1980010120050110011", "yang tertulis 19"),
        ("130123456", "NIP lama"),
        ("3273010101800001", "kolom NIK"),
        ("19800101200501100O", "“O”"),
        ("١٩٨٠٠١٠١٢٠٠٥٠١١٠٠١", "hanya boleh berisi angka"),
        ("198013012005011001", "bukan tanggal lahir"),
        ("198002302005011001", "bukan tanggal lahir"),
        ("000001012005011001", "bukan tanggal lahir"),
        ("189901012005011001", "bukan tanggal lahir"),
        ("198001012005131001", "bulan pengangkatan"),
        ("198001012005001001", "bulan pengangkatan"),
        ("198001012005301001", "bulan pengangkatan"),
    ],
)
def test_what_is_no_nip_is_refused_with_the_reason(written, reason):
    with pytest.raises(InvalidNip, match=reason):
        parse_nip(written)


def test_an_unlikely_age_at_appointment_only_warns():
    assert oddities(parse_nip("200001012005011001")) == [
        "Menurut NIP ini usia saat diangkat 5 tahun. Periksa lagi angkanya."
    ]


def test_a_pppk_may_be_appointed_late_in_life_and_a_pns_may_not():
    assert oddities(parse_nip("196501012024211001")) == []
    assert "59 tahun" in oddities(parse_nip("196501012024011001"))[0]


def test_a_sex_digit_other_than_1_and_2_only_warns():
    nip = parse_nip("198001012005013001")
    assert nip.sex == ""
    assert "Angka ke-15" in oddities(nip)[0]


def test_an_ordinary_nip_has_no_oddities():
    assert oddities(parse_nip("198001012005011001")) == []


def test_a_masked_nip_hides_month_and_day_of_birth():
    assert mask_nip("198001012005011001") == "1980••••••••••1001"


def test_a_masked_nik_hides_birth_date_and_most_of_the_rest():
    assert mask_nik("3273010101800001") == "3273••••••••••01"


@pytest.mark.parametrize(
    "written", ["3273 0101 0180 0001", "'3273010101800001", "NIK 3273010101800001"]
)
def test_a_nik_is_sixteen_digits_however_spaced(written):
    assert parse_nik(written) == "3273010101800001"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("3,27301E+15", "Excel"),
        ("3273010101800001.0", "Excel"),
        ("327301010180001", "16 angka; yang tertulis 15"),
        ("0273010101800001", "tidak mungkin"),
        ("3273010101800000", "tidak mungkin"),
        ("32730101018OOOO1", "“O”"),
    ],
)
def test_what_is_no_nik_is_refused_with_the_reason(written, reason):
    with pytest.raises(InvalidNik, match=reason):
        parse_nik(written)


def test_a_nik_with_an_impossible_birth_date_only_warns():
    assert nik_oddities("3273010101800001") == []
    assert nik_oddities("3273014101800001") == []  # a woman: day + 40
    assert "Tanggal lahir" in nik_oddities("3273013213800001")[0]


@given(st.text(max_size=40))
def test_any_text_is_a_nip_or_a_reason(text):
    with suppress(InvalidNip):
        assert len(parse_nip(text).digits) == 18


@given(st.text(max_size=40))
def test_any_text_is_a_nik_or_a_reason(text):
    with suppress(InvalidNik):
        assert len(parse_nik(text)) == 16
