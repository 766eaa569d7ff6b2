"""Numbers and dates in words."""

import datetime

import pytest

from pledges import spelled


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "nol"),
        (1, "satu"),
        (10, "sepuluh"),
        (11, "sebelas"),
        (12, "dua belas"),
        (19, "sembilan belas"),
        (20, "dua puluh"),
        (29, "dua puluh sembilan"),
        (100, "seratus"),
        (111, "seratus sebelas"),
        (205, "dua ratus lima"),
        (1000, "seribu"),
        (1999, "seribu sembilan ratus sembilan puluh sembilan"),
        (2024, "dua ribu dua puluh empat"),
        (11_100, "sebelas ribu seratus"),
        (200_000, "dua ratus ribu"),
    ],
)
def test_numbers_are_spelled_as_letters_have_them(value, words):
    assert spelled.number(value) == words


def test_a_date_is_spelled_with_its_weekday():
    assert spelled.date(datetime.date(2024, 7, 29)) == (
        "Senin, tanggal dua puluh sembilan bulan Juli tahun dua ribu dua puluh empat"
    )
