"""Purging as a timer runs it, in processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from django.core.files.storage import default_storage

from pledges import events, progress, retention
from pledges.models import Event, Kind, Signatory, Signature
from tests import cast
from tests.conftest import MANAGE, process_environment
from tests.test_retention import LONG_AGO


@pytest.fixture
def city(transactional_db):
    return cast.make_city()


@pytest.fixture
def old(city) -> Event:
    event = cast.make_open(city, date=LONG_AGO, title="Acara Lama")
    cast.sign(cast.someone(event))
    return events.close(event, by=None)


def test_it_purges_closed_events_past_their_date_and_lists_and_skips_open_ones(city, old, manage):
    still_open = cast.make_open(city, date=LONG_AGO, title="Acara Terbuka")
    recent = cast.make_closed(city)

    result = manage("purge_expired")

    assert (result.returncode, result.stderr) == (0, "")
    first, second, *counts = result.stdout.splitlines()
    assert first == f"{old.code} dihapus: disimpan sampai 2015-07-29. Acara Lama"
    assert second == f"{still_open.code} dilewati: masih dibuka. Acara Terbuka"
    assert counts == ["events 1", "skipped 1", "signatures 1", "people 5"]
    assert cast.someone(still_open).name == "Siti Aminah, S.Pd."
    assert cast.someone(recent).name == "Siti Aminah, S.Pd."
    assert set(old.signatories.values_list("name", flat=True)) == {"(dihapus)"}


def test_a_dry_run_prints_what_would_go_and_deletes_nothing(old, manage):
    result = manage("purge_expired", "--dry-run")

    first, *counts = result.stdout.splitlines()
    assert first == f"{old.code} akan dihapus: disimpan sampai 2015-07-29. Acara Lama"
    assert counts == ["events 1", "skipped 0", "signatures 1", "people 5"]
    assert cast.someone(old).name == "Siti Aminah, S.Pd."
    old.refresh_from_db()
    assert old.purged_at is None


def test_the_second_run_finds_nothing(old, manage):
    manage("purge_expired")
    assert manage("purge_expired").stdout.splitlines() == ["events 0", "skipped 0"]


def test_a_run_killed_half_way_is_finished_by_the_next(city, manage):
    event = cast.make_event(city.agency, date=LONG_AGO)
    cast.make_pact(event)
    Signatory.objects.bulk_create(
        Signatory(
            event=event, unit=city.school, number=number, kind=Kind.PNS, name=f"Pegawai {number}",
            nip=f"19800101200501{1 + number // 1000}{number % 1000:03}",
        )
        for number in range(3000)
    )  # fmt: skip
    events.publish(event, by=None)
    [first, second, *_] = event.signatories.all()
    for person in (first, second):
        cast.sign(Signatory.objects.select_related("event__agency", "unit").get(pk=person.pk))
    event = events.close(event, by=None)
    tally = progress.tally(event.signatories.all())

    process = subprocess.Popen([*MANAGE, "purge_expired"], env=process_environment())
    deadline = time.monotonic() + 60
    while not erased(event):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    half = erased(event)
    assert 0 < half <= 3000

    result = manage("purge_expired")

    assert result.returncode == 0
    assert erased(event) == 3000
    assert retention.left(Event.objects.get(pk=event.pk)) == {}
    assert progress.tally(event.signatories.all()) == tally
    assert set(Signature.objects.values_list("statement", flat=True)) == {""}


def erased(event: Event) -> int:
    return event.signatories.filter(erased_at__isnull=False).count()


def test_a_file_that_is_gone_already_holds_nothing_up(old, manage, sealer):
    from pledges.documents.issue import issue

    document = issue(Signature.objects.get(), sealer=sealer)
    default_storage.delete(document.file)

    assert manage("purge_expired").returncode == 0
    document.refresh_from_db()
    assert document.file == ""
