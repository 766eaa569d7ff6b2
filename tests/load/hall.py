"""The event that a crowd signs at, and what stands in the database afterwards."""

from __future__ import annotations

from collections import Counter

from pledges import events, identity
from pledges.models import Event, Signatory, Signature
from tests import cast

# What a phone sends for somebody who ticked every point and drew.
PLEDGE = {
    "consents": list(range(1, len(cast.POINTS) + 1)),
    "kind": "drawn",
    "path": cast.DRAWING,
    "claimed_at": "2024-07-29T08:00:00+07:00",
}
_UNITS = 40
_BATCH = 2000


def fill(people: int) -> Event:
    """An open event of so many people in many units; all names are invented."""
    city = cast.make_city()
    event = cast.make_event(city.agency)
    cast.make_pact(event)
    units = [cast.make_agency(f"Dinas Contoh {n}", above=city.agency) for n in range(_UNITS)]
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


def lost_and_doubled(event: Event, acknowledged: list[tuple[int, str]]) -> tuple[int, int]:
    """How many acknowledged signatures are not there, and how many are there too often.

    Somebody who was answered twice must have been told of one and the same signature.
    """
    there = list(
        Signature.objects.live().filter(signatory__event=event)
        .values_list("signatory", "verification_code")
    )  # fmt: skip
    told = {(person, code) for person, code in acknowledged}
    lost = len(told.difference(there))
    doubled = sum(times - 1 for times in Counter(person for person, _ in there).values())
    return lost, doubled
