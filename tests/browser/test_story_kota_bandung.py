"""Kota Bandung, 29 July 2024: the ikrar is read on the plaza, the leader and seven
representatives sign it for all, and every other civil servant signs the pact."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pledges import declaration, pact
from pledges.models import Event, Signatory
from tests.browser.conftest import Phones
from tests.browser.stories import (
    Person,
    add_who_presides,
    assert_genuine,
    download,
    enter,
    give_part,
    open_link,
    open_the_wall,
    prepare,
    publish,
    read,
    read_aloud,
    scan_the_wall,
    sign,
    someone,
    type_the_slip,
)
from tests.conftest import Manage
from tests.real_events import POINTS

LEADER = ("Contoh Penjabat, M.T.", "Pj. Wali Kota Bandung")

# In the order in which they sign: who they are, and the capacity in which each stands for others.
THE_SEVEN = {
    Person(
        "Contoh Kesatuan, M.Si.",
        "Kepala Badan Kesatuan Bangsa dan Politik",
        "Badan Kesatuan Bangsa dan Politik",
    ): "Kepala Badan Kesatuan Bangsa dan Politik",
    Person(
        "dr. Contoh Sehat, M.Kes.", "Sekretaris Dinas Kesehatan", "Dinas Kesehatan"
    ): "Sekretaris Dinas Kesehatan Kota Bandung",
    Person("Contoh Camat, S.STP.", "Camat Coblong", "Kecamatan Coblong"): "Ketua Paguyuban Camat",
    Person("Contoh Lurah, S.Sos.", "Lurah Dago", "Kecamatan Coblong"): "Ketua Paguyuban Lurah",
    Person(
        "Contoh Guru, S.Pd.", "Kepala SD Negeri", "Dinas Pendidikan"
    ): "Perwakilan Kepala Sekolah SD",
    Person(
        "Contoh Pendidik, M.Pd.", "Kepala SMP Negeri", "Dinas Pendidikan"
    ): "Perwakilan Kepala Sekolah SMP",
    Person(
        "Contoh Penyuluh, A.Md.", "Penyuluh Kesehatan", "Dinas Kesehatan", kind="pppk"
    ): "Perwakilan Pegawai Pemerintah dengan Perjanjian Kerja (PPPK)",
}
STAFF = Person("Contoh Staf", "Pengelola Kepegawaian", "Dinas Pendidikan")


@pytest.mark.always
def test_seven_representatives_sign_the_ikrar_before_all_and_then_everybody_signs(
    desktop: Page, another_phone: Phones, worker: None, manage: Manage, tmp_path: Path
) -> None:
    event = prepare("kota-bandung", [*THE_SEVEN, STAFF], presiding=LEADER)
    enter(desktop, event)
    cast_the_ceremony(desktop)
    publish(desktop)
    wall = open_the_wall(desktop)
    read_aloud(wall, ikrar_of(event))

    eight = [person for person, _ in declaration.places(event)]
    for person in eight:
        assert declaration.current(event) is None
        with another_phone() as phone:
            sign_both_with_one_drawing(phone, person)
    assert declaration.current(event)

    with another_phone() as phone:
        somebody_in_the_crowd_signs(phone, wall, someone(event, STAFF.name))
    expect(wall.locator("[data-signed]")).to_have_text("8")
    with another_phone() as phone:
        papers = a_representative_finds_both_documents(phone, eight[3], tmp_path)
    everybody_is_on_the_declaration(desktop, event)
    assert_genuine(desktop, manage, *papers)


def cast_the_ceremony(admin: Page) -> None:
    admin.get_by_role("link", name="Atur peran").click()
    add_who_presides(admin)
    for person, capacity in THE_SEVEN.items():
        give_part(admin, person.name, "Perwakilan", capacity)
    said = admin.get_by_role("region", name="Perwakilan").locator(".capacity")
    expect(said).to_have_text(list(THE_SEVEN.values()))


def ikrar_of(event: Event) -> tuple[str, ...]:
    row = declaration.text_of(event)
    assert row
    return pact.of(row).points


def sign_both_with_one_drawing(phone: Page, person: Signatory) -> None:
    open_link(phone, person)
    if not person.is_outside:
        expect(phone.get_by_text("Dua naskah, satu tanda tangan")).to_be_visible()
        read(phone, POINTS["BDG729"])
    expect(phone.get_by_role("img", name="Bidang tanda tangan")).to_have_count(1)
    sign(phone, person)
    assert person.signatures.count() == (1 if person.is_outside else 2)


def somebody_in_the_crowd_signs(phone: Page, wall: Page, person: Signatory) -> None:
    scan_the_wall(phone, wall)
    assert person.nip
    type_the_slip(phone, person.nip, person)
    read(phone, POINTS["BDG729"])
    sign(phone, person)


def a_representative_finds_both_documents(
    phone: Page, person: Signatory, folder: Path
) -> tuple[Path, Path]:
    """Behind the same QR code on the slip, once both are sealed."""
    open_link(phone, person)
    expect(phone.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    together = download(phone, "Unduh PDF deklarasi bersama", folder)
    return together, download(phone, "Unduh PDF pakta", folder)


def everybody_is_on_the_declaration(admin: Page, event: Event) -> None:
    admin.goto(f"/kelola/acara/{event.code}/deklarasi")
    expect(admin.get_by_text("8 dari 8 orang menandatangani")).to_be_visible()
    expect(admin.get_by_text("Ketua Paguyuban Lurah")).to_be_visible()
