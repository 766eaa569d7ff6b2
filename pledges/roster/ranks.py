"""Rank (pangkat) and grade (golongan ruang) of civil servants, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pledges.roster.cells import KIND_NAMES, Kind
from pledges.roster.fields import Field
from pledges.roster.words import filled, fold

RANKS = {
    "I/a": "Juru Muda",
    "I/b": "Juru Muda Tingkat I",
    "I/c": "Juru",
    "I/d": "Juru Tingkat I",
    "II/a": "Pengatur Muda",
    "II/b": "Pengatur Muda Tingkat I",
    "II/c": "Pengatur",
    "II/d": "Pengatur Tingkat I",
    "III/a": "Penata Muda",
    "III/b": "Penata Muda Tingkat I",
    "III/c": "Penata",
    "III/d": "Penata Tingkat I",
    "IV/a": "Pembina",
    "IV/b": "Pembina Tingkat I",
    "IV/c": "Pembina Utama Muda",
    "IV/d": "Pembina Utama Madya",
    "IV/e": "Pembina Utama",
}
GRADES = {rank: grade for grade, rank in RANKS.items()}
PPPK_GRADES = (
    *("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"),
    *("X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII"),
)

_BY_FOLD = {fold(rank): rank for rank in GRADES}
_PNS_GRADE = re.compile(r"(?<![A-Za-z\d])(IV|I{1,3}|[1-4])\s*[/.,\-–]?\s*([a-e])(?![A-Za-z])", re.I)
_PPPK_GRADE = re.compile(r"(?:gol(?:ongan)?[.\s]*)?([IVX]{1,5}|\d{1,2})", re.I)
_GRADE_WORDS = re.compile(r"\b(?:gol(?:ongan)?|ruang|gol/ruang)\b\.?", re.I)
_LEVEL = re.compile(r"\b(?:tk|tkt|tingkat)\.?\s*(?:I|1)\b", re.I)


@dataclass(frozen=True, slots=True)
class Standing:
    rank: str
    grade: str
    remarks: tuple[tuple[Field, str], ...]  # warnings


def standing(kind: Kind, *, rank: str, grade: str, letter: str) -> Standing:
    """Out of the cells of one person. Whatever the file says counts; what it leaves out, the
    table adds for PNS, who have a rank to each grade."""
    if letter and grade:
        grade = f"{grade}/{letter}"
    elif letter:
        rank = f"{rank}/{letter}"
    rank, grade_by_rank = read_standing(rank)
    rank_by_grade, known_grade = read_standing(grade)
    remarks = []
    if grade and not known_grade and rank_by_grade not in GRADES:
        rank_by_grade = ""
        remarks.append((Field.GRADE, _unknown(grade)))
    rank, grade = rank or rank_by_grade, known_grade or grade_by_rank
    if kind == "pns":
        rank, grade = rank or RANKS.get(grade, ""), grade or GRADES.get(rank, "")
    return Standing(rank, grade, (*remarks, *_disagreements(kind, rank, grade)))


@lru_cache(maxsize=1024)
def read_standing(text: str) -> tuple[str, str]:
    """(rank, grade) out of "Penata Tk. I (III/d)", "3d", "IX" and the like. What is neither
    is given back as the rank, as it was written."""
    text = filled(text)
    if pppk := _PPPK_GRADE.fullmatch(text):
        grade = _pppk_grade(pppk[1])
        return ("", grade) if grade else (text, "")
    rank, grade = text, ""
    for match in _PNS_GRADE.finditer(text):  # the last one: "Penata Tk. I, III/d"
        if (found := _pns_grade(*match.groups())) in RANKS:
            rank, grade = f"{text[: match.start()]} {text[match.end() :]}", found
    return _rank(rank), grade


def _unknown(grade: str) -> str:
    return f"Golongan “{grade[:50]}” tidak dikenal; dibiarkan kosong. Contoh: III/d, IX."


def _disagreements(kind: Kind, rank: str, grade: str) -> Iterator[tuple[Field, str]]:
    if grade and kind in ("pns", "pppk") and (grade in PPPK_GRADES) != (kind == "pppk"):
        example = "III/d" if kind == "pns" else "IX"
        yield (
            Field.GRADE,
            f"Golongan {grade} bukan golongan {KIND_NAMES[kind]} (contoh: {example}).",
        )
    if rank in GRADES and grade in RANKS and GRADES[rank] != grade:
        yield (
            Field.RANK,
            f"Pangkat {rank} adalah golongan {GRADES[rank]}, tetapi tertulis {grade}.",
        )


def _rank(text: str) -> str:
    text = _GRADE_WORDS.sub(" ", text)
    text = " ".join(_LEVEL.sub("Tingkat I", text).split()).strip(" .,;:/()[]-–")
    return _BY_FOLD.get(fold(text), text)


def _pns_grade(roman: str, letter: str) -> str:
    roman = PPPK_GRADES[int(roman) - 1] if roman.isdigit() else roman.upper()
    return f"{roman}/{letter.lower()}"


def _pppk_grade(text: str) -> str:
    if text.isdigit():
        return PPPK_GRADES[int(text) - 1] if 0 < int(text) <= len(PPPK_GRADES) else ""
    return text.upper() if text.upper() in PPPK_GRADES else ""
