"""Kabupaten Bandung, 30 September 2024: the Pjs. Bupati presides, KPU and Bawaslu witness the
declaration, and afterwards the Inspektorat looks at all of it and can change nothing."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from pledges import declaration
from pledges.models import Event, Role, Signatory
from tests import cast
from tests.browser.conftest import Phones
from tests.browser.stories import (
    Person,
    add_somebody_from_outside,
    add_who_presides,
    assert_genuine,
    download,
    download_declaration,
    enter,
    follow,
    open_link,
    prepare,
    publish,
    read,
    sign,
    someone,
)
from tests.conftest import Manage
from tests.pdfs import in_order
from tests.real_events import POINTS

FOUR_POINTS = POINTS["KAB930"]

BUPATI = ("Contoh Penjabat, M.Si.", "Pjs. Bupati Bandung")
WITNESSES = {
    "Contoh Ketua, S.H.": "Ketua KPU Kabupaten Bandung",
    "Contoh Pengawas, S.IP.": "Perwakilan Bawaslu Kabupaten Bandung",
}

SECRETARY = Person("Contoh Sekretaris, M.Si.", "Sekretaris Badan", "BKPSDM")
# One telephone among four, as it happens in an office.
OFFICE = [
    Person("Contoh Arsiparis, A.Md.", "Arsiparis", "Kecamatan Soreang"),
    Person("Contoh Bendahara, S.E.", "Bendahara", "Kecamatan Soreang"),
    Person("Contoh Kasi, S.AP.", "Kepala Seksi", "Kecamatan Soreang"),
    Person("Contoh Penata, S.Kom.", "Penata Layanan", "Kecamatan Soreang", kind="pppk"),
]
TEACHER = Person("Contoh Guru, S.Pd.", "Guru Kelas", "Dinas Pendidikan")

INSPEKTORAT = "inspektorat@contoh.example"
# Under the event's address: what is done there, and the pages that show whole numbers and codes.
NOT_FOR_OVERSEERS = (
    "naskah", "daftar", "daftar/impor", "orang/baru", "peran", "gelombang", "cara", "layar",
    "kembali-ke-rancangan", "tutup", "deklarasi/tutup", "petugas", "slip", "meja", "unduhan",
    "perbaikan", "catatan",
)  # fmt: skip


def test_kpu_and_bawaslu_witness_the_declaration_and_the_inspektorat_oversees_it_all(
    desktop: Page,
    another_phone: Phones,
    worker: None,
    manage: Manage,
    tmp_path: Path,
    problems: list[str],
) -> None:
    people = [SECRETARY, *OFFICE, TEACHER]
    event = prepare("kabupaten-bandung", people, presiding=BUPATI)
    cast.make_user(INSPEKTORAT, (Role.OVERSEER, event.agency))
    enter(desktop, event)
    cast_the_ceremony(desktop)
    publish(desktop)

    for name, office in (BUPATI, *WITNESSES.items()):
        assert declaration.current(event) is None
        with another_phone() as phone:
            somebody_from_outside_signs(phone, someone(event, name), office)
    assert declaration.current(event)
    with another_phone() as phone:
        for person in OFFICE:
            sign_the_four_points(phone, someone(event, person.name))
    with another_phone() as phone:
        sign_the_four_points(phone, someone(event, SECRETARY.name))
        own_copy = download(phone, "Unduh PDF pakta", tmp_path)

    leave(desktop)
    enter(desktop, event, INSPEKTORAT)
    the_overseer_sees_who_is_missing(desktop)
    the_overseer_sees_the_shared_telephone(desktop)
    the_overseer_can_change_nothing(desktop, event)
    problems.clear()  # the browser tells the status of each refusal
    together = download_declaration(desktop, event, tmp_path)
    everybody_is_named(together)
    pact = take_the_pact_of(desktop, event, SECRETARY, tmp_path / "inspektorat")
    assert pact.read_bytes() == own_copy.read_bytes()
    assert_genuine(desktop, manage, together, pact)


# The declaration


def cast_the_ceremony(admin: Page) -> None:
    follow(admin, "Peran dan gelombang")
    add_who_presides(admin)
    for name, office in WITNESSES.items():
        add_somebody_from_outside(admin, name, office)
    expect(admin.get_by_role("region", name="Pimpinan acara")).to_contain_text(BUPATI[1])
    expect(admin.get_by_role("region", name="Saksi").get_by_role("listitem")).to_have_count(2)


def somebody_from_outside_signs(phone: Page, person: Signatory, office: str) -> None:
    """The declaration and no pact, and without a number."""
    open_link(phone, person)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Tanda tangani deklarasi bersama")
    expect(phone.get_by_text(FOUR_POINTS[3], exact=True)).to_have_count(0)
    sign(phone, person)
    assert (person.nip, person.position, person.signatures.count()) == (None, office, 1)


def sign_the_four_points(phone: Page, person: Signatory) -> None:
    open_link(phone, person)
    read(phone, FOUR_POINTS)
    sign(phone, person)


def everybody_is_named(together: Path) -> None:
    """Each with the office under which they signed, in the order in which they did."""
    said = in_order(together.read_bytes())
    places = [said.index(f"{office}, {name}") for name, office in (BUPATI, *WITNESSES.items())]
    assert places == sorted(places)


# The Inspektorat


def leave(page: Page) -> None:
    page.locator(".account summary").click()
    page.get_by_role("button", name="Keluar").click()
    expect(page.get_by_role("link", name="Masuk").first).to_be_visible()


def the_overseer_sees_who_is_missing(overseer: Page) -> None:
    follow(overseer, "Siapa yang belum")
    expect(overseer.locator(".figure-missing b")).to_have_text("1")
    soreang = overseer.get_by_role("listitem").filter(has_text="Kecamatan Soreang")
    expect(soreang).to_contain_text("4 dari 4")
    is_read_only(overseer)
    follow(overseer, "Per orang")
    expect(overseer.get_by_role("rowheader")).to_contain_text([TEACHER.name])
    expect(overseer.get_by_role("cell", name="1980••••••••••1906")).to_be_visible()
    is_read_only(overseer)


def the_overseer_sees_the_shared_telephone(overseer: Page) -> None:
    """Told with its harmless explanation; nobody was stopped from signing."""
    follow(overseer, "Kewajaran")
    shared = overseer.get_by_role("region", name="Lebih dari tiga orang pada satu perangkat")
    expect(shared.get_by_role("heading", name="4 orang pada satu perangkat")).to_be_visible()
    expect(shared).to_contain_text("satu komputer kantor dipakai bersama")
    expect(shared.get_by_role("rowheader")).to_have_text([person.name for person in OFFICE])
    is_read_only(overseer)
    follow(overseer, OFFICE[0].name)
    expect(overseer.get_by_role("link", name="Unduh pakta (PDF)")).to_be_visible()
    is_read_only(overseer)


def is_read_only(page: Page) -> None:
    expect(page.get_by_role("main").locator("form[method=post]")).to_have_count(0)


def the_overseer_can_change_nothing(overseer: Page, event: Event) -> None:
    """As docs/roles.md has it: 403 for what is seen and not theirs to do, 404 for a draft."""
    for page in NOT_FOR_OVERSEERS:
        is_refused(overseer, f"/kelola/acara/{event.code}/{page}", 403, "Bukan wewenang Anda")
    tomorrow = cast.make_event(event.agency)
    is_refused(overseer, f"/kelola/acara/{tomorrow.code}/", 404, "Tidak ditemukan")


def is_refused(page: Page, address: str, status: int, heading: str) -> None:
    response = page.goto(address)
    assert response
    assert (address, response.status) == (address, status)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def take_the_pact_of(page: Page, event: Event, who: Person, folder: Path) -> Path:
    page.goto(f"/kelola/acara/{event.code}/progres/orang?status=signed")
    return download(page, f"Unduh PDF {who.name}", folder)
