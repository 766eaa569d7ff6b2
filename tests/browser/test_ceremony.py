"""Waves and parts on the organiser's side, as at Kota Bitung: the Sekda, witnessed by
Forkopimda; then eselon II and III; then all, in their own units."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from pledges import events
from pledges.models import Event, Role
from tests import cast
from tests.browser.hands import assert_accessible, log_in
from tests.cast import AGUS, BUDI, DEWI, SITI, someone


@pytest.fixture
def event(transactional_db: None) -> Event:
    """A draft as it is after import: texts, an ikrar and people, and no order yet."""
    city = cast.make_city()
    cast.make_user("admin@contoh.example", (Role.ADMIN, city.agency))
    event = cast.make_draft(city)
    cast.make_ikrar(event)
    event.signatories.filter(nip=AGUS).update(position="Sekretaris Daerah", echelon="II.a")
    return event


@pytest.fixture
def page(request: pytest.FixtureRequest, event: Event) -> Page:
    """The browser of an admin, logged in, at the event."""
    page: Page = request.getfixturevalue(request.param)
    page.goto(f"/kelola/acara/{event.code}/")
    log_in(page, "admin@contoh.example")
    page.wait_for_url(f"**/{event.code}/")
    return page


def menu(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def saved(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


def lay_out_waves(page: Page) -> None:
    menu(page, "Peran dan gelombang")
    menu(page, "Gelombang")
    expect(page.get_by_text("Tanpa gelombang: semua sekaligus")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name=re.compile("Pakai contoh")).click()
    saved(page, "Gelombang disimpan.")
    second = page.get_by_role("group", name="Gelombang 2")
    expect(second).to_contain_text("2 orang")
    second.get_by_label("Perkiraan waktu").fill("2024-07-29T08:30")
    page.get_by_role("button", name="Simpan", exact=True).last.click()
    saved(page, "Gelombang disimpan.")
    assert_accessible(page)


def put_sekda_first(page: Page) -> None:
    """Who presides signs first, by rule."""
    menu(page, "Peran")
    page.get_by_label("Cari nama, jabatan, atau NIP").fill("sekretaris daerah")
    page.get_by_role("link", name="Beri peran Agus").click()
    page.get_by_label("Pimpinan acara").check()
    page.get_by_label("Bertindak sebagai").fill("Pembina apel")
    page.get_by_role("button", name="Simpan").click()
    saved(page, "Agus: pimpinan acara.")


def add_forkopimda(page: Page) -> None:
    page.get_by_role("link", name="Tambah orang").click()
    page.get_by_label("Nama lengkap dengan gelar").fill("Contoh Saksi, unsur Forkopimda")
    page.get_by_label("Jabatan dan lembaga").fill("Unsur Forkopimda Kota Contoh")
    assert_accessible(page)
    page.get_by_role("button", name="Tambahkan").click()
    saved(page, "Contoh Saksi, unsur Forkopimda ditambahkan.")
    assert_accessible(page)


def open_next(page: Page, number: int) -> None:
    page.get_by_role("link", name=f"Buka gelombang {number}…").click()
    assert_accessible(page)
    page.get_by_role("button", name=f"Buka gelombang {number}").click()
    saved(page, f"Gelombang {number}:")


@pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)
def test_an_admin_lays_out_three_waves_and_opens_them_one_by_one_on_the_morning(
    page: Page, event: Event
) -> None:
    lay_out_waves(page)
    put_sekda_first(page)
    add_forkopimda(page)
    event = events.publish(event, by=None)

    page.goto(f"/kelola/acara/{event.code}/")
    expect(page.get_by_role("heading", name="Belum ada gelombang yang dibuka")).to_be_visible()
    open_next(page, 1)
    expect(page.get_by_role("heading", name="Sekarang gelombang 1 dari 3")).to_be_visible()
    cast.sign(someone(event, AGUS))
    cast.sign(cast.outsider_of(event))
    page.reload()
    expect(page.get_by_text("1 dari 1 sudah menandatangani", exact=True)).to_be_visible()
    expect(page.get_by_text("1 dari 1 di luar daftar")).to_be_visible()

    open_next(page, 2)
    cast.sign(someone(event, DEWI))
    open_next(page, 3)
    for nip in (SITI, BUDI):
        cast.sign(someone(event, nip))
    page.reload()
    expect(page.get_by_role("heading", name="Semua gelombang sudah dibuka")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Buka gelombang"))).to_have_count(0)
    assert_accessible(page)
