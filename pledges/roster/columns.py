"""Which line is the header, and what stands in which column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

from pledges.roster.fields import (
    GOVERNMENT,
    IDENTIFIERS,
    INNERMOST,
    UNITS,
    UPPERMOST,
    Field,
    Meaning,
    is_counter,
    is_foreign,
    meaning,
)
from pledges.roster.sheets import Line, Sheet
from pledges.roster.words import fold, tidy

_SEARCHED_LINES = 50
_LONGEST_SHARED = 60


@dataclass(frozen=True, slots=True)
class Recognition:
    """`header` and `body` are indexes into the sheet's lines: the header's first line and the
    first line under it. `labels` say what stands above each column."""

    sheet: str
    header: int
    body: int
    labels: tuple[str, ...]
    mapping: Mapping[Field, int]

    @property
    def missing(self) -> tuple[Field, ...]:
        """What no roster can do without."""
        name = () if Field.NAME in self.mapping else (Field.NAME,)
        return name if any(n in self.mapping for n in IDENTIFIERS) else (*name, Field.NIP)

    @property
    def counter(self) -> int | None:
        """The column that numbers the lines."""
        return next((i for i, label in enumerate(self.labels) if is_counter(label)), None)

    @property
    def begins_with_uppermost_unit(self) -> bool:
        column = self.mapping.get(Field.UNIT_1)
        found = None if column is None else meaning(self.labels[column])
        return found is not None and found.breadth in (GOVERNMENT, UPPERMOST)


def recognise(sheet: Sheet) -> Recognition | None:
    """The header is the line, or the two lines, in which most columns are recognised."""
    places = range(min(len(sheet.lines), _SEARCHED_LINES))
    single = _fullest(_read_header(sheet, index, 1) for index in places)
    double = _fullest(_read_header(sheet, index, 2) for index in places)
    if single is None or (double and len(double.mapping) > len(single.mapping)):
        return double
    return _with_line_above(sheet, single) or _with_line_below(sheet, single) or single


def shared_header(sheet: Sheet) -> str:
    """The text of a header cell that names one column for name and NIP; empty if there is none."""
    texts = (text for line in sheet.lines[:_SEARCHED_LINES] for text in line.cells)
    return next((tidy(text) for text in texts if _names_both(text)), "")


def _names_both(text: str) -> bool:
    words = fold(text).split() if len(text) <= _LONGEST_SHARED else []
    return words[:1] == ["nama"] and not {"nip", "nik"}.isdisjoint(words) and not is_foreign(text)


def _fullest(found: Iterable[Recognition | None]) -> Recognition | None:
    return max(
        (header for header in found if header), key=lambda header: len(header.mapping), default=None
    )


def _with_line_above(sheet: Sheet, single: Recognition) -> Recognition | None:
    """Cells merged over both lines repeat their names in the lower one, which then seems to be
    the whole header; the upper one is a header as well, and no title."""
    above = single.header - 1
    if above < 0 or not _read_header(sheet, above, 1):
        return None
    taller = _read_header(sheet, above, 2)
    return taller if taller and len(taller.mapping) >= len(single.mapping) else None


def _with_line_below(sheet: Sheet, single: Recognition) -> Recognition | None:
    taller = _read_header(sheet, single.header, 2)
    return taller if taller and _continues(sheet, single, taller) else None


def _read_header(sheet: Sheet, index: int, height: int) -> Recognition | None:
    lines = sheet.lines[index : index + height]
    if len(lines) < height:
        return None
    candidates = _candidates(lines)
    mapping = _assign(candidates)
    people = [mapping[field] for field in (Field.NAME, *IDENTIFIERS) if field in mapping]
    if (
        len(mapping) < 2
        or not people
        or not all(_is_header(candidates[column]) for column in people)
    ):
        return None
    labels = tuple(texts[0] for texts in candidates)
    return Recognition(sheet.name, index, index + height, labels, mapping)


def _is_header(texts: tuple[str, ...]) -> bool:
    """Whether the lower text is a name of a column, or a part of one, and nobody's name."""
    return any(meaning(text) for text in texts[:2])


def _continues(sheet: Sheet, single: Recognition, longer: Recognition) -> bool:
    """Whether the line below a header belongs to it: it names columns, too, or it splits at
    least two that were not known, in words."""
    if len(longer.mapping) < len(single.mapping):
        return False
    changed = [i for i, label in enumerate(longer.labels) if fold(label) != fold(single.labels[i])]
    texts = [longer.labels[i] for i in changed]
    if changed and all(meaning(text) or is_foreign(text) for text in texts):
        return True
    if any(meaning(single.labels[i]) and not meaning(longer.labels[i]) for i in changed):
        return False
    low = sheet.lines[single.header + 1].cells
    has_digits = any(character.isdigit() for i in changed for character in low[i])
    return len(changed) > 1 and not has_digits


def _candidates(lines: tuple[Line, ...]) -> list[tuple[str, ...]]:
    """For each column the texts that may name it, the best first: group and name, name, group."""
    if len(lines) == 1:
        return [(text,) for text in lines[0].cells]
    below = lines[1].cells
    return [
        (top,) if _same(top, low) else (f"{top} {low}".strip(), low, top)
        for top, low in zip(_spread(lines[0].cells, below), below, strict=True)
    ]


def _spread(tops: tuple[str, ...], below: tuple[str, ...]) -> list[str]:
    """A group's name reaches over the empty cells at its right that have a name below."""
    spread: list[str] = []
    group = ""
    for top, low in zip(tops, below, strict=True):
        if top or not low:
            group = "" if _same(top, low) else top
        spread.append(top or group)
    return spread


def _same(top: str, low: str) -> bool:
    return not low or fold(low) == fold(top)


def _assign(candidates: list[tuple[str, ...]]) -> dict[Field, int]:
    """Each field to one column: the clearer name first ("NIP Baru" before "NIP"), then the
    left one. Up to three unit columns make a path, the broader first."""
    mapping: dict[Field, int] = {}
    units: dict[tuple[int, int], int] = {}
    for _, column in sorted(_wishes(candidates)):
        found = [m for text in candidates[column] if (m := meaning(text))]
        if found[0].breadth:
            units.setdefault(_place_in_path(found[0], column), column)
        elif field := next((m.field for m in found if _is_free(m, mapping)), None):
            mapping[field] = column
    columns = (column for _, column in sorted(units.items()))
    mapping |= dict(zip(UNITS, columns, strict=False))
    return dict(sorted(mapping.items(), key=itemgetter(1)))


def _place_in_path(unit: Meaning, column: int) -> tuple[int, int]:
    """One column for each breadth, but any number of the innermost, from left to right."""
    return (unit.breadth, column if unit.breadth == INNERMOST else 0)


def _wishes(candidates: list[tuple[str, ...]]) -> Iterable[tuple[Meaning, int]]:
    for column, texts in enumerate(candidates):
        found = next((m for text in texts if (m := meaning(text))), None)
        if found and not is_foreign(texts[0]):
            yield found, column


def _is_free(found: Meaning, mapping: Mapping[Field, int]) -> bool:
    return not found.breadth and found.field not in mapping
