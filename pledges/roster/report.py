"""What the preview shows of a file, kept from its reading until its enrolment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any, Self

from openpyxl.utils import column_index_from_string, get_column_letter

from pledges import fonts
from pledges.roster.columns import Recognition, recognise
from pledges.roster.fields import Field
from pledges.roster.lines import LineKind
from pledges.roster.reading import Faulty, Progress, Reading, read_rows
from pledges.roster.rows import Problem, Row
from pledges.roster.sections import Entry, Skipped
from pledges.roster.sheets import RosterFileError, Sheet, Workbook

_SAMPLES = 3
_LONGEST_SAMPLE = 60


@dataclass(frozen=True, slots=True)
class Choices:
    """What an admin wants instead of what was recognised. `sheets` None: all that can be read."""

    sheets: tuple[str, ...] | None = None
    mappings: Mapping[str, Mapping[Field, int]] | None = None

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Self:
        if not data:
            return cls()
        mappings = {
            sheet: {Field(name): column for name, column in mapping.items()}
            for sheet, mapping in data["mappings"].items()
        }
        return cls(tuple(data["sheets"]), mappings)

    def dump(self) -> dict[str, Any]:
        return {"sheets": list(self.sheets or ()), "mappings": dict(self.mappings or {})}


@dataclass(frozen=True, slots=True)
class Column:
    letter: str
    label: str
    field: Field | None
    samples: tuple[str, ...]

    @property
    def index(self) -> int:
        return column_index_from_string(self.letter) - 1


@dataclass(frozen=True, slots=True)
class SheetReport:
    """One sheet as it was found. No columns: no header was recognised."""

    name: str
    lines: int
    is_read: bool
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`failure` says why nothing of the file could be read as a roster."""

    sheets: tuple[SheetReport, ...]
    hidden: tuple[str, ...]
    reading: Reading
    failure: str = ""

    @property
    def can_be_chosen_from(self) -> bool:
        """Whether other columns or sheets may be chosen: there is a header somewhere."""
        return any(sheet.columns for sheet in self.sheets)


def make(workbook: Workbook, choices: Choices, *, progress: Progress | None = None) -> Report:
    failure = ""
    try:
        reading = read_rows(
            workbook,
            sheets=choices.sheets,
            mappings=choices.mappings,
            unsupported_characters=fonts.unsupported,
            progress=progress,
        )
    except RosterFileError as error:
        reading, failure = Reading((), (), (), ()), str(error)
    sheets = tuple(_sheet(sheet, choices) for sheet in workbook.sheets if sheet.lines)
    return Report(sheets, workbook.hidden, reading, failure)


def _sheet(sheet: Sheet, choices: Choices) -> SheetReport:
    recognition = recognise(sheet)
    if recognition is None:
        return SheetReport(sheet.name, len(sheet.lines), is_read=False, columns=())
    mapping = (choices.mappings or {}).get(sheet.name, recognition.mapping)
    chosen = choices.sheets is None or sheet.name in choices.sheets
    return SheetReport(
        sheet.name,
        len(sheet.lines) - recognition.body,
        is_read=chosen,
        columns=tuple(_columns(sheet, recognition, mapping)),
    )


def _columns(
    sheet: Sheet, recognition: Recognition, mapping: Mapping[Field, int]
) -> Iterable[Column]:
    of = {column: field for field, column in mapping.items()}
    for index, label in enumerate(recognition.labels):
        samples = tuple(_samples(sheet, recognition, index))
        if label or samples:
            yield Column(get_column_letter(index + 1), label, of.get(index), samples)


def _samples(sheet: Sheet, recognition: Recognition, column: int) -> Iterable[str]:
    texts = (line.cells[column] for line in sheet.lines[recognition.body :])
    return (text[:_LONGEST_SAMPLE] for text in islice(filter(None, texts), _SAMPLES))


# ------------------------------------------------------------------ as JSON


def dump(report: Report) -> bytes:
    """Compact: 20,000 rows are read back for every page of the preview."""
    reading = report.reading
    data = {
        "sheets": [
            {"name": s.name, "lines": s.lines, "is_read": s.is_read, "columns": _lists(s.columns)}
            for s in report.sheets
        ],
        "hidden": report.hidden,
        "failure": report.failure,
        "rows": _lists(reading.rows),
        "problems": _lists(reading.problems),
        "skipped": _lists(reading.skipped),
        "faulty": [[*_lists([f.entry]), f.unit, f.messages] for f in reading.faulty],
    }
    # Half of a surrogate pair, which a damaged file may hold, becomes a question mark.
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def load(data: bytes) -> Report:
    values = json.loads(data)
    return Report(
        sheets=tuple(
            SheetReport(s["name"], s["lines"], s["is_read"], tuple(map(_column, s["columns"])))
            for s in values["sheets"]
        ),
        hidden=tuple(values["hidden"]),
        failure=values["failure"],
        reading=Reading(
            rows=tuple(Row(*map(_frozen, row)) for row in values["rows"]),
            problems=tuple(Problem(*problem) for problem in values["problems"]),
            faulty=tuple(map(_faulty, values["faulty"])),
            skipped=tuple(Skipped(s, row, LineKind(k), t) for s, row, k, t in values["skipped"]),
        ),
    )


def _lists(items: Iterable[Any]) -> list[list[Any]]:
    """Dataclasses of one kind, each as the list of its values."""
    items = list(items)
    names = [field.name for field in fields(items[0])] if items else []
    return [[getattr(item, name) for name in names] for item in items]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _column(values: Sequence[Any]) -> Column:
    letter, label, field, samples = values
    return Column(letter, label, Field(field) if field else None, tuple(samples))


def _faulty(values: Sequence[Any]) -> Faulty:
    (sheet, row, cells, above, kind), unit, messages = values
    texts = {Field(name): text for name, text in cells.items()}
    return Faulty(Entry(sheet, row, texts, tuple(above), kind), tuple(unit), tuple(messages))
