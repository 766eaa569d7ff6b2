"""NIP (PNS), NI PPPK and NIK: read, check, mask. Pure.

A number is taken as it stands or refused, never guessed. Messages are Indonesian and say
how to mend the cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

NIP_LENGTH = 18
NIK_LENGTH = 16

_WRAPPED = re.compile(r'=\s*"(.*)"', re.DOTALL)
_LABEL = re.compile(r"(?:NIP|NI\s?PPPK|NIPPPK|NIK)\b[\s.:]*", re.IGNORECASE)
# What people put between the groups of digits or before them, seen or unseen.
_CLUTTER = re.compile("[\\s.'‘’`´\"/\\-\u2010-\u2015\u200b-\u200f\u2060\ufeff\u00ad]+")
# A number cell keeps 15 digits; longer ones show as 1,98003E+17, or as 1980…000 or 1980…,00.
_AS_NUMBER = re.compile(r"\d(?:[.,]\d*)?E\+?\d+|\d{15,}[.,]0{1,2}", re.IGNORECASE)

_AS_TEXT = (
    "Ekspor ulang daftar dari sumbernya (SIMPEG/SIASN) dengan kolom ini sebagai teks; di Excel, "
    "ubah dulu format kolom menjadi Teks (Beranda → Format Angka → Teks; bahasa Inggris: "
    "Home → Number Format → Text), baru tempelkan angkanya."
)


class InvalidNip(ValueError):
    """Not a NIP or NI PPPK; the message says why and what to do."""


class InvalidNik(ValueError):
    """Not a NIK; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Nip:
    digits: str
    kind: Literal["pns", "pppk"]
    birth_date: date
    appointed: int  # year
    sex: Literal["L", "P", ""]


def parse_nip(text: str) -> Nip:
    """`YYYYMMDD YYYYMM G NNN`, or `YYYYMMDD YYYY 2F G NNN` for PPPK, however it was spaced."""
    digits = _digits(text, "NIP", InvalidNip)
    if len(digits) != NIP_LENGTH:
        raise InvalidNip(_wrong_length(digits))
    if digits.endswith("000"):  # serials begin at 001, and Excel leaves 15 digits
        raise InvalidNip(f"Angka terakhir NIP {digits} hilang karena Excel. {_AS_TEXT}")
    return Nip(
        digits=digits,
        kind=_kind(digits),
        birth_date=_birth_date(digits),
        appointed=int(digits[8:12]),
        sex=_sex(digits),
    )


def oddities(nip: Nip) -> list[str]:
    """What is unlikely about a well-formed number: a reason to look again, not to refuse."""
    found = []
    age = nip.appointed - nip.birth_date.year
    if not 17 <= age <= (50 if nip.kind == "pns" else 64):
        found.append(f"Menurut NIP ini usia saat diangkat {age} tahun. Periksa lagi angkanya.")
    if not nip.sex:
        found.append(f"Angka ke-15 NIP ini {nip.digits[14]}, biasanya 1 atau 2. Periksa lagi.")
    return found


def mask_nip(digits: str) -> str:
    """Enough to recognise one's own, without the day of birth: 1980••••••••••1001."""
    return _mask(digits, head=4, tail=4)


def parse_nik(text: str) -> str:
    """The 16 digits."""
    digits = _digits(text, "NIK", InvalidNik)
    if len(digits) != NIK_LENGTH:
        raise InvalidNik(f"NIK harus {NIK_LENGTH} angka; yang tertulis {len(digits)} angka.")
    if digits[0] == "0" or digits.endswith("0000"):
        raise InvalidNik(f"NIK ini tidak mungkin benar. Bila angkanya hilang: {_AS_TEXT}")
    return digits


def nik_oddities(nik: str) -> list[str]:
    day, month = int(nik[6:8]), int(nik[8:10])
    if 1 <= month <= 12 and (1 <= day <= 31 or 41 <= day <= 71):  # women: day + 40
        return []
    return ["Tanggal lahir di dalam NIK ini tidak ada di kalender. Periksa lagi angkanya."]


def mask_nik(digits: str) -> str:
    return _mask(digits, head=4, tail=2)


def _digits(text: str, name: str, error: type[ValueError]) -> str:
    text = text.strip()
    if wrapped := _WRAPPED.fullmatch(text):
        text = wrapped[1]
    text = _LABEL.sub("", text.strip(" '’\u00a0"), count=1)
    if _AS_NUMBER.fullmatch(text):
        raise error(f"{name} rusak: Excel menyimpannya sebagai angka ({text[:30]}). {_AS_TEXT}")
    digits = _CLUTTER.sub("", text)
    if not digits:
        raise error(f"{name} kosong.")
    if strange := re.search(r"[^0-9]", digits):
        raise error(f"{name} hanya boleh berisi angka; di sini ada “{strange[0]}”.")
    return digits


def _wrong_length(digits: str) -> str:
    if len(digits) == 9:
        return "Ini NIP lama (9 angka). Isikan NIP baru, 18 angka."
    if len(digits) == NIK_LENGTH:
        return "NIP harus 18 angka; yang tertulis 16 angka. Bila ini NIK, pindahkan ke kolom NIK."
    return f"NIP harus {NIP_LENGTH} angka; yang tertulis {len(digits)} angka."


def _kind(digits: str) -> Literal["pns", "pppk"]:
    part = int(digits[12:14])
    if 1 <= part <= 12:
        return "pns"
    if 21 <= part <= 29:
        return "pppk"
    raise InvalidNip(
        f"Angka ke-13 dan ke-14 NIP ({digits[12:14]}) harus bulan pengangkatan 01–12, "
        "atau 21–29 untuk PPPK. Periksa lagi angkanya."
    )


def _birth_date(digits: str) -> date:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    try:
        if 1900 <= year < 2100:
            return date(year, month, day)
    except ValueError:
        pass
    raise InvalidNip(
        f"Delapan angka pertama NIP ({digits[:8]}) bukan tanggal lahir "
        "(tahun, bulan, tanggal). Periksa lagi angkanya."
    )


def _sex(digits: str) -> Literal["L", "P", ""]:
    return "L" if digits[14] == "1" else "P" if digits[14] == "2" else ""


def _mask(digits: str, *, head: int, tail: int) -> str:
    return digits[:head] + "•" * (len(digits) - head - tail) + digits[-tail:]
