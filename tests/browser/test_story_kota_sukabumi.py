"""Kota Sukabumi, 29 July 2024: after the routine Monday apel of the Sekretariat Daerah, ASN and
Non ASN sign one and the same text. Nobody presides; one of each stands for the others."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from pledges import declaration
from pledges.models import Event, Signatory
from tests.browser.conftest import Phones
from tests.browser.stories import (
    Person,
    assert_genuine,
    download,
    download_declaration,
    enter,
    follow,
    give_part,
    open_link,
    open_the_wall,
    prepare,
    publish,
    read,
    scan_the_wall,
    sign,
    someone,
    type_the_slip,
    whole_number,
)
from tests.conftest import Manage
from tests.pdfs import in_order, words
from tests.real_events import POINTS

TITLE = "Pakta Integritas Netralitas ASN dan Non ASN"
FOUR_POINTS = POINTS["SKB729"]

PNS = Person("Contoh Analis, S.E.", "Analis Kebijakan", "Bagian Organisasi")
PPPK = Person("Contoh Pranata, A.Md.", "Pranata Komputer", "Bagian Umum", kind="pppk")
NON_ASN = Person("Contoh Pramubakti", "Pramubakti", "Bagian Umum", kind="non_asn")

# The report names nobody, so the admin chooses: who they are, and for whom each stands.
THE_TWO = {PNS: "Perwakilan Pegawai ASN", NON_ASN: "Perwakilan Pegawai Non-ASN"}

# What a page and a paper say of the third number in the list.
MASKED = "9901••••••••••03"


def test_asn_and_non_asn_sign_the_same_text_and_a_nik_is_nowhere_shown_whole(
    desktop: Page, another_phone: Phones, worker: None, manage: Manage, tmp_path: Path
) -> None:
    event = prepare("kota-sukabumi", [PNS, PPPK, NON_ASN])
    pramubakti = someone(event, NON_ASN.name)
    enter(desktop, event)
    nobody_presides_and_two_represent(desktop)
    publish(desktop)
    wall = open_the_wall(desktop)
    the_wall_calls_to_sign_after_the_apel(wall)

    with another_phone() as phone:
        open_link(phone, someone(event, PNS.name))
        signs_as_representative(phone, someone(event, PNS.name), THE_TWO[PNS])
    with another_phone() as phone:
        comes_by_the_wall(phone, wall, someone(event, PPPK.name))
        signs_the_pact_alone(phone, someone(event, PPPK.name))
    assert declaration.current(event) is None
    with another_phone() as phone:
        comes_by_the_wall(phone, wall, pramubakti)
        shows_the_nik_masked(phone, pramubakti)
        signs_as_representative(phone, pramubakti, THE_TWO[NON_ASN])
        shows_the_nik_masked(phone, pramubakti)
        pact = download(phone, "Unduh PDF pakta", tmp_path)
    assert declaration.current(event)
    everybody_has_signed(wall)

    the_office_sees_the_nik_masked(desktop, event, pramubakti)
    together = download_declaration(desktop, event, tmp_path)
    both_stand_on_the_declaration_and_nobody_presides(together, pramubakti)
    the_pact_names_asn_and_non_asn(pact, pramubakti)
    assert_genuine(desktop, manage, together, pact)
    shows_the_nik_masked(desktop, pramubakti)


# Before


def nobody_presides_and_two_represent(admin: Page) -> None:
    follow(admin, "Peran dan gelombang")
    presiding = admin.get_by_role("region", name="Pimpinan acara")
    expect(presiding.get_by_text("Belum ditentukan.", exact=True)).to_be_visible()
    for person, capacity in THE_TWO.items():
        give_part(admin, person.name, "Perwakilan", capacity)
    said = admin.get_by_role("region", name="Perwakilan").locator(".capacity")
    expect(said).to_have_text(list(THE_TWO.values()))


def the_wall_calls_to_sign_after_the_apel(wall: Page) -> None:
    expect(wall.get_by_text("Lapang Apel Setda Kota Sukabumi, 29 Juli 2024")).to_be_visible()
    wall.keyboard.press("End")
    expect(wall.get_by_role("heading", name="Pindai untuk menandatangani")).to_be_visible()
    expect(wall.get_by_text("0 dari 3 sudah menandatangani")).to_be_visible()


# The signing


def comes_by_the_wall(phone: Page, wall: Page, person: Signatory) -> None:
    """With the code of the slip, and a number that is not on the wall."""
    scan_the_wall(phone, wall)
    type_the_slip(phone, whole_number(person), person)


def signs_as_representative(phone: Page, person: Signatory, capacity: str) -> None:
    expect(phone.get_by_text("Dua naskah, satu tanda tangan")).to_be_visible()
    expect(phone.get_by_text(f"Bertindak sebagai: {capacity}")).to_be_visible()
    reads_that_the_text_is_for_both(phone)
    sign(phone, person)
    assert person.signatures.count() == 2


def signs_the_pact_alone(phone: Page, person: Signatory) -> None:
    expect(phone.get_by_text("Dua naskah, satu tanda tangan")).to_have_count(0)
    reads_that_the_text_is_for_both(phone)
    sign(phone, person)
    assert person.signatures.count() == 1


def reads_that_the_text_is_for_both(phone: Page) -> None:
    expect(phone.get_by_role("heading", name=TITLE)).to_be_visible()
    read(phone, FOUR_POINTS)


def everybody_has_signed(wall: Page) -> None:
    expect(wall.get_by_text("3 dari 3 sudah menandatangani")).to_be_visible()
    expect(wall.locator("[data-percent]")).to_have_text("100 %")


# The number that nobody is shown


def shows_the_nik_masked(page: Page, person: Signatory) -> None:
    """Neither on the screen nor in the page's source."""
    expect(page.get_by_text(MASKED).first).to_be_visible()
    assert whole_number(person) not in page.content()


def the_office_sees_the_nik_masked(admin: Page, event: Event, person: Signatory) -> None:
    admin.goto(f"/kelola/acara/{event.code}/daftar")
    expect(admin.get_by_role("row", name=person.name)).to_contain_text(f"{MASKED}")
    shows_the_nik_masked(admin, person)
    follow(admin, person.name)
    expect(admin.get_by_role("heading", name=person.name).first).to_be_visible()
    shows_the_nik_masked(admin, person)


# On paper


def both_stand_on_the_declaration_and_nobody_presides(together: Path, person: Signatory) -> None:
    said = in_order(together.read_bytes())
    places = [said.index(f"{capacity}, {who.name}") for who, capacity in THE_TWO.items()]
    assert places == sorted(places)
    assert "Pimpinan" not in said
    assert whole_number(person) not in said


def the_pact_names_asn_and_non_asn(pact: Path, person: Signatory) -> None:
    said = words(pact.read_bytes())
    assert TITLE.upper() in said.upper()
    assert "Pegawai Aparatur Sipil Negara dan Non ASN" in said
    assert "Pegawai ASN/Non ASN" in said
    assert f"NIK {MASKED}" in said
    assert whole_number(person) not in said
