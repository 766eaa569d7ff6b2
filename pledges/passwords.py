"""Passwords that everybody would try first at an installation of Pakta."""

from __future__ import annotations

import re

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

# Told in docs/keamanan.md. Longer ones before those that they begin with.
WORDS = (
    "pakta", "integritas", "netralitas", "netral", "penandatanganan", "tandatangan", "apel",
    "pilkada", "pilpres", "pemilu", "bkpsdm", "bkpp", "bkn", "kpu", "bawaslu", "asn", "pns",
    "pppk", "pegawai", "admin", "petugas", "pengawas", "operator", "pemerintah", "pemprov",
    "pemkot", "pemkab", "provinsi", "kabupaten", "kota", "dinas", "indonesia", "merdeka",
    "garuda", "pancasila", "sandi", "rahasia", "password",
)  # fmt: skip
_NOTHING_ELSE = re.compile(f"(?:{'|'.join(WORDS)})+")


class MoreThanOurWords:
    """Refuses what is made of such words with digits and signs between them."""

    def validate(self, password: str, user: User | None = None) -> None:
        letters = "".join(c for c in password.lower() if c.isalpha())
        if _NOTHING_ELSE.fullmatch(letters):
            raise ValidationError(
                "Kata sandi ini mudah ditebak: hanya kata yang biasa dipakai di sini, seperti "
                "“netralitas” atau “admin”, dengan angka atau tanda.",
                code="password_of_our_words",
            )

    def get_help_text(self) -> str:
        return "Jangan hanya memakai kata seperti “netralitas” atau “admin” dengan angka."
