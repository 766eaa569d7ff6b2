"""One civil servant looked up by NIP, across events. Of each look the log tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from pledges import audit, keys, progress
from pledges.models.signatory import SignatoryQuerySet
from pledges.progress import Status


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody in one event, with the status that everybody may know."""

    person: Any
    status: Status
    unit: str
    # Of the pact that stands, and of those that were voided.
    documents: int
    voided: int


@transaction.atomic
def by_nip(people: SignatoryQuerySet, nip: str, *, by: AbstractUser) -> list[Found]:
    """Where somebody is on the roster, the latest event first.

    The log has an entry for each event in which the person was found, or one that tells by a
    keyed hash what was looked for and not found.
    """
    rows = progress.with_status(people.filter(nip=nip)).select_related("event__agency", "unit")
    found = [_found(person) for person in rows.order_by("-event__date", "-event_id")]
    for each in found:
        audit.record(
            by=by, action="number.look_up", target=each.person, event=each.person.event,
            events=len(found),
        )  # fmt: skip
    if not found:
        hashed = keys.derived("nip-looked-up", nip, bits=80)
        audit.record(by=by, action="number.look_up", target=by, events=0, nip=hashed)
    return found


def _found(person: Any) -> Found:
    signatures = person.signatures.of_pacts()
    return Found(
        person=person,
        status=progress.status_of(person),
        unit=" › ".join(person.unit.names_below(person.event.agency_id)) or person.unit.name,
        documents=signatures.live().filter(document__isnull=False).count(),
        voided=signatures.filter(voided_at__isnull=False).count(),
    )
