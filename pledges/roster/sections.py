"""A sheet under its header: the people with the unit that group rows or the sheet give them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from pledges.roster.cells import Kind, kind, speaks_of_kinds_only
from pledges.roster.columns import Recognition
from pledges.roster.fields import UNITS, Field
from pledges.roster.lines import Group, LineKind, Sorted, classify, group, names_kinds_only
from pledges.roster.sheets import Line, Sheet
from pledges.roster.units import Path, is_generic


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as the file has it. `above` are the unit names that group rows or the sheet
    give, `kind` what they say of the people below them."""

    sheet: str
    row: int
    cells: dict[Field, str]
    above: Path
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line under the header that is about nobody."""

    sheet: str
    row: int
    kind: LineKind
    text: str


class UnitSource(Enum):
    COLUMNS = auto()
    GROUPS = auto()
    SHEET_NAME = auto()
    NONE = auto()


class Section:
    def __init__(self, sheet: Sheet, recognition: Recognition) -> None:
        self.sheet = sheet
        self.recognition = recognition
        self._lines = tuple(classify(sheet, recognition))
        self.unit_source = self._unit_source()

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Entry | Skipped]:
        above = _Above(self.recognition.counter)
        if self.unit_source is UnitSource.SHEET_NAME:
            above.units = [Group(self.sheet.name, "sheet")]
        elif speaks_of_kinds_only(self.sheet.name):
            above.kind = kind(self.sheet.name)
        for found in self._lines:
            if found.kind is LineKind.PERSON:
                if self._may_be_a_group(found):
                    above.units.clear()  # nobody knows whose unit the people below have
                yield self._entry(found.line, above)
                continue
            if found.kind is LineKind.GROUP:
                above.enter(found)
            text = found.text or _first_text(found.line)
            yield Skipped(self.sheet.name, found.line.number, found.kind, text)

    def _entry(self, line: Line, above: _Above) -> Entry:
        cells = {field: line.cells[at] for field, at in self.recognition.mapping.items()}
        return Entry(self.sheet.name, line.number, cells, above.path, above.kind)

    def _may_be_a_group(self, found: Sorted) -> bool:
        """A text alone in the column of names, without a number, among groups."""
        counter = self.recognition.counter
        is_numbered = counter is not None and bool(found.line.cells[counter])
        is_alone = bool(found.text) and not is_numbered
        return is_alone and self.unit_source is UnitSource.GROUPS

    def _unit_source(self) -> UnitSource:
        if not self.recognition.mapping.keys().isdisjoint(UNITS):
            return UnitSource.COLUMNS
        if self._has_groups_over_people():
            return UnitSource.GROUPS
        if is_generic(self.sheet.name) or speaks_of_kinds_only(self.sheet.name):
            return UnitSource.NONE
        return UnitSource.SHEET_NAME

    def _has_groups_over_people(self) -> bool:
        people = [i for i, found in enumerate(self._lines) if found.kind is LineKind.PERSON]
        return any(
            found.kind is LineKind.GROUP and not names_kinds_only(found.text)
            for found in self._lines[: people[-1] if people else 0]
        )


class _Above:
    """What the group rows so far say of the next person."""

    def __init__(self, counter: int | None) -> None:
        self._counter = counter
        self.units: list[Group] = []
        self.kind: Kind | None = None

    @property
    def path(self) -> Path:
        return tuple(unit.name for unit in self.units)

    def enter(self, found: Sorted) -> None:
        entered = group(found, self._counter)
        if speaks_of_kinds_only(entered.name):
            self.kind = kind(entered.name)
            return
        levels = [unit.level for unit in self.units]
        if entered.level == "outer":
            del self.units[:]
        elif entered.level in levels:
            del self.units[levels.index(entered.level) :]
        self.units.append(entered)


def _first_text(line: Line) -> str:
    return next(text for text in line.cells if text)
