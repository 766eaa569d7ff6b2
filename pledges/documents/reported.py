"""What a report's statement says (see `pledges.reports`), read for its PDF, its spreadsheet
and its verdict."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from pledges.documents import page
from pledges.models import Report
from pledges.pact import Facts, Letterhead, sha256


@dataclass(frozen=True, slots=True)
class Counts:
    """People of a unit who owe a pact; `late` and `paper` are among `signed`."""

    total: int
    signed: int
    late: int
    paper: int
    declined: int
    excused: int
    waiting: int
    missing: int
    percent: float

    @property
    def unsigned(self) -> int:
        """What anybody may know: who declined, waits or is missing, without which of these."""
        return self.total - self.signed - self.excused


@dataclass(frozen=True, slots=True)
class UnitLine:
    """`path` is the unit's name after those of the units above it."""

    name: str
    path: str
    depth: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Unsigned:
    unit: str
    name: str
    identifier: str
    position: str
    status: str
    reason: str


@dataclass(frozen=True)
class Reported:
    """A statement, read. Names `title`, `letterhead` and `event` are a page's, as a pact's are."""

    kind: Report.Kind
    title: str
    letterhead: Letterhead
    event: Facts
    event_code: str
    unit: tuple[str, ...]
    made_at: datetime.datetime
    made_by: str
    verification_code: str
    digest: str
    # What only this kind of report says.
    data: Mapping[str, Any]

    @classmethod
    def of(cls, statement: str) -> Self:
        data: dict[str, Any] = json.loads(statement)
        return cls(
            kind=Report.Kind(data["kind"]),
            title=data["title"],
            letterhead=Letterhead(**data["letterhead"]),
            event=Facts(**data["facts"]),
            event_code=data["event"]["code"],
            unit=tuple(data["unit"]),
            made_at=datetime.datetime.fromisoformat(data["made_at"]),
            made_by=data["made_by"],
            verification_code=data["verification_code"],
            digest=sha256(statement),
            data=data,
        )

    @property
    def kind_label(self) -> str:
        return str(self.kind.label)

    @property
    def url(self) -> str:
        return page.address(self.verification_code)

    @property
    def unit_name(self) -> str:
        return self.unit[-1]

    @property
    def is_of_whole_event(self) -> bool:
        return len(self.unit) == 1

    @property
    def tells_refusals(self) -> bool:
        return bool(self.data["tells_refusals"])

    @cached_property
    def totals(self) -> Counts | None:
        """None: a report on plausibility counts other things."""
        told = self.data.get("totals")
        return Counts(**told) if told else None

    @cached_property
    def units(self) -> list[UnitLine]:
        return list(_units(self.data["units"]))

    @cached_property
    def unsigned(self) -> list[Unsigned]:
        return list(self._unsigned())

    def _unsigned(self) -> Iterator[Unsigned]:
        for person in self.data["unsigned"]:
            told = {name: value for name, value in person.items() if name != "note"}
            yield Unsigned(**told | {"unit": self.units[person["unit"]].path})

    def moment(self, name: str) -> datetime.datetime | None:
        """One of the statement's own times."""
        told = self.data[name]
        return datetime.datetime.fromisoformat(told) if told else None


def _units(told: list[dict[str, Any]]) -> Iterator[UnitLine]:
    above: list[str] = []
    for row in told:
        name, depth = row["name"], row["depth"]
        above[max(depth - 1, 0) :] = [name] if depth else []
        path = " › ".join(above) or name
        counts = {key: value for key, value in row.items() if key not in ("name", "depth")}
        yield UnitLine(name, path, depth, Counts(**counts))
