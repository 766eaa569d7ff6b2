"""Puts the five events into an installation, each in one transaction, each once."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from django.db import transaction
from django.utils import timezone

from pledges import events, logos, texts
from pledges.demo import arms, parts, rosters, turnout
from pledges.demo.sources import SOURCES, Source
from pledges.events import Facts
from pledges.models import Agency, ElectionKind, Event, Notice
from pledges.roster import enrol


class RealEventsThere(Exception):
    """An installation at work takes no demo data: it brings logins that everybody knows."""

    def __init__(self) -> None:
        super().__init__(
            "Pakta ini sudah berisi acara yang sebenarnya. Data contoh membawa akun dengan kata "
            "sandi yang diketahui umum, jadi hanya dapat dimuat di Pakta yang masih kosong."
        )


def load() -> list[tuple[Source, Event]]:
    """Every demo event, made now or earlier. What is there already is left alone."""
    if Event.objects.exists() and not Event.objects.filter(is_example=True).exists():
        raise RealEventsThere
    return [(source, _existing(source) or _make(source)) for source in SOURCES]


def _existing(source: Source) -> Event | None:
    return Event.objects.filter(code=source.code, is_example=True).select_related("agency").first()


@transaction.atomic
def _make(source: Source) -> Event:
    event = _draft(source)
    texts.replace_all(event, source.texts(), source=f"preset:{source.preset}", by=None)
    enrol.enrol(event, rosters.rows(source), by=None)
    parts.cast(event, source)
    if source.state != Event.State.DRAFT:
        event = events.publish(event, by=None)
        turnout.sign_some(list(event.signatories.owing()), part=source.signed, seed=source.key)
        # Their addresses are invented: there is nobody to tell.
        Notice.objects.filter(signature__signatory__event=event).delete()
    if source.state == Event.State.CLOSED:
        event = events.close(event, by=None)
    return event


def _draft(source: Source) -> Event:
    agency = _agency(source)
    event = events.create(agency, facts=_facts(source, agency), by=None)
    event.code = source.code
    event.save(update_fields=["code"])
    return event


def _agency(source: Source) -> Agency:
    told = source.data["agency"]
    agency: Agency = Agency.objects.add_root(
        {
            "name": told["name"],
            "address": f"Jalan Contoh Nomor 1, {told['city']}",
            "city": told["city"],
            "timezone": told["timezone"],
            "logo": logos.store(BytesIO(arms.placeholder(source.colour))),
            "is_example": True,
        }
    )
    return agency


def _facts(source: Source, agency: Agency) -> Facts:
    """What the source tells; only the deadline lies ahead, so that nobody signs late."""
    told = source.data["event"]
    presiding = told["presiding_official"] or {"name": "", "position": ""}
    last_day = timezone.localdate(timezone=agency.zone) + timedelta(days=source.days_left)
    return Facts(
        title=told["title"],
        ceremony=told["ceremony"],
        election_kind=ElectionKind.PILKADA,
        election=told["election"],
        date=source.date,
        venue=told["venue"] or "",
        presiding_name=presiding["name"],
        presiding_position=presiding["position"],
        deadline=Event.end_of(last_day, agency.zone),
    )
