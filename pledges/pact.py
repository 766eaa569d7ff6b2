"""The frozen text of a pact: screen, PDF and evidence all use this one object.

What is frozen is a canonical JSON document of everything shown that is not about the
signer; its SHA-256 is the digest that tickets, statements and documents name.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from pledges import models
from pledges.models import Audience, Event, PactKind, Signatory, Timezone

VERSION = 1

# Where in an opening the signer's identity stands.
IDENTITY = "{identitas}"


class NoPactForSignatory(LookupError):
    def __init__(self) -> None:
        super().__init__(
            "Acara ini belum mempunyai naskah pakta untuk jenis kepegawaian Anda. "
            "Hubungi pengelola kepegawaian unit Anda."
        )


@dataclass(frozen=True, slots=True)
class Letterhead:
    """`logo` is the storage name of a PNG, which holds its own SHA-256; "" for none."""

    agency: str
    address: str
    logo: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands on the page about the event. `date` is ISO 8601, `timezone` an IANA name."""

    title: str
    ceremony: str
    election: str
    date: str
    venue: str
    city: str
    timezone: str
    presiding_name: str
    presiding_position: str
    is_example: bool

    @property
    def day(self) -> datetime.date:
        return datetime.date.fromisoformat(self.date)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def zone_name(self) -> str:
        """WIB, WITA or WIT."""
        return Timezone(self.timezone).name


@dataclass(frozen=True, slots=True)
class Pact:
    kind: str
    audience: str
    title: str
    opening: str
    points: tuple[str, ...]
    closing: str
    legal_bases: tuple[str, ...]
    letterhead: Letterhead
    event: Facts

    @property
    def before_identity(self) -> str:
        """The opening down to the signer's identity; all of it where no place is named."""
        return self.opening.partition(IDENTITY)[0].strip()

    @property
    def after_identity(self) -> str:
        return self.opening.partition(IDENTITY)[2].strip()

    @property
    def content(self) -> str:
        """Canonical JSON: keys sorted, no spaces, UTF-8 not escaped."""
        return canonical({"version": VERSION, **asdict(self)})

    @property
    def digest(self) -> str:
        return _digest(self)


@lru_cache(maxsize=64)
def _digest(pact: Pact) -> str:
    """Asked for many times for each signature, mostly of the same text."""
    return sha256(pact.content)


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def of(row: models.Pact) -> Pact:
    """The text as it is frozen, or as it stands in the draft."""
    if row.is_frozen:
        return load(row.content)
    return Pact(
        kind=row.kind,
        audience=row.audience,
        title=row.title,
        opening=row.opening,
        points=tuple(point.text for point in row.points.all()),
        closing=row.closing,
        legal_bases=tuple(row.legal_bases),
        letterhead=_letterhead(row.event),
        event=_facts(row.event),
    )


def _letterhead(event: Event) -> Letterhead:
    agency = event.agency
    return Letterhead(agency=agency.name, address=agency.address, logo=agency.logo)


def _facts(event: Event) -> Facts:
    return Facts(
        title=event.title,
        ceremony=event.ceremony,
        election=event.election,
        date=event.date.isoformat(),
        venue=event.venue,
        city=event.agency.city,
        timezone=event.agency.timezone,
        presiding_name=event.presiding_name,
        presiding_position=event.presiding_position,
        is_example=event.is_example,
    )


@lru_cache(maxsize=64)
def load(content: str) -> Pact:
    """Read what `Pact.content` wrote."""
    data = json.loads(content)
    if data.pop("version") != VERSION:
        raise ValueError("a pact of an unknown version")
    return Pact(
        **{
            **data,
            "points": tuple(data["points"]),
            "legal_bases": tuple(data["legal_bases"]),
            "letterhead": Letterhead(**data["letterhead"]),
            "event": Facts(**data["event"]),
        }
    )


def frozen_of(event: Event) -> list[Pact]:
    """The texts of people's own pacts, of an event that was published."""
    rows = event.pacts.filter(kind=PactKind.INDIVIDUAL).order_by("pk")
    return [load(row.content) for row in rows]


def freeze(row: models.Pact) -> None:
    """Write the text's content and digest. Called by `events.publish`, under its lock."""
    frozen = of(row)
    row.content, row.digest = frozen.content, frozen.digest
    row.save(update_fields=["content", "digest"])


def thaw(row: models.Pact) -> None:
    row.content = row.digest = ""
    row.save(update_fields=["content", "digest"])


def texts_of(signatory: Signatory) -> list[models.Pact]:
    """The texts this person is asked to sign: their own pact first, then the declaration.

    Who is from outside owes no pact; who has no part, or comes after the declaration was
    completed, is not asked for the declaration.
    """
    own = [] if signatory.is_outside else [_own(signatory)]
    return own + (_declaration_of(signatory.event) if signatory.has_part else [])


def rows_of(event: Event) -> Sequence[models.Pact]:
    """An event's texts. Those of one that was published stay as they are, so they are read once:
    should it be a draft again, its next publication has another moment."""
    if event.published_at is None:
        return list(event.pacts.all())
    return _published_rows(event.pk, event.published_at)


@lru_cache(maxsize=64)
def _published_rows(event: int, published_at: datetime.datetime) -> tuple[models.Pact, ...]:
    return tuple(models.Pact.objects.filter(event=event))


@lru_cache(maxsize=64)
def of_digest(digest: str) -> Pact:
    """The text that was ever published under it; another one has another digest. Raises
    DoesNotExist."""
    row = models.Pact.objects.filter(digest=digest).first()
    if row is None:
        raise models.Pact.DoesNotExist
    return load(row.content)


def _declaration_of(event: Event) -> list[models.Pact]:
    if event.declarations.live().exists():
        return []
    return [row for row in rows_of(event) if row.kind == PactKind.DECLARATION]


def _own(signatory: Signatory) -> models.Pact:
    for row in rows_of(signatory.event):
        if row.kind == PactKind.INDIVIDUAL and row.audience in {Audience.ALL, signatory.audience}:
            return row
    raise NoPactForSignatory
