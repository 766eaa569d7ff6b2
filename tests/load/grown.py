"""An event of many people as a city's is in the middle of its morning: a roster that was imported,
of which most have signed."""

from __future__ import annotations

import csv
import io
import time

from django.core.files.base import ContentFile
from django.db import connection, models

from pledges import events
from pledges.models import (
    AuditEntry,
    Event,
    Import,
    ImportState,
    Role,
    Signatory,
    Signature,
)
from pledges.roster import imports
from tests import cast
from tests.bench.crowd import vacuum

# A roster file has at most so many rows here.
FILE = 50_000
# So many people work in a unit, and so many units are below a department.
UNIT, DEPARTMENT = 28, 20
SIGNED_OF_TEN = 7
_HEAD = ("No", "NIP", "Nama", "Pangkat", "Gol/Ruang", "Jabatan", "OPD", "Unit Kerja", "E-mail")


def make(people: int) -> tuple[Event, float]:
    """And the seconds from the first uploaded file to the last enrolled row."""
    city = cast.make_city()
    event = cast.make_event(city.agency)
    cast.make_pact(event)
    files = [_roster(n, min(n + FILE, people)) for n in range(0, people, FILE)]
    start = time.perf_counter()
    for content in files:
        _import(event, content)
    spent = time.perf_counter() - start
    assert event.signatories.count() == people
    event = events.publish(event, by=None)
    _sign(event)
    vacuum()
    return event, spent


def _roster(first: int, end: int) -> bytes:
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(_HEAD)
    for n in range(first, end):
        unit = n // UNIT
        rows.writerow(
            [n + 1, _nip(n), f"Pegawai Contoh {n}", "Penata", "III/c", "Guru Ahli Muda",
             f"Dinas {unit // DEPARTMENT}", f"Unit {unit}", f"pegawai{n}@contoh.example"]
        )  # fmt: skip
    return file.getvalue().encode()


def _nip(n: int) -> str:
    born = f"{1966 + n % 35}{1 + n % 12:02}{1 + n % 28:02}"
    return f"{born}{1990 + n % 35}{1 + n % 12:02}{1 + n % 2}{n // 420 + 1:03}"


def _import(event: Event, content: bytes) -> None:
    imported = imports.upload(event, ContentFile(content), filename="daftar.csv", by=None)
    imported = _advanced(imported)
    imported = _advanced(imports.confirm(imported, skip_bad=False, by=None))
    assert imported.state == ImportState.ENROLLED, imported.failure


def _advanced(imported: Import) -> Import:
    rows = Import.objects.select_related("event__agency", "confirmed_by")
    imports.advance(rows.get(pk=imported.pk))
    return rows.get(pk=imported.pk)


def _sign(event: Event) -> None:
    """One signs; the others' rows are that one's but for what must differ."""
    first = cast.sign(event.signatories.select_related("event__agency", "unit").earliest("number"))
    _multiply(
        Signature,
        {
            "signatory_id": "person.id",
            "verification_code": "lpad(person.id::text, 16, '0')",
            "nonce": "'of ' || person.id",
            "device": "md5(person.id::text)",
            "mark_digest": "md5(person.id::text) || md5(person.name)",
            "signed_at": "one.signed_at + person.number * interval '1 second'",
        },
        where="one.id = %s AND person.id <> one.signatory_id",
        parameters=[first.pk, event.pk, SIGNED_OF_TEN],
    )
    _multiply(
        AuditEntry,
        {"actor": "'signatory:' || person.id", "target": "'signature:of ' || person.id"},
        where="one.target = %s",
        parameters=[f"signature:{first.pk}", event.pk, SIGNED_OF_TEN],
    )


def _multiply(
    model: type[models.Model], differing: dict[str, str], *, where: str, parameters: list[str | int]
) -> None:
    meta = model._meta
    columns = [str(field.column) for field in meta.concrete_fields if not field.primary_key]
    values = ", ".join(differing.get(column, f"one.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({', '.join(columns)}) SELECT {values} "
            f"FROM {meta.db_table} one, {Signatory._meta.db_table} person "
            f"WHERE {where} AND person.event_id = %s AND person.number %% 10 < %s",
            parameters,
        )


def session(event: Event) -> str:
    """The cookie of an admin who is logged in."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(cast.make_user("admin@contoh.example", (Role.ADMIN, event.agency)))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
