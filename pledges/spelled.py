"""Numbers and dates as minutes spell them out in Indonesian. Pure."""

from __future__ import annotations

import datetime

from django.utils import formats, translation

_UNITS = (
    "nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan",
    "sepuluh", "sebelas",
)  # fmt: skip


def number(value: int) -> str:
    """0 to 999,999: "dua ribu dua puluh empat"."""
    if value < 12:
        return _UNITS[value]
    if value < 20:
        return f"{_UNITS[value - 10]} belas"
    if value < 100:
        return _joined(value, 10, "puluh")
    if value < 200:
        return _and_rest("seratus", value - 100)
    if value < 1000:
        return _joined(value, 100, "ratus")
    if value < 2000:
        return _and_rest("seribu", value - 1000)
    return _joined(value, 1000, "ribu")


def _joined(value: int, size: int, name: str) -> str:
    return _and_rest(f"{number(value // size)} {name}", value % size)


def _and_rest(words: str, rest: int) -> str:
    return f"{words} {number(rest)}" if rest else words


def date(day: datetime.date) -> str:
    """ "Senin, tanggal dua puluh sembilan bulan Juli tahun dua ribu dua puluh empat"."""
    with translation.override("id"):
        weekday, month = formats.date_format(day, "l"), formats.date_format(day, "F")
    return f"{weekday}, tanggal {number(day.day)} bulan {month} tahun {number(day.year)}"
