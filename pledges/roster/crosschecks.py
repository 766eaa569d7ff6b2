"""What only shows when all rows are seen together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pledges.roster.fields import UNITS, Field
from pledges.roster.rows import ReadEntry
from pledges.roster.units import Path, Spelling, nearly_alike
from pledges.roster.words import fold

_NIKS_THAT_TELL = 5


def spell_units_alike(entries: Sequence[ReadEntry]) -> None:
    spelling = Spelling()
    for entry in entries:
        unit = spelling(entry.row.unit)
        if unit != entry.row.unit:
            entry.row = replace(entry.row, unit=unit)


def reject_duplicates(entries: Sequence[ReadEntry]) -> None:
    """The first of several rows with one number stays, unless the names differ: then nobody
    knows whose number it is."""
    first: dict[str, ReadEntry] = {}
    for entry in entries:
        number = entry.row.nip or entry.row.nik
        if not number or not entry.is_sound:
            continue
        other = first.setdefault(number, entry)
        if other is entry:
            continue
        _reject_duplicate(entry, other)
        if fold(entry.row.name) != fold(other.row.name):
            _reject_duplicate(other, entry)


def _reject_duplicate(entry: ReadEntry, other: ReadEntry) -> None:
    name = "NIP" if entry.row.nip else "NIK"
    same = fold(entry.row.name) == fold(other.row.name)
    advice = "Hapus salah satunya."
    if not same:
        advice = f"Di sana tertulis “{other.row.name}”. {advice[:-1]}, atau perbaiki {name}-nya."
    entry.complain(entry.number_field, f"{name} ini juga ada di {_place(other, entry)}. {advice}")


def _place(other: ReadEntry, entry: ReadEntry) -> str:
    """Where another row stands, seen from this one."""
    sheet = "" if other.row.sheet == entry.row.sheet else f" lembar “{other.row.sheet}”"
    return f"baris {other.row.row}{sheet}"


def reject_second_presiding(entries: Sequence[ReadEntry]) -> None:
    """Nobody knows which of them it is."""
    presiding = [e for e in entries if e.row.part == "presiding" and e.is_sound]
    for entry in presiding[1:]:
        _reject_presiding(entry, presiding[0])
    for entry in presiding[1:2]:
        _reject_presiding(presiding[0], entry)


def _reject_presiding(entry: ReadEntry, other: ReadEntry) -> None:
    entry.complain(
        Field.PART,
        f"Pimpinan acara hanya satu, tetapi {_place(other, entry)} juga pimpinan "
        f"(“{other.row.name}”). Ubah peran salah satunya.",
    )


def reject_cut_niks(entries: Sequence[ReadEntry]) -> None:
    """Excel keeps 15 of a NIK's 16 digits and makes the last one 0; one NIK may end so, not
    all of a file."""
    with_nik = [entry for entry in entries if entry.row.nik]
    if len(with_nik) < _NIKS_THAT_TELL:
        return
    if all((entry.row.nik or "").endswith("0") for entry in with_nik):
        for entry in with_nik:
            entry.complain(
                entry.number_field,
                "Semua NIK di berkas ini berakhir 0: angka terakhirnya hilang karena Excel. "
                "Ambil lagi dari sumbernya dengan kolom NIK berformat Teks.",
            )


def warn_of_units_alike(entries: Sequence[ReadEntry]) -> None:
    counts: Counter[Path] = Counter()
    first: dict[Path, ReadEntry] = {}
    for entry in entries:
        for end in range(1, len(entry.row.unit) + 1):
            counts[entry.row.unit[:end]] += 1
            first.setdefault(entry.row.unit[:end], entry)
    for path, other in nearly_alike(counts):
        first[path].complain(
            _unit_field(first[path], path[-1]),
            f"Unit “{path[-1]}” ({counts[path]} orang) mirip “{other}” "
            f"({counts[(*path[:-1], other)]} orang). Bila sama, samakan penulisannya.",
            blocking=False,
        )


def _unit_field(entry: ReadEntry, name: str) -> Field:
    """The column in which the name stands."""
    cells = entry.entry.cells
    return next((u for u in UNITS if fold(cells.get(u, "")) == fold(name)), Field.UNIT_1)
