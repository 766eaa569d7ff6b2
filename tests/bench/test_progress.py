"""The progress page of 200,000 people in 7,000 units, with a new signature before each request."""

from __future__ import annotations

import datetime
import resource
import time
from collections.abc import Iterable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import events, gauges
from pledges.models import Agency, Event, Excuse, Kind, Role, Signatory, Signature
from tests import cast
from tests.bench import asked, crowd

PEOPLE = 200_000
# 70 departments of 9 divisions of 10 units are 7,000 in three levels.
DEPARTMENTS, DIVISIONS, UNITS = 70, 9, 10
REQUESTS = 60
BATCH = 5_000


def below(above: Agency, count: int, word: str) -> Iterator[Agency]:
    """With ready paths, since one by one they would take an hour."""
    above.numchild = count
    for number in range(1, count + 1):
        yield Agency(
            name=f"{word} {number} pada {above.name}"[:200],
            path=Agency._get_path(above.path, above.depth + 1, number),
            depth=above.depth + 1,
        )


def make_units(top: Agency) -> list[Agency]:
    departments = list(below(top, DEPARTMENTS, "Dinas"))
    divisions = [one for above in departments for one in below(above, DIVISIONS, "Bidang")]
    units = [one for above in divisions for one in below(above, UNITS, "Unit")]
    top.save()
    return list(Agency.objects.bulk_create([*departments, *divisions, *units], batch_size=1000))


def make_people(event: Event, units: list[Agency]) -> None:
    """Of ten some seven have signed within six weeks, some late; some are excused."""
    pact, now = event.pacts.get(), timezone.now()
    for first in range(0, PEOPLE, BATCH):
        numbers = range(first, first + BATCH)
        people = Signatory.objects.bulk_create(
            Signatory(
                event=event, unit=units[n * 13 % len(units)], number=n + 1, kind=Kind.PNS,
                name=f"Pegawai Contoh {n}, S.Pd.", nip=f"1980{n:014}", grade="III/c",
                position="Guru Ahli Muda", rank="Penata", phone=f"62812{n:08}",
                email=f"pegawai{n}@contoh.example",
            )
            for n in numbers
        )  # fmt: skip
        Signature.objects.bulk_create(
            crowd.a_signature(person, pact, now) for person in people if person.number % 10 < 7
        )
        Excuse.objects.bulk_create(
            Excuse(signatory=person, code=Excuse.Code.LEAVE)
            for person in people
            if person.number % 50 == 8
        )


def percentile(seconds: Iterable[float], part: float) -> float:
    in_order = sorted(seconds)
    return in_order[min(len(in_order) - 1, round(part * len(in_order)))]


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_the_progress_page_of_200000_people_and_what_is_asked_again_and_again(client: Client):
    agency = cast.make_agency("Pemerintah Provinsi Contoh", city="Contoh")
    event = cast.make_event(agency)
    cast.make_pact(event)
    units = make_units(agency)
    make_people(event, units)
    events.publish(event, by=None)
    Event.objects.update(published_at=timezone.now() - datetime.timedelta(days=45))
    crowd.vacuum()
    client.force_login(cast.make_user("admin@contoh.example", (Role.ADMIN, agency)))
    address = f"/kelola/acara/{event.code}/progres"
    print()
    pages = {
        "progress": "",
        "progress_unit": f"?unit={units[0].pk}",
        "progress_table": "?tampilan=tabel",
        "progress_people": "/orang",
    }
    for name, page in pages.items():
        seconds, queries = measured(client, address + page, event)
        print(f"{name}_p95_ms {percentile(seconds, 0.95) * 1000:.0f}")
        print(f"{name}_median_ms {percentile(seconds, 0.5) * 1000:.0f}")
        print(f"{name}_queries {queries}")
    print(f"metrics_scrape_ms {percentile(list(scrapes()), 0.5) * 1000:.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"progress_rss_mb {peak:.0f}")
    asked.tell(Event.objects.select_related("agency").get())


def scrapes() -> Iterator[float]:
    """What Prometheus asks of the database, while everything still waits for its seal."""
    for _ in range(7):
        start = time.perf_counter()
        gauges.told()
        yield time.perf_counter() - start


def measured(client: Client, address: str, event: Event) -> tuple[list[float], int]:
    """Seconds of each request, and its number of queries, which is the same for each."""
    seconds, queries = [], set()
    unsigned = event.signatories.missing().select_related("event__agency", "unit")
    for person in unsigned[:REQUESTS]:
        cast.sign(person)
        with CaptureQueriesContext(connection) as captured:
            start = time.perf_counter()
            response = client.get(address)
            seconds.append(time.perf_counter() - start)
        assert response.status_code == 200
        queries.add(len(captured))
    [count] = queries
    return seconds, count
