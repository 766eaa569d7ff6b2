"""What every kind of file is read into: sheets of lines of text cells."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

MAX_ROWS = 60_000
MAX_COLUMNS = 100

SAVE_AS_XLSX = (
    "Buka berkas itu di Excel, pilih File → Simpan Sebagai → Buku Kerja Excel (*.xlsx) "
    "(Excel berbahasa Inggris: File → Save As → Excel Workbook (*.xlsx)), lalu unggah berkas baru "
    "itu."
)

TOO_LARGE_INSIDE = (
    "Isi berkas ini terlalu besar setelah dibuka. Salin tabelnya saja ke buku kerja baru, lalu "
    "unggah buku kerja itu."
)


class RosterFileError(Exception):
    """The file cannot be read at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    number: int  # as Excel shows it, from 1
    cells: tuple[str, ...]  # as many as the sheet is wide


@dataclass(frozen=True, slots=True)
class Sheet:
    """`lines` are those with any text. A cell merged downwards repeats its text; `repeated`
    has (line number, column) of the copies, `wide` of the cells merged to the right."""

    name: str
    lines: tuple[Line, ...]
    repeated: frozenset[tuple[int, int]] = frozenset()
    wide: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets that one sees in the file; `hidden` are the names of the others."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()


class SheetDraft:
    """Collects the cells of one sheet, in any order, and keeps the limits."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lines: dict[int, dict[int, str]] = {}
        self._merges: list[tuple[int, int, int, int]] = []

    def put(self, number: int, column: int, text: str) -> None:
        text = text.strip()
        if not text:
            return
        line = self._lines.get(number)
        if line is None:
            line = self._lines[number] = {}
            self._refuse(len(self._lines) > MAX_ROWS, f"{MAX_ROWS:,} baris".replace(",", "."))
        self._refuse(column >= MAX_COLUMNS, f"{MAX_COLUMNS} kolom")
        line[column] = text

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        self._merges.append((top, left, bottom, right))

    def sheet(self) -> Sheet:
        wide = self._wide()
        repeated = self._repeat_downwards()
        width = 1 + max((max(line) for line in self._lines.values()), default=-1)
        lines = tuple(
            Line(number, tuple(line.get(column, "") for column in range(width)))
            for number, line in sorted(self._lines.items())
        )
        return Sheet(self.name, lines, frozenset(repeated), frozenset(wide))

    def _refuse(self, too_large: bool, limit: str) -> None:
        if too_large:
            raise RosterFileError(
                f"Lembar “{self.name}” berisi lebih dari {limit}. "
                "Hapus yang tidak perlu, atau bagi menjadi beberapa berkas."
            )

    def _wide(self) -> set[tuple[int, int]]:
        return {
            (top, left)
            for top, left, _, right in self._merges
            if right > left and left in self._lines.get(top, ())
        }

    def _repeat_downwards(self) -> set[tuple[int, int]]:
        numbers = sorted(self._lines)
        repeated: set[tuple[int, int]] = set()
        reached: dict[int, int] = {}  # a line is filled once, however merges overlap
        for top, left, bottom, _ in sorted(self._merges):
            text = self._lines.get(top, {}).get(left)
            first = max(top, reached.get(left, 0))
            if text is None or bottom <= first:
                continue
            for number in numbers[bisect_right(numbers, first) : bisect_right(numbers, bottom)]:
                self._lines[number][left] = text
                repeated.add((number, left))
            reached[left] = bottom
        return repeated


def number_text(value: float) -> str:
    """A number cell as text: whole numbers plainly; beyond 15 digits, which no number cell
    keeps, always in scientific notation, so that it is never taken for the number typed."""
    if not math.isfinite(value):
        return "#NUM!"
    if abs(value) >= 1e15:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else f"{value:.15g}"
