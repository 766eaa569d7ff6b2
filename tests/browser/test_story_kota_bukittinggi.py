"""Kota Bukittinggi, 26 September 2024: the leader reads the ikrar from the wall and all repeat it,
point by point. Only then the signing is opened, to all who are paid from APBN or APBD."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

from playwright.sync_api import Error, Page, expect

from pledges import declaration, pact
from pledges.models import Event, Signatory, Signature
from tests.browser.conftest import Phones
from tests.browser.stories import (
    Person,
    add_who_presides,
    assert_genuine,
    download,
    download_declaration,
    enter,
    follow,
    open_link,
    open_the_wall,
    prepare,
    publish,
    read,
    read_aloud,
    scan_the_wall,
    sign,
    someone,
    told,
    type_the_slip,
    whole_number,
)
from tests.conftest import Manage
from tests.pdfs import in_order
from tests.real_events import POINTS

FOUR_POINTS = POINTS["BKT926"]

LEADER, OFFICE = "Contoh Penjabat, S.IP.", "Pjs. Wali Kota Bukittinggi"

TEACHER = Person("Contoh Guru, S.Pd.", "Guru Kelas", "Dinas Pendidikan dan Kebudayaan")
NURSE = Person("Contoh Perawat, A.Md.Kep.", "Perawat Terampil", "Dinas Kesehatan", kind="pppk")
SWEEPER = Person("Contoh Petugas", "Petugas Kebersihan", "Dinas Lingkungan Hidup", kind="non_asn")

# The only wave, so that nobody signs before the ikrar was read.
AFTER_THE_IKRAR = "Semua, sesudah ikrar dibacakan"


def test_all_repeat_the_ikrar_before_anybody_can_sign_and_the_wall_counts_them_to_the_last(
    desktop: Page,
    another_phone: Phones,
    worker: None,
    manage: Manage,
    tmp_path: Path,
    problems: list[str],
) -> None:
    event = prepare("kota-bukittinggi", [TEACHER, NURSE, SWEEPER], presiding=(LEADER, OFFICE))
    teacher, nurse, sweeper = (
        someone(event, name) for name in (TEACHER.name, NURSE.name, SWEEPER.name)
    )
    enter(desktop, event)
    put_the_signing_after_the_ikrar(desktop)
    follow(desktop, "Peran")
    add_who_presides(desktop)
    leader = someone(event, LEADER)
    publish(desktop)
    wall = open_the_wall(desktop)

    with ExitStack() as assembled:
        leaders, teachers, nurses, sweepers = (
            assembled.enter_context(another_phone()) for _ in range(4)
        )
        for phone, person in ((leaders, leader), (teachers, teacher), (nurses, nurse)):
            open_link(phone, person)
            is_told_to_wait(phone, person)
        read_aloud(wall, ikrar_of(event))
        comes_by_the_wall(sweepers, wall, sweeper)
        is_told_to_wait(sweepers, sweeper)
        nobody_has_signed(wall, event)
        problems.clear()  # the browser tells the status of a waiting page, 403

        open_the_signing(desktop)
        expect(wall.get_by_text(f"Giliran gelombang 1 dari 1: {AFTER_THE_IKRAR}")).to_be_visible()
        the_leader_signs_the_ikrar_and_is_no_line_of_the_list(leaders, wall, leader)
        for phone, person in ((teachers, teacher), (nurses, nurse), (sweepers, sweeper)):
            signs_what_all_repeated(phone, person)
            the_wall_counts(wall, event)
        own_copy = download(sweepers, "Unduh PDF pakta", tmp_path)

    everybody_has_signed(desktop, wall, event)
    together = download_declaration(desktop, event, tmp_path)
    assert f"{OFFICE}, {LEADER}" in in_order(together.read_bytes())
    assert_genuine(desktop, manage, together, own_copy)


# Before


def put_the_signing_after_the_ikrar(admin: Page) -> None:
    follow(admin, "Peran dan gelombang")
    follow(admin, "Gelombang")
    wave = admin.get_by_role("group", name="Susun sendiri: gelombang 1")
    wave.get_by_label("Siapa").fill(AFTER_THE_IKRAR)
    admin.get_by_role("button", name="Simpan", exact=True).last.click()
    told(admin, "Gelombang disimpan.")
    everybody = admin.get_by_role("group", name="Gelombang 1", exact=True)
    expect(everybody.get_by_role("link", name="3 orang")).to_be_visible()


# The ikrar


def ikrar_of(event: Event) -> tuple[str, ...]:
    row = declaration.text_of(event)
    assert row
    return pact.of(row).points


def comes_by_the_wall(phone: Page, wall: Page, person: Signatory) -> None:
    scan_the_wall(phone, wall)
    type_the_slip(phone, whole_number(person), person)


def is_told_to_wait(phone: Page, person: Signatory) -> None:
    expect(phone.get_by_role("heading", level=1)).to_have_text("Belum giliran Anda")
    turn = f"{person.name}, giliran Anda adalah Gelombang 1: {AFTER_THE_IKRAR}."
    expect(phone.get_by_text(turn)).to_be_visible()
    expect(phone.get_by_text("Penandatanganan belum dimulai.")).to_be_visible()
    expect(phone.get_by_role("button", name="Tanda tangani")).to_have_count(0)


def nobody_has_signed(wall: Page, event: Event) -> None:
    expect(wall.get_by_text("Tunggu sebentar: gelombang 1 segera dibuka.")).to_be_visible()
    expect(wall.get_by_text("0 dari 3 sudah menandatangani")).to_be_visible()
    assert not Signature.objects.filter(signatory__event=event).exists()


# The signing


def open_the_signing(admin: Page) -> None:
    follow(admin, "Ringkasan")
    expect(admin.get_by_role("heading", name="Belum ada gelombang yang dibuka")).to_be_visible()
    follow(admin, "Buka gelombang 1…")
    admin.get_by_role("button", name="Buka gelombang 1").click()
    told(admin, f"Gelombang 1: {AFTER_THE_IKRAR} dibuka.")


def the_leader_signs_the_ikrar_and_is_no_line_of_the_list(
    phone: Page, wall: Page, leader: Signatory
) -> None:
    look_again(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Tanda tangani deklarasi bersama")
    read(phone, ikrar_of(leader.event))
    sign(phone, leader)
    assert declaration.current(leader.event)
    expect(wall.get_by_text("0 dari 3 sudah menandatangani")).to_be_visible()


def signs_what_all_repeated(phone: Page, person: Signatory) -> None:
    look_again(phone)
    read(phone, FOUR_POINTS)
    sign(phone, person)
    assert person.signatures.count() == 1


def look_again(phone: Page) -> None:
    """The page that was open since before the ikrar; no link is opened and no code typed again.

    It goes on by itself before long, so the button may be gone already.
    """
    ready = phone.get_by_role("button", name="Tanda tangani")
    again = phone.get_by_role("button", name="Periksa sekarang")
    expect(ready.or_(again)).to_be_visible()
    if again.is_visible():
        with suppress(Error):
            again.click(timeout=5000)
    expect(ready).to_be_visible()


def the_wall_counts(wall: Page, event: Event) -> None:
    """By itself, within a second or two of each signature."""
    signed = event.signatories.owing().signed().count()
    expect(wall.get_by_text(f"{signed} dari 3 sudah menandatangani")).to_be_visible()


# After


def everybody_has_signed(admin: Page, wall: Page, event: Event) -> None:
    expect(wall.get_by_text("3 dari 3 sudah menandatangani")).to_be_visible()
    expect(wall.locator("[data-percent]")).to_have_text("100 %")
    expect(wall.locator(".is-complete .name")).to_have_text(
        [TEACHER.unit, NURSE.unit, SWEEPER.unit]
    )
    admin.goto(f"/kelola/acara/{event.code}/")
    wave = admin.get_by_role("region", name="Semua gelombang sudah dibuka")
    expect(wave.get_by_text("3 dari 3 sudah menandatangani")).to_be_visible()
    expect(wave.get_by_text("1 dari 1 di luar daftar")).to_be_visible()
