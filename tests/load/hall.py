"""The event that a crowd signs at, and what stands in the database afterwards."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable

from pledges import events, identity
from pledges.models import AuditEntry, Event, Signatory, Signature
from tests import cast, envelopes

# Of a drawing as a finger leaves it.
_POINTS = 110
_UNITS, _DEPARTMENTS = 40, 8
_BATCH = 2000


def _drawing() -> str:
    chance = random.Random(1)
    points = (f"{40 + at * 8} {chance.randrange(40, 360)}" for at in range(_POINTS))
    return "M" + "L".join(points)


# What a phone sends for somebody who ticked every point and drew.
PLEDGE = {
    "consents": list(range(1, len(cast.POINTS) + 1)),
    "kind": "drawn",
    "path": _drawing(),
    "claimed_at": "2024-07-29T08:00:00+07:00",
}


def fill(people: int) -> Event:
    """An open event of so many people in units below departments; all names are invented."""
    city = cast.make_city()
    event = cast.make_event(city.agency)
    cast.make_pact(event)
    above = [cast.make_agency(f"Dinas Contoh {n}", above=city.agency) for n in range(_DEPARTMENTS)]
    units = [
        cast.make_agency(f"Unit Contoh {n}", above=above[n % _DEPARTMENTS]) for n in range(_UNITS)
    ]
    Signatory.objects.bulk_create(
        (
            Signatory(
                event=event, unit=units[n % _UNITS], number=n + 1, kind="pns",
                name=f"Pegawai Contoh {n}, S.Pd.", nip=f"19800101{n:010}", rank="Penata",
                grade="III/c", position="Guru Ahli Muda", email=f"pegawai{n}@contoh.example",
            )
            for n in range(people)
        ),
        batch_size=_BATCH,
    )  # fmt: skip
    return events.publish(event, by=None)


def links(event: Event) -> dict[int, str]:
    """Everybody's personal link, as a path."""
    return {
        person.pk: f"/s/{identity.link_token(person)}"
        for person in event.signatories.only("pk", "generation").order_by("pk")
    }


def letters(event: Event, people: int) -> dict[int, str]:
    """What the phones of so many people who have not signed yet would send."""
    unsigned = identity.people().filter(pk__in=event.signatories.missing().values("pk")[:people])
    return {person.pk: _letter(person) for person in unsigned}


def _letter(person: Signatory) -> str:
    ticket = identity.issue(person, method=identity.PERSONAL_LINK).seal()
    envelope = envelopes.seal(PLEDGE | {"ticket": ticket, "device": ticket[-32:]})
    return json.dumps({"envelope": envelope, "is_kept": False})


def signed(people: Iterable[int]) -> int:
    """How many of these people have one signature that stands, with its entry in the log."""
    standing = Signature.objects.live().filter(signatory__in=list(people))
    found = dict(standing.values_list("signatory", "pk"))
    names = {f"signature:{number}" for number in found.values()}
    entries = AuditEntry.objects.filter(action="signature.sign", target__in=names)
    return len(names.intersection(entries.values_list("target", flat=True)))
