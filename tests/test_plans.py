"""What signers, workers and everybody who verifies ask is answered by indexes, however many rows
there are. `make bench` asks the same of 200,000 signatories."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from pledges import identity, lookups, notices, reminders, verification
from pledges.documents import issue
from pledges.models import (
    AuditEntry,
    Document,
    Event,
    Notice,
    SealCertificate,
    Signatory,
    Signature,
)
from tests import cast, plans
from tests.bench import crowd

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans otherwise"),
]

PEOPLE, UNSEALED, UNSENT = 3_000, 20, 20
LARGE = {f"pledges_{name}" for name in ("signatory", "signature", "document", "notice")} | {
    "pledges_auditentry"
}


def record(event: Event) -> None:
    """What stands beside the signatures of an event: sealed but for the last, told of but for
    the last, and in the log."""
    given = list(Signature.objects.order_by("pk").values_list("pk", "signatory"))
    now = timezone.now()
    certificate = SealCertificate.objects.create(
        fingerprint="0" * 64, chain="", subject="", not_before=now, not_after=now,
        is_development=True,
    )  # fmt: skip
    Document.objects.bulk_create(
        (
            Document(
                event=event, signature_id=signature, certificate=certificate, size=1, crc32=1,
                sha256=secrets.token_hex(32), file=f"documents/{signature}",
            )
            for signature, _ in given[:-UNSEALED]
        ),
        batch_size=5_000,
    )  # fmt: skip
    Notice.objects.bulk_create(
        (
            Notice(signature_id=signature, sent_at=now if at < len(given) - UNSENT else None)
            for at, (signature, _) in enumerate(given)
        ),
        batch_size=5_000,
        # Those who signed by themselves have theirs.
        ignore_conflicts=True,
    )
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(
                actor=f"signatory:{person}", action="signature.sign",
                target=f"signature:{signature}", event_id=event.pk,
            )
            for signature, person in given
        ),
        batch_size=5_000,
    )  # fmt: skip


def hot(event: Event) -> dict[str, Callable[[], object]]:
    """What is asked again and again, by name; nobody of it asks for a whole event."""
    client, admin = Client(), cast.make_user("pengelola@contoh.example", is_superuser=True)
    client.force_login(admin)
    missing = event.signatories.missing().select_related("event__agency", "unit")
    person, next_one, another = missing[:3]
    # Where the batch before this one ended.
    begun = issue.pending()[0].pk - 1
    signed = cast.sign(another)
    address, receipt = f"/kelola/acara/{event.code}", identity.receipt_token(signed)
    code, now = identity.personal_code(person), timezone.now()
    people = Signatory.objects.all()
    return {
        "link": lambda: client.get(f"/s/{identity.link_token(person)}"),
        "code": lambda: identity.by_code(event, identifier=person.nip or "", code=code),
        "sign": lambda: cast.sign(next_one),
        "receipt": lambda: client.get(f"/bukti/{receipt}"),
        "status": lambda: client.get(f"/bukti/{receipt}/status"),
        "verify_code": lambda: client.get(f"/v/{signed.verification_code}"),
        "verify_file": lambda: verification.by_file(io.BytesIO(b"%PDF-1.7 unknown")),
        "next_batch": lambda: list(
            issue.pending().filter(pk__gt=begun).values_list("pk")[: issue.WINDOW]
        ),
        "declarations": lambda: list(issue.pending_declarations()),
        "reports": lambda: list(issue.pending_reports()),
        "backlog": lambda: Signature.objects.live().unsealed().count(),
        "notices": lambda: list(notices.due(now)[:50]),
        "reminders": lambda: list(reminders.due(now)[:50]),
        "look_up": lambda: lookups.by_nip(people, person.nip or "", by=admin),
        "person": lambda: client.get(f"{address}/orang/{person.pk}"),
        "trail": lambda: client.get(f"{address}/catatan"),
        "alerts": lambda: client.get(f"{address}/perbaikan"),
    }


@pytest.fixture
def event(transactional_db: None) -> Event:
    city = cast.make_city()
    event = cast.make_open(city)
    now, pact = timezone.now(), event.pacts.get()
    people = Signatory.objects.bulk_create(
        Signatory(
            event=event, unit=city.school, number=n + 10, kind="pns", nip=f"1980{n:014}",
            name=f"Pegawai Contoh {n}", email=f"pegawai{n}@contoh.example",
        )
        for n in range(PEOPLE)
    )  # fmt: skip
    Signature.objects.bulk_create(crowd.a_signature(each, pact, now) for each in people[:-50])
    record(event)
    crowd.vacuum()
    return event


def test_no_large_table_is_read_from_end_to_end_for_what_is_asked_again_and_again(event):
    acts = hot(event)
    # A hundred people of three thousand are read faster along with all the others.
    del acts["trail"]
    for name, act in acts.items():
        asked = plans.of(act)

        assert asked, name
        for plan in asked:
            assert not LARGE & plan.scanned.keys(), f"{name}: {plan.sql}"


def test_the_backlog_is_counted_by_indexes_alone(event):
    [plan] = plans.of(hot(event)["backlog"])

    assert plan.indexes >= {"signature_to_seal", "pledges_document_signature_id_key"}
    assert plan.buffers < 100
