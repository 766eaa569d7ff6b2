"""Texts to begin with: the presets in `data/presets`, and those of an earlier event."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import transaction

from pledges import events, texts, wording
from pledges.audit import Actor
from pledges.models import Agency, Event, Pact, PactKind
from pledges.wording import Text

# Stands for the name of the election in a preset, and nowhere else: an event's own text
# has the name written out, so that its admin edits plain words.
ELECTION = "{pemilihan}"

_FOLDER = Path(__file__).parent / "data" / "presets"


class UnknownPreset(LookupError):
    """No preset has this key."""


@dataclass(frozen=True, slots=True)
class Preset:
    key: str
    label: str
    description: str
    texts: tuple[Text, ...]

    @property
    def is_official(self) -> bool:
        return all(text.is_official for text in self.texts)

    def for_election(self, election: str) -> list[Text]:
        return [wording.renamed(text, ELECTION, election) for text in self.texts]


@cache
def every() -> tuple[Preset, ...]:
    """All presets, in the order in which they are offered."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.json")))


def _read(path: Path) -> Preset:
    data = json.loads(path.read_text("utf-8"))
    return Preset(
        key=data["key"],
        label=data["label"],
        description=data["description"],
        texts=tuple(
            wording.tidied(**text, is_official=data["is_official"]) for text in data["texts"]
        ),
    )


def get(key: str) -> Preset:
    for preset in every():
        if preset.key == key:
            return preset
    raise UnknownPreset(key)


def ikrar(election: str) -> Text:
    """The ikrar to begin with, for events whose preset has none."""
    words = (text for preset in every() for text in preset.for_election(election))
    return next(text for text in words if text.kind == PactKind.DECLARATION)


def add_ikrar(event: Event, *, by: Actor) -> Pact:
    return texts.add_declaration(event, ikrar(event.election), by=by)


def apply(event: Event, key: str, *, by: Actor) -> list[Pact]:
    """Replace a draft's texts by a preset's, with the name of the event's election in them."""
    words = get(key).for_election(event.election)
    return texts.replace_all(event, words, source=f"preset:{key}", by=by)


def copy_from(event: Event, source: Event, *, by: Actor) -> list[Pact]:
    """Replace a draft's texts by an earlier event's; the name of the election follows."""
    words = [
        wording.renamed(wording.of(row), source.election, event.election)
        for row in source.pacts.prefetch_related("points")
    ]
    return texts.replace_all(event, words, source=f"event:{source.pk}", by=by)


@transaction.atomic
def create_event(agency: Agency, *, facts: events.Facts, source: Event | None, by: Actor) -> Event:
    """A draft, with the texts of an earlier event if one is given."""
    event = events.create(agency, facts=facts, by=by)
    if source is not None:
        copy_from(event, source, by=by)
    return event
