"""What the five stories share: an event as it was, people who do not exist, and what everybody
does at every apel.

Titles, places, texts and offices are those of the real events; whoever acts in them is an
example. Serial numbers of a NIP stay above 900 and NIK begin with 99, which is no province.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from pledges import events, identity, keys, texts
from pledges.demo.sources import SOURCES
from pledges.events import Facts
from pledges.models import ElectionKind, Event, Role, Signatory
from pledges.roster import enrol
from pledges.roster.cells import Kind
from pledges.roster.rows import Row
from tests import cast
from tests.browser.hands import STROKES, Stroke, draw_with_finger, log_in, tick_all
from tests.conftest import Manage
from tests.pdfs import pdfsig

# Sealing takes a second or two, and much longer on a machine that does other things as well.
SEALED = 60_000


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the roster; the number follows from the place in it."""

    name: str
    position: str
    unit: str
    kind: Kind = "pns"
    echelon: str = ""
    email: str = ""


def prepare(key: str, people: Sequence[Person], *, presiding: tuple[str, str] = ("", "")) -> Event:
    """The draft as it is on the evening before: texts and people are there, and an admin.

    `presiding` is the name and the office of whoever leads the apel.
    """
    source = next(source for source in SOURCES if source.key == key)
    told, agency = source.data["event"], source.data["agency"]
    government = cast.make_agency(
        agency["name"], city=agency["city"], timezone=agency["timezone"], address="Jalan Contoh 1"
    )
    facts = Facts(
        title=told["title"],
        ceremony=told["ceremony"],
        election_kind=ElectionKind.PILKADA,
        election=told["election"],
        date=source.date,
        venue=told["venue"] or "",
        presiding_name=presiding[0],
        presiding_position=presiding[1],
        # The day of the event is past, and nobody of these stories is late.
        deadline=timezone.now() + datetime.timedelta(days=1),
    )
    event = events.create(government, facts=facts, by=None)
    texts.replace_all(event, source.texts(), source=f"preset:{source.preset}", by=None)
    enrol.enrol(event, [_row(*line) for line in enumerate(people, start=1)], by=None)
    cast.make_user("admin@contoh.example", (Role.ADMIN, government))
    return event


def _row(number: int, person: Person) -> Row:
    head = "199002022024211" if person.kind.startswith("pppk") else "198001012005011"
    is_nik = person.kind == "non_asn"
    return Row(
        sheet="",
        row=number,
        name=person.name,
        nip=None if is_nik else f"{head}9{number:02}",
        nik=f"990101050590{number:04}" if is_nik else None,
        kind=person.kind,
        rank="",
        grade="",
        position=person.position,
        echelon=person.echelon,
        unit=(person.unit,),
        email=person.email,
        phone="",
    )


def someone(event: Event, name: str) -> Signatory:
    return event.signatories.select_related("event__agency", "unit").get(name=name)


# Before


def enter(page: Page, event: Event, email: str = "admin@contoh.example") -> None:
    page.goto(f"/kelola/acara/{event.code}/")
    log_in(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text(event.title)


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def told(page: Page, words: str) -> None:
    """The page says that something was done."""
    expect(page.get_by_role("status").filter(has_text=words).first).to_be_visible()


def add_somebody_from_outside(page: Page, name: str, office: str) -> None:
    follow(page, "Tambah orang")
    page.get_by_label("Nama lengkap dengan gelar").fill(name)
    page.get_by_label("Jabatan dan lembaga").fill(office)
    page.get_by_label("Peran").select_option("Saksi")
    page.get_by_role("button", name="Tambahkan").click()
    told(page, f"{name} ditambahkan.")


def add_who_presides(page: Page) -> None:
    """Who is named in the event's facts and is on no roster."""
    follow(page, "Tambahkan sebagai orang di luar daftar")
    page.get_by_role("button", name="Tambahkan").click()
    told(page, "ditambahkan.")


def give_part(page: Page, person: str, part: str, capacity: str) -> None:
    page.get_by_label("Cari nama, jabatan, atau NIP").fill(person)
    page.get_by_role("link", name=f"Beri peran {person}").click()
    page.get_by_label(part).check()
    page.get_by_label("Bertindak sebagai").fill(capacity)
    page.get_by_role("button", name="Simpan").click()
    told(page, f"{person}: {part.lower()}.")


def publish(page: Page) -> None:
    follow(page, "Ringkasan")
    follow(page, "Terbitkan…")
    page.get_by_role("button", name="Terbitkan").click()
    told(page, "Acara diterbitkan.")


def open_the_wall(page: Page) -> Page:
    """As a tab of its own, which goes onto the projector."""
    follow(page, "Ringkasan")
    follow(page, "Layar proyektor")
    with page.expect_popup() as opened:
        follow(page, "Buka layar")
    opened.value.wait_for_load_state()
    return opened.value


def read_aloud(wall: Page, points: Sequence[str]) -> None:
    """The leader goes on with the presenter, and all repeat point by point."""
    wall.keyboard.press("Home")
    wall.keyboard.press("PageDown")
    for number, point in enumerate(points, start=1):
        wall.keyboard.press("PageDown")
        heading = wall.get_by_role("heading", name=f"Butir {number} dari {len(points)}")
        expect(heading).to_be_visible()
        expect(wall.get_by_text(point)).to_be_visible()
    wall.keyboard.press("End")
    expect(wall.get_by_role("heading", name="Pindai untuk menandatangani")).to_be_visible()


# The signing


def open_link(page: Page, person: Signatory) -> None:
    """The QR code on the slip."""
    page.goto(f"/s/{identity.link_token(person)}")


def scan_the_wall(page: Page, wall: Page) -> None:
    """Its QR code leads where the address beside it does."""
    page.goto(f"http://{wall.locator('.address').inner_text()}")


def type_the_slip(page: Page, number: str, person: Signatory) -> None:
    page.get_by_label("NIP atau NIK").fill(number)
    page.get_by_label("Kode pribadi").fill(identity.personal_code(person))
    page.get_by_role("button", name="Lanjut ke naskah").click()


def whole_number(person: Signatory) -> str:
    """NIP or NIK, as people know their own; a page never shows a whole NIK."""
    return person.nip or keys.decrypt_nik(person.nik_cipher or "")


def read(page: Page, points: Sequence[str]) -> None:
    for point in points:
        expect(page.get_by_text(point, exact=True).first).to_be_visible()


def sign(page: Page, person: Signatory) -> None:
    tick_all(page)
    draw_with_finger(page, _handwriting(person))
    page.get_by_role("button", name="Tanda tangani").click()
    expect(page.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()


def _handwriting(person: Signatory) -> list[Stroke]:
    """No two people draw alike."""
    rng = random.Random(person.name)
    return [[(x + rng.uniform(-0.05, 0.05), y) for x, y in stroke] for stroke in STROKES]


# After


def download(page: Page, link: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("link", name=link).click(timeout=SEALED)
    paper = folder / started.value.suggested_filename
    started.value.save_as(paper)
    return paper


def download_declaration(page: Page, event: Event, folder: Path) -> Path:
    """As the admin does, once it is sealed."""
    link = page.get_by_role("link", name="Unduh deklarasi (PDF)")
    page.goto(f"/kelola/acara/{event.code}/deklarasi")
    for _ in range(60):
        if link.is_visible():
            break
        page.wait_for_timeout(1000)
        page.reload()
    return download(page, "Unduh deklarasi (PDF)", folder)


def assert_genuine(page: Page, manage: Manage, declaration: Path, pact: Path) -> None:
    """By the operator's command, by another program, and by the page for everybody."""
    verified = manage("verify_pdf", declaration, pact)
    said = verified.stdout.splitlines()[-3:]
    assert (verified.returncode, said) == (0, ["intact 2", "altered 0", "unknown 0"])
    for paper in (declaration, pact):
        assert "Signature is Valid." in pdfsig(paper.read_bytes())
        page.goto("/verifikasi")
        page.get_by_label("Berkas PDF, paling besar 10 MB").set_input_files(paper)
        page.get_by_role("button", name="Periksa berkas").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Asli dan utuh")
