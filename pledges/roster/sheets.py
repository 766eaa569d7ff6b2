"""What every kind of file is read into: sheets of lines of text cells."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

MAX_ROWS = 60_000
MAX_COLUMNS = 100
MAX_SHEETS = 300
MAX_CELL = 32_767  # characters, as in Excel
MAX_CHARACTERS = 50_000_000  # 60,000 rows of 40 filled columns have fewer

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
    has (line number, column) of the copies, `wide` of the cells merged to the right. `unseen`
    are the numbers of the lines that Excel hides, mostly by a filter."""

    name: str
    lines: tuple[Line, ...]
    repeated: frozenset[tuple[int, int]] = frozenset()
    wide: frozenset[tuple[int, int]] = frozenset()
    unseen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets that one sees in the file; `hidden` are the names of the others."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()


class Room:
    """What the sheets of a file may hold together: a small file may say very much, by naming
    the same text again and again."""

    def __init__(self) -> None:
        self._rows, self._characters = MAX_ROWS, MAX_CHARACTERS

    def take_row(self) -> None:
        self._rows -= 1
        if self._rows < 0:
            raise _too_many(f"Berkas ini berisi lebih dari {MAX_ROWS:,} baris".replace(",", "."))

    def take(self, characters: int) -> None:
        self._characters -= characters
        if self._characters < 0:
            raise RosterFileError(TOO_LARGE_INSIDE)


def _too_many(what: str) -> RosterFileError:
    return RosterFileError(f"{what}. Hapus yang tidak perlu, atau bagi menjadi beberapa berkas.")


def refuse_many_sheets(count: int) -> None:
    if count > MAX_SHEETS:
        raise _too_many(f"Berkas ini berisi terlalu banyak lembar ({count})")


class SheetDraft:
    """Collects the cells of one sheet, in any order, and keeps the limits."""

    def __init__(self, name: str, room: Room) -> None:
        self.name = name
        self._room = room
        self._lines: dict[int, dict[int, str]] = {}
        self._merges: list[tuple[int, int, int, int]] = []
        self._unseen: set[int] = set()

    def put(self, number: int, column: int, text: str) -> None:
        text = text.strip()
        if not text:
            return
        line = self._lines.get(number)
        if line is None:
            line = self._lines[number] = {}
            self._room.take_row()
        if column >= MAX_COLUMNS:
            raise _too_many(f"Lembar “{self.name}” berisi lebih dari {MAX_COLUMNS} kolom")
        self._room.take(len(text))
        line[column] = text

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        self._merges.append((top, left, bottom, right))

    def hide(self, number: int) -> None:
        self._unseen.add(number)

    def sheet(self) -> Sheet:
        wide = self._wide()
        repeated = self._repeat_downwards()
        width = 1 + max((max(line) for line in self._lines.values()), default=-1)
        lines = tuple(
            Line(number, tuple(line.get(column, "") for column in range(width)))
            for number, line in sorted(self._lines.items())
        )
        unseen = self._unseen.intersection(self._lines)
        return Sheet(self.name, lines, frozenset(repeated), frozenset(wide), frozenset(unseen))

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
                self._room.take(len(text))
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
