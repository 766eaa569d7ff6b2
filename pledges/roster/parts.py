"""Cells about the ceremony: somebody's part in it, and when they sign."""

from __future__ import annotations

import re
from typing import Literal

from pledges.models.event import MAX_WAVES
from pledges.roster.cells import BadCell, plain
from pledges.roster.words import fold, vocabulary

Part = Literal["signer", "presiding", "representative", "witness"]

_LONGEST = 100
_PART_WORDS: dict[Part, frozenset[str]] = {
    "signer": vocabulary("penanda penandatangan peserta"),
    "presiding": vocabulary("pimpinan pemimpin pembina inspektur"),
    "representative": vocabulary("perwakilan"),
    "witness": vocabulary("saksi"),
}
_WAVE = re.compile(r"(?:(?:gelombang|gel\.?|ke)[\s\-]*)*(\d{1,2})(?:[.,]0)?", re.I)
_SEQUENCE = re.compile(r"([1-9]\d{0,2})\.?(?:[.,]0)?")


def part(text: str) -> Part | None:
    """What somebody is at the ceremony; None for an empty cell."""
    if not (text := plain(text, longest=_LONGEST)):
        return None
    words = set(fold(text).split())
    found: list[Part] = [part for part, names in _PART_WORDS.items() if names & words]
    if len(found) != 1:
        raise BadCell(
            f"Peran “{text}” tidak dikenal. Tulis Pimpinan, Perwakilan, Saksi, atau Peserta; "
            "kosongkan bila orang ini menandatangani seperti yang lain."
        )
    return found[0]


def wave(text: str) -> int | None:
    if not (text := plain(text, longest=_LONGEST)):
        return None
    match = _WAVE.fullmatch(text)
    if not match or not 1 <= int(match[1]) <= MAX_WAVES:
        raise BadCell(f"Tertulis “{text}”. Gelombang ditulis sebagai angka 1 sampai {MAX_WAVES}.")
    return int(match[1])


def sequence(text: str) -> int | None:
    if not (text := plain(text, longest=_LONGEST)):
        return None
    if match := _SEQUENCE.fullmatch(text):
        return int(match[1])
    raise BadCell(f"Tertulis “{text}”. Urutan ditulis sebagai angka; dibiarkan kosong.")
