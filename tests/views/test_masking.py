"""Whole numbers, page by page and role by role: masked unless the role needs them."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.http.response import HttpResponseBase
from django.test import Client

from pledges import corrections, fairness
from pledges.documents.issue import issue
from pledges.models import AuditEntry, Dispute, Event
from pledges.roster import imports
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, RAHMAT_NIK, SITI
from tests.pdfs import words
from tests.test_roles import ROWS, fill
from tests.test_roles import places as of_all_routes  # noqa: F401 (a fixture)
from tests.test_roles import users as users

NUMBERS = {SITI, BUDI, DEWI, AGUS, RAHMAT_NIK}
EVERYBODY = {SITI, BUDI, DEWI, AGUS}
MINE = {SITI, DEWI, AGUS}  # of the officer's department

# Page → whose whole numbers the officer, the overseer and the admin see there. None: refused.
# An overseer has no need of them; a list that is taken away for care, or that is being checked
# before it is imported, does; a person's own page shows one.
PAGES: dict[str, tuple[set[str] | None, set[str] | None, set[str] | None]] = {
    "": (set(), set(), set()),
    "progres": (set(), set(), set()),
    "progres/orang?status=": (set(), set(), set()),
    "progres/orang?status=&q=Siti": (set(), set(), set()),
    "progres/daftar.xlsx?status=": (MINE, set(), EVERYBODY),
    "daftar": (None, None, set()),
    "daftar/impor/{import}": (None, None, {SITI}),
    "peran": (None, None, set()),
    "peran?q=Siti": (None, None, set()),
    "gelombang": (None, None, set()),
    "deklarasi": (None, set(), set()),
    "kewajaran": (None, set(), set()),
    "perbaikan": (set(), None, set()),
    "slip": (set(), None, set()),
    "unduhan": (set(), None, set()),
    "petugas": (None, None, set()),
    "masa-simpan": (None, None, set()),
    "meja": (set(), None, set()),
    "orang/{siti}": ({SITI}, set(), {SITI}),
    "orang/{siti}/ubah": ({SITI}, None, {SITI}),
    "orang/{siti}/nomor": (None, None, {SITI}),
    "orang/{siti}/keluarkan": (None, None, set()),
    "orang/{siti}/peran": (None, None, set()),
    "orang/{rahmat}": (None, set(), set()),
}


@pytest.fixture
def event(city, sealer):
    """Siti has signed, asked for something and reported something; one import waits."""
    event = cast.make_open_ceremony(city)
    siti = cast.someone(event)
    corrections.ask(cast.ticket_of(siti), message="Golongan saya keliru")
    signature = cast.sign(siti)
    issue(signature, sealer=sealer)
    Dispute.objects.create(signature=signature)
    return event


@pytest.fixture
def places(event):
    roster = ContentFile(f"Nama;NIP;Unit Kerja\nSiti Aminah;{SITI};SDN 1 Contoh\n".encode())
    imported = imports.upload(event, roster, filename="daftar.csv", by=None)
    imports.advance(imported)
    return {
        "import": imported.pk,
        "siti": cast.someone(event).pk,
        "rahmat": cast.someone(event, RAHMAT_NIK).pk,
    }


def whole_numbers(content: bytes) -> set[str]:
    """Those that can be read, in a page or in a spreadsheet."""
    if content.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(archive.read(name) for name in archive.namelist())
    return {number for number in NUMBERS if number in content.decode(errors="replace")}


@pytest.mark.parametrize("role", ["officer", "overseer", "admin"])
def test_nip_are_masked_on_every_page_unless_the_role_needs_them(
    role, event, places, client: Client, request
):
    client.force_login(request.getfixturevalue(role))
    column = ["officer", "overseer", "admin"].index(role)
    seen = {}
    for page in PAGES:
        response = client.get(f"/kelola/acara/{event.code}/{page.format(**places)}")
        refused = response.status_code in {403, 404}
        assert refused or response.status_code == 200, page
        seen[page] = None if refused else whole_numbers(response.getvalue())

    assert seen == {page: expected[column] for page, expected in PAGES.items()}


def test_a_nik_is_whole_on_no_page_but_the_one_that_replaces_it(event, places, as_admin: Client):
    address = f"/kelola/acara/{event.code}/orang/{places['rahmat']}"
    assert whole_numbers(as_admin.get(address).content) == set()
    assert whole_numbers(as_admin.get(f"{address}/ubah").content) == set()


def test_the_second_look_has_something_to_mask(event):
    assert fairness.signals(event, event.signatories.all()).count == 1


# Every page, and what the log tells of it

WORKING = ("admin", "officer", "overseer")
# `test_roles` holds that every route has its row.
OF_EVENTS = [row for row in ROWS if re.match(r"/kelola/acara/\{(event|draft|ceremony)\}", row.path)]
# What is logged for what it gives, a whole number or not: files that are taken, paper, pictures.
GIVEN = re.compile(r"export\.|slips\.print|sheets\.print|scan\.view")
NOT_ON_THE_ROSTER = "198505052010012003"


@pytest.fixture
def everything(request, city):
    """Agus asks for something, somebody else is not there, and an import of Siti waits."""
    places = request.getfixturevalue("of_all_routes")
    event = Event.objects.get(code=places["event"])
    corrections.ask(cast.ticket_of(cast.someone(event, AGUS)), message="Jabatan saya keliru")
    asked = corrections.report_missing(
        event, name="Contoh Terlewat", nip=NOT_ON_THE_ROSTER, unit_id=city.school.pk, message=""
    )
    roster = ContentFile(f"Nama;NIP;Unit Kerja\nSiti Aminah;{SITI};SDN 1 Contoh\n".encode())
    imported = imports.upload(event, roster, filename="siti.csv", by=None)
    imports.advance(imported)
    return places | {"import": imported.pk, "request": asked.pk}


def numbers_in(response: HttpResponseBase) -> set[str]:
    """Every whole NIP that somebody reads in an answer, of whatever kind."""
    return set(re.findall(r"(?<!\d)[12]\d{17}(?!\d)", _read(response.getvalue())))


def _read(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        return words(content)
    if content.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(content))
        return "\n".join(name + _read(archive.read(name)) for name in archive.namelist())
    return content.decode(errors="replace")


@pytest.mark.parametrize("role", WORKING)
def test_whatever_page_shows_a_whole_nip_is_in_the_log_and_no_other(
    role, everything, client: Client, request
):
    client.force_login(request.getfixturevalue(role))
    differences = {}
    for row in OF_EVENTS:
        before = AuditEntry.objects.order_by("pk").last().pk
        shown = numbers_in(client.get(fill(row.path, everything, role)))
        entries = AuditEntry.objects.filter(pk__gt=before)
        looks = [entry.details["people"] for entry in entries if entry.action == "number.look"]
        is_given = any(GIVEN.match(entry.action) for entry in entries)
        if looks != ([len(shown)] if shown and not is_given else []):
            differences[row.path] = (shown, looks)

    assert differences == {}
