"""An event of 20,000 people, of whom as many as wanted have signed, with a stored file each,
made cheaply; and how much memory something needs."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import secrets
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges.models import Agency, Document, Event, Pact, SealCertificate, Signatory, Signature
from tests import cast

PEOPLE, UNITS, DEPARTMENTS = 20_000, 700, 35
# What a sealed pact weighs.
FILE_SIZE = 30_000


def make(*, signed: int = PEOPLE) -> Event:
    city = cast.make_city()
    event = cast.make_open(city)
    event.signatories.all().delete()
    units = _units(city.agency)
    people = Signatory.objects.bulk_create(
        [
            Signatory(
                event=event, unit=units[n % UNITS], number=n + 1, kind="pns",
                name=f"Pegawai Contoh {n}, S.Pd.", nip=f"{198001010000000000 + n}",
            )
            for n in range(PEOPLE)
        ],
        batch_size=1000,
    )  # fmt: skip
    _sign(event, people[:signed])
    vacuum()
    return event


def a_signature(person: Signatory, pact: Pact, now: datetime.datetime) -> Signature:
    """Its statement and mark are of a real one's size, and as hard to compress."""
    return Signature(
        signatory=person, pact=pact, nonce=secrets.token_hex(16), method="personal_link",
        mark=secrets.token_hex(600), mark_digest=secrets.token_hex(32),
        statement=secrets.token_hex(800), device=secrets.token_hex(16),
        signed_at=now - datetime.timedelta(seconds=person.number * 18),
        is_late=person.number % 40 == 1,
    )  # fmt: skip


def vacuum() -> None:
    """What PostgreSQL does by itself within a minute."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _units(top: Agency) -> list[Agency]:
    departments = [cast.make_agency(f"Dinas {n}", above=top) for n in range(DEPARTMENTS)]
    return [cast.make_agency(f"Unit {n}", above=departments[n % DEPARTMENTS]) for n in range(UNITS)]


def _sign(event: Event, people: list[Signatory]) -> None:
    text, now = event.pacts.get(), timezone.now()
    units = {unit.pk: unit.names_below(event.agency_id) for unit in {p.unit for p in people}}
    signatures = Signature.objects.bulk_create(
        [
            Signature(
                signatory=person, pact=text, nonce=str(person.pk), mark="{}", mark_digest="",
                method="link", signed_at=now, verification_code=f"{person.pk:016}",
                statement=_statement(event, person, units[person.unit_id], now.isoformat()),
            )
            for person in people
        ],
        batch_size=1000,
    )  # fmt: skip
    certificate = SealCertificate.objects.create(
        fingerprint="0" * 64, chain="", subject="", not_before=now, not_after=now,
        is_development=True,
    )  # fmt: skip
    Document.objects.bulk_create(
        [_document(event, signature, certificate) for signature in signatures], batch_size=1000
    )


def _statement(event: Event, person: Signatory, unit: list[str], now: str) -> str:
    return json.dumps(
        {
            "event": {"code": event.code},
            "signatory": {
                "number": person.number, "name": person.name, "identifier_label": "NIP",
                "identifier": person.nip, "rank": "Penata", "grade": "III/c",
                "position": "Guru Kelas", "unit": unit,
            },
            "identity": {"method": "link"},
            "signed_at": now,
            "is_late": False,
            "verification_code": f"{person.pk:016}",
            "pact": {"digest": ""},
            "mark": {"sha256": ""},
        }
    )  # fmt: skip


def _document(event: Event, signature: Signature, certificate: SealCertificate) -> Document:
    content = b"%PDF-1.7\n" + os.urandom(64) * (FILE_SIZE // 64)
    digest = hashlib.sha256(content).hexdigest()
    name = f"documents/{event.pk}/{digest[:2]}/{digest}.pdf"
    path = default_storage.path(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 (20,000 times)
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(content)
    return Document(
        event=event, signature=signature, certificate=certificate, file=name, sha256=digest,
        size=len(content), crc32=zlib.crc32(content),
    )  # fmt: skip


@contextmanager
def measured(name: str) -> Iterator[None]:
    """Print the time, the number of queries and the memory that something needed."""
    with peak_rss(name), CaptureQueriesContext(connection) as queries:
        start = time.perf_counter()
        yield
        spent = time.perf_counter() - start
    print(f"{name}_ms {spent * 1000:.0f}")
    print(f"{name}_queries {len(queries)}")


@contextmanager
def peak_rss(name: str) -> Iterator[None]:
    """How much more memory the process needed at its worst; Linux counts."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _kilobytes("VmRSS")
    yield
    print(f"{name}_peak_rss_mb {_kilobytes('VmHWM') / 1024:.0f}")
    print(f"{name}_more_rss_mb {(_kilobytes('VmHWM') - before) / 1024:.0f}")


def _kilobytes(field: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0])
