"""Kota Bitung, 2 September 2024: the Sekda signs first, beside Forkopimda; then those of
eselon II and III; then everybody else, each in their own unit. The pact has nine points."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from pledges.models import Event, Signatory
from tests.browser.conftest import Phones
from tests.browser.stories import (
    Person,
    add_somebody_from_outside,
    assert_genuine,
    download,
    download_declaration,
    enter,
    follow,
    give_part,
    open_link,
    prepare,
    publish,
    read,
    sign,
    someone,
    told,
    type_the_slip,
)
from tests.conftest import Manage
from tests.pdfs import in_order
from tests.real_events import POINTS

NINE_POINTS = POINTS["BTG902"]

SEKDA = Person(
    "Contoh Sekretaris, M.Si.",
    "Sekretaris Daerah Kota Bitung",
    "Sekretariat Daerah",
    echelon="II.a",
)
HEAD = Person("Contoh Kepala, M.Pd.", "Kepala Dinas", "Dinas Pendidikan", echelon="II.b")
CAMAT = Person("Contoh Camat, S.STP.", "Camat Aertembaga", "Kecamatan Aertembaga", echelon="III.a")
STAFF = Person("Contoh Staf, A.Md.", "Pengelola Kepegawaian", "Kecamatan Aertembaga", kind="pppk")

WITNESS = "Contoh Saksi, S.H."
FORKOPIMDA = "Unsur Forkopimda Kota Bitung"

WAVES = {
    "Sekretaris Daerah": "08:00",
    "Pejabat eselon II dan III": "08:30",
    "Semua pegawai, di unit kerja masing-masing": "10:00",
}

# As long as a waiting page lets pass between two looks, on a machine that does more besides.
OPENS_BY_ITSELF = 90_000


def test_three_waves_sign_by_rank_and_who_comes_early_waits_for_their_turn(
    desktop: Page,
    another_phone: Phones,
    worker: None,
    manage: Manage,
    tmp_path: Path,
    problems: list[str],
) -> None:
    people = [SEKDA, HEAD, CAMAT, STAFF]
    event = prepare("kota-bitung", people, presiding=(SEKDA.name, SEKDA.position))
    enter(desktop, event)
    declare_the_text_official(desktop)
    lay_out_the_waves(desktop)
    cast_the_ceremony(desktop)
    publish(desktop)

    with another_phone() as heads_phone, another_phone() as staffs_phone:
        open_link(heads_phone, someone(event, HEAD.name))
        is_told_to_wait(heads_phone, 2, "2 September 2024 pukul 08.30 WITA")
        expect(heads_phone.get_by_text("Penandatanganan belum dimulai.")).to_be_visible()
        problems.clear()  # the browser tells the status of a waiting page, 403

        open_wave(desktop, 1)
        only_the_sekda_is_missing(desktop)
        with another_phone() as phone:
            the_sekda_signs_both_texts(phone, someone(event, SEKDA.name))
        with another_phone() as phone:
            the_witness_signs_with_a_link_alone(
                phone, link_of_the_witness(desktop), someone(event, WITNESS)
            )

        come_with_the_slip(staffs_phone, event, STAFF)
        is_told_to_wait(staffs_phone, 3, "2 September 2024 pukul 10.00 WITA")
        expect(staffs_phone.get_by_text("Gelombang 1: Sekretaris Daerah")).to_be_visible()
        problems.clear()

        open_wave(desktop, 2)
        expect(heads_phone.get_by_role("heading", name="Apakah ini Anda?")).to_be_visible(
            timeout=OPENS_BY_ITSELF
        )
        sign_the_nine_points(heads_phone, someone(event, HEAD.name))
        with another_phone() as phone:
            come_with_the_slip(phone, event, CAMAT)
            sign_the_nine_points(phone, someone(event, CAMAT.name))

        open_wave(desktop, 3)
        staffs_phone.get_by_role("button", name="Periksa sekarang").click()
        sign_the_nine_points(staffs_phone, someone(event, STAFF.name))
        pact = download(staffs_phone, "Unduh PDF pakta", tmp_path)

    every_wave_is_complete(desktop, event)
    declaration = download_declaration(desktop, event, tmp_path)
    assert f"{FORKOPIMDA}, {WITNESS}" in in_order(declaration.read_bytes())
    assert_genuine(desktop, manage, declaration, pact)
    is_a_time_in_wita(desktop)


# Before


def declare_the_text_official(admin: Page) -> None:
    """Some of the nine points are composed, so an admin must have compared them first."""
    follow(admin, "Naskah")
    expect(admin.get_by_text("Contoh susunan, ganti dengan naskah resmi.")).to_be_visible()
    admin.get_by_label("Naskah ini sudah sama dengan naskah resmi instansi kami.").check()
    admin.get_by_role("button", name="Nyatakan sebagai naskah resmi").click()
    told(admin, "Naskah dinyatakan sebagai naskah resmi instansi.")


def lay_out_the_waves(admin: Page) -> None:
    """The example is Bitung's own order; a time that is typed is one of Bitung's clocks."""
    follow(admin, "Peran dan gelombang")
    follow(admin, "Gelombang")
    admin.get_by_role("button", name="Pakai contoh").click()
    told(admin, "Gelombang disimpan.")
    for number, (name, time) in enumerate(WAVES.items(), start=1):
        wave = admin.get_by_role("group", name=f"Gelombang {number}", exact=True)
        expect(wave.get_by_label("Siapa")).to_have_value(name)
        wave.get_by_label("Perkiraan waktu").fill(f"2024-09-02T{time}")
    admin.get_by_role("button", name="Simpan", exact=True).last.click()
    told(admin, "Gelombang disimpan.")


def cast_the_ceremony(admin: Page) -> None:
    follow(admin, "Peran")
    give_part(admin, SEKDA.name, "Pimpinan acara", SEKDA.position)
    add_somebody_from_outside(admin, WITNESS, FORKOPIMDA)


# Wave by wave


def open_wave(admin: Page, number: int) -> None:
    follow(admin, "Ringkasan")
    follow(admin, f"Buka gelombang {number}…")
    admin.get_by_role("button", name=f"Buka gelombang {number}").click()
    told(admin, f"Gelombang {number}: {list(WAVES)[number - 1]} dibuka.")
    is_a_time_in_wita(admin)


def is_a_time_in_wita(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"pukul \d\d\.\d\d WITA")).first).to_be_visible()


def is_told_to_wait(phone: Page, number: int, expected: str) -> None:
    expect(phone.get_by_role("heading", level=1)).to_have_text("Belum giliran Anda")
    turn = f"giliran Anda adalah Gelombang {number}: {list(WAVES)[number - 1]}"
    expect(phone.get_by_text(turn)).to_be_visible()
    expect(phone.get_by_text(f"Perkiraannya {expected}.")).to_be_visible()
    expect(phone.get_by_text("Biarkan halaman ini terbuka")).to_be_visible()


def only_the_sekda_is_missing(admin: Page) -> None:
    """The others of the roster wait, and a guest of the ceremony is no line of it."""
    follow(admin, "Siapa yang belum")
    follow(admin, "Per orang")
    expect(admin.get_by_role("radio", name="Belum 1")).to_be_checked()
    expect(admin.get_by_role("rowheader")).to_contain_text([SEKDA.name])
    expect(admin.get_by_role("radio", name="Menunggu gelombang 3")).to_be_visible()
    expect(admin.get_by_role("radio", name="Semua 4")).to_be_visible()


def the_sekda_signs_both_texts(phone: Page, sekda: Signatory) -> None:
    open_link(phone, sekda)
    expect(phone.get_by_text("Dua naskah, satu tanda tangan")).to_be_visible()
    sign_the_nine_points(phone, sekda)
    assert sekda.signatures.count() == 2


def link_of_the_witness(admin: Page) -> str:
    """Shown to the admin, who hands it over: there is no code, as there is no number."""
    follow(admin, "Peran dan gelombang")
    follow(admin, WITNESS)
    expect(admin.get_by_text("Tidak diminta pakta")).to_be_visible()
    expect(admin.get_by_text("NIP", exact=True)).to_have_count(0)
    admin.get_by_role("button", name="Tampilkan tautan", exact=True).click()
    expect(admin.get_by_text("Kode pribadi", exact=True)).to_have_count(0)
    return admin.get_by_role("textbox", name="Tautan pribadi").input_value()


def the_witness_signs_with_a_link_alone(phone: Page, link: str, witness: Signatory) -> None:
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Tanda tangani deklarasi bersama")
    expect(phone.get_by_text(NINE_POINTS[-1])).to_have_count(0)
    sign(phone, witness)
    is_a_time_in_wita(phone)
    assert (witness.nip, witness.signatures.count()) == (None, 1)


def come_with_the_slip(phone: Page, event: Event, who: Person) -> None:
    person = someone(event, who.name)
    assert person.nip
    phone.goto(f"/a/{event.code}")
    type_the_slip(phone, person.nip, person)


def sign_the_nine_points(phone: Page, person: Signatory) -> None:
    assert len(NINE_POINTS) == 9
    read(phone, NINE_POINTS)
    sign(phone, person)
    is_a_time_in_wita(phone)


# After


def every_wave_is_complete(admin: Page, event: Event) -> None:
    admin.goto(f"/kelola/acara/{event.code}/")
    waves = admin.get_by_role("region", name="Semua gelombang sudah dibuka")
    signed = ["1 dari 1 sudah", "2 dari 2 sudah", "1 dari 1 sudah"]
    expect(waves.get_by_text(re.compile(r"\d sudah menandatangani$"))).to_contain_text(signed)
    expect(waves.get_by_text("1 dari 1 di luar daftar")).to_be_visible()
