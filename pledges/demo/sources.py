"""The five real events of the demo, as `events/*.json` tell them, and what is made of each."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pledges import presets
from pledges.models import Audience, Event, PactKind
from pledges.wording import Text

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Source:
    """One event. `signed` is the part of its people who sign, `region` where their names
    come from, `preset` what its text has besides the event's own points, and `stand_ins` are
    capacities of representatives where the source names none."""

    key: str
    code: str
    region: str
    preset: str
    state: Event.State
    signed: float
    days_left: int
    colour: str
    stand_ins: tuple[str, ...] = ()
    signs_in_waves: bool = False

    @cached_property
    def data(self) -> dict[str, Any]:
        path = FOLDER / "events" / f"{self.key}.json"
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return told

    @property
    def date(self) -> datetime.date:
        return datetime.date.fromisoformat(self.data["event"]["date"])

    @property
    def points(self) -> tuple[str, ...]:
        return tuple(self.data["pact"]["points"])

    @property
    def has_non_asn(self) -> bool:
        return "Non-ASN" in self.data["pact"]["audience"]

    @property
    def domain(self) -> str:
        """For made-up e-mail addresses; `.example` is reserved and never delivers."""
        return f"{self.key}.contoh.example"

    @property
    def officials(self) -> set[str]:
        """People who are named in the source. They are facts of the event, never signers."""
        return set(_names(self.data))

    @property
    def representatives(self) -> tuple[str, ...]:
        """The capacities in which they sign, in their order."""
        return tuple(self.data["representatives"]) or self.stand_ins

    def texts(self) -> list[Text]:
        """The preset's pact with the event's own points, and an ikrar."""
        election = self.data["event"]["election"]
        texts = presets.get(self.preset).for_election(election)
        own = [self._own(text) for text in texts if text.kind == PactKind.INDIVIDUAL]
        return [*own, presets.ikrar(election)]

    def _own(self, text: Text) -> Text:
        bases = self.data["pact"].get("legal_bases", [])
        return replace(
            text,
            audience=Audience.ALL if self.has_non_asn else Audience.ASN,
            points=self.points,
            # A full stop ends the sentence in the source; the list of laws has none.
            legal_bases=tuple(basis.removesuffix(".") for basis in bases),
        )


def _names(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        if isinstance(told.get("position"), str) and told.get("name"):
            yield told["name"]
        for value in told.values():
            yield from _names(value)
    elif isinstance(told, list):
        for value in told:
            yield from _names(value)


SOURCES = (
    Source(
        key="kota-bandung",
        code="BDG729",
        region="sunda",
        preset="empat-butir",
        state=Event.State.OPEN,
        signed=0.60,
        days_left=14,
        colour="#5b7da3",
    ),
    Source(
        key="kabupaten-bandung",
        code="KAB930",
        region="sunda",
        preset="empat-butir",
        state=Event.State.OPEN,
        signed=0.05,
        days_left=30,
        colour="#6f9079",
    ),
    Source(
        key="kota-bitung",
        code="BTG902",
        region="minahasa",
        preset="sembilan-butir",
        state=Event.State.DRAFT,
        signed=0,
        days_left=30,
        colour="#6b8f9c",
        signs_in_waves=True,
    ),
    Source(
        key="kota-bukittinggi",
        code="BKT926",
        region="minang",
        preset="empat-butir",
        state=Event.State.OPEN,
        signed=0.30,
        days_left=7,
        colour="#9a7b62",
    ),
    Source(
        key="kota-sukabumi",
        code="SKB729",
        region="sunda",
        preset="asn-dan-non-asn",
        state=Event.State.CLOSED,
        signed=0.92,
        days_left=1,
        colour="#85789e",
        stand_ins=("Perwakilan Pegawai ASN", "Perwakilan Pegawai Non-ASN"),
    ),
)
