"""Every route, asked for as everybody, answers as the table in docs/roles.md says.

A route without a row fails. A new row needs its route and path; the failing test says
what the cells would be, for you to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from PIL import Image

from pledges import (
    accounts,
    declaration,
    disputes,
    exports,
    health,
    identity,
    logos,
    refusals,
    reminders,
    reports,
    wall,
)
from pledges.accounts import Invitation
from pledges.documents.issue import issue
from pledges.exports import Whose
from pledges.models import AuditEntry, LegalBasis, Refusal, Report, Role
from pledges.paper import codes, scans
from pledges.roster import imports
from tests import cast, photographs
from tests.cast import AGUS, BUDI, SITI
from tests.openid import make_provider
from tests.test_access import missing_from
from tests.test_logos import picture

TABLE = settings.BASE_DIR / "docs" / "roles.md"


@dataclass(frozen=True)
class Row:
    route: str
    path: str
    cells: tuple[str, ...]


def read_table() -> tuple[list[str], list[Row]]:
    """The roles, which every table's heading names alike, and the rows with a path."""
    lines = [
        [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        for line in TABLE.read_text().splitlines()
        if line.startswith("|")
    ]
    [heading] = {tuple(line[2:]) for line in lines if line[:2] == ["route", "path"]}
    rows = [line for line in lines if line[1].startswith("/")]
    return list(heading), [Row(route, path, tuple(cells)) for route, path, *cells in rows]


ROLES, ROWS = read_table()


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name or pattern.pattern}"


ROUTES = sorted(routes(get_resolver()))


def test_every_route_has_a_row():
    assert sorted(set(ROUTES) - {row.route for row in ROWS}) == []


def test_no_row_is_about_a_route_that_is_gone():
    assert sorted({row.route for row in ROWS} - set(ROUTES)) == []


@pytest.fixture
def users(admin, officer, overseer, superuser, outsider, other_city):
    return {
        "admin": admin,
        "officer": officer,
        "overseer": overseer,
        "superuser": superuser,
        "other admin": outsider,
        "other officer": cast.make_user(
            "petugas@tetangga.example", (Role.OFFICER, other_city.education)
        ),
    }


@pytest.fixture
def places(city, users, sealer):
    """What stands for {…} in a path. Siti is in the officer's unit and has signed, Budi is not."""
    city.agency.logo = logos.store(picture())
    city.agency.save(update_fields=["logo"])
    event, draft = cast.make_open(city), cast.make_draft(city)
    siti, budi = cast.someone(event, SITI), cast.someone(event, BUDI)
    signature = cast.sign(siti)
    document = issue(signature, sealer=sealer)
    ceremony = cast.make_open_ceremony(city)
    cast.sign(cast.someone(ceremony, SITI))
    completed = declaration.close(ceremony, by=None)
    issue(completed, sealer=sealer)
    refusal = Refusal.objects.create(signatory=siti)
    export = exports.ask(
        event, unit=city.agency, whose=Whose.EVERYBODY, with_declaration=False, by=users["admin"]
    )
    roster = imports.upload(event, ContentFile(b"Nama;NIP\n"), filename="daftar.csv", by=None)
    invitation = Invitation("baru@contoh.example", "Baru", city.clinic)
    [membership] = accounts.invite([invitation], by=None)
    photo = photographs.jpeg(Image.new("RGB", (300, 400)))
    scans.upload(event, [photographs.file(photo)], by=users["officer"])
    event.scans.update(state="tray", problem="unreadable")
    unsigned = cast.someone(event, AGUS)
    recap, elsewhere = (
        reports.make(event, kind=Report.Kind.RECAP, unit=unit, by=None)
        for unit in (city.school, city.clinic)
    )
    issue(recap, sealer=sealer)
    health.Pulse(health.SEALING).beat()
    plausibility = reports.make(event, kind=Report.Kind.PLAUSIBILITY, unit=city.school, by=None)
    return {
        "scan": event.scans.get().pk,
        "unsigned": unsigned.pk,
        "sheet": codes.token(unsigned, event.pacts.get()),
        "recap": recap.pk,
        "recap_elsewhere": elsewhere.pk,
        "plausibility": plausibility.pk,
        "event": event.code,
        "draft": draft.code,
        "ceremony": ceremony.code,
        "declaration": completed.pk,
        "text": event.pacts.get().pk,
        "draft_text": draft.pacts.get().pk,
        "person": siti.pk,
        "person_elsewhere": budi.pk,
        "unit": city.school.pk,
        "unit_elsewhere": city.clinic.pk,
        "agency": city.agency.pk,
        "membership": membership.pk,
        "import": roster.pk,
        "code": signature.verification_code,
        "certificate": document.certificate.fingerprint,
        "logo": PurePath(city.agency.logo).stem,
        "provider": make_provider(city.agency, "https://sso.contoh.example").pk,
        "event_number": event.pk,
        "signature": signature.pk,
        "export": export.pk,
        "document": document.pk,
        "certificate_number": document.certificate_id,
        "law": LegalBasis.objects.first().pk,
        "entry": AuditEntry.objects.first().pk,
        "user": users["officer"].pk,
        "request": missing_from(event, city.school).pk,
        "request_elsewhere": missing_from(event, city.clinic).pk,
        "round": reminders.send_now(event, unit=city.school, by=None).pk,
        "round_elsewhere": reminders.send_now(event, unit=city.clinic, by=None).pk,
        "refusal": refusals.receipt_token(refusal),
        "link": identity.link_token(siti),
        "receipt": identity.receipt_token(signature),
        "wall": wall.token(event),
        "dispute": disputes.token(signature),
    }


# What only the signer has; everybody else guesses.
SECRETS = {"dispute", "link", "receipt", "refusal"}


def fill(path: str, places: dict[str, object], role: str) -> str:
    guesses = {} if role == "signer" else dict.fromkeys(SECRETS, "1-00000000000000000000000000")
    return path.format(**places | guesses)


def ask(user: User | None, method: str, path: str) -> Any:
    """Leaves no trace."""
    cache.clear()
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        if user:
            client.force_login(user)
        response = client.generic(method, path)
        if response.streaming:
            response.getvalue()
        transaction.set_rollback(True)
    return response


def answer(user: User | None, method: str, path: str) -> str:
    """The status, or `login` when the answer is to log in first."""
    response = ask(user, method, path)
    leads_to_login = response.get("Location", "").startswith(("/akun/masuk", "/admin/login/"))
    return "login" if leads_to_login else str(response.status_code)


def test_rows_lead_to_their_routes(places):
    for row in ROWS:
        found = resolve(fill(row.path, places, "signer").partition("?")[0])
        named = found.url_name and row.route == found.view_name
        assert named or found.route.endswith(row.route.partition(":")[2]), row.path


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_each_role_as_the_table_says(role, users, places):
    """A cell holds the answers to GET and to POST."""
    column = ROLES.index(role)
    differences = {}
    for row in ROWS:
        path = fill(row.path, places, role)
        actual = " ".join(answer(users.get(role), method, path) for method in ("GET", "POST"))
        if actual != row.cells[column]:
            differences[f"{row.route} {row.path}"] = f"{row.cells[column]} → {actual}"

    assert differences == {}


def test_the_table_lets_nobody_of_another_agency_see_anything_of_an_event():
    others = [ROLES.index("other admin"), ROLES.index("other officer")]
    mine = re.compile(r"\{(event|draft|ceremony|person|unit|text|import|membership|recap)")
    seen = [
        (row.path, row.cells[column])
        for row in ROWS
        for column in others
        if row.path.startswith("/kelola/") and mine.search(row.path)
        if not set(row.cells[column].split()) <= {"404", "405"}
    ]

    assert seen == []
