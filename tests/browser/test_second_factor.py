"""Passkeys and apps in a real browser, under the real policy."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from playwright.sync_api import CDPSession, Page, expect

from pledges import second_factors
from pledges.models import Event, Role
from tests import cast
from tests.browser.hands import assert_accessible, assert_no_sideways_scroll, log_in
from tests.cast import City
from tests.second_steps import code_of

OPTIONS: dict[str, Any] = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


class Finger:
    """The sensor of a device, to which a finger is put or not."""

    def __init__(self, page: Page) -> None:
        self.protocol: CDPSession = page.context.new_cdp_session(page)
        self.protocol.send("WebAuthn.enable")
        self.sensor = self.protocol.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS})[
            "authenticatorId"
        ]

    def is_right(self, right: bool) -> None:
        self.protocol.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.sensor, "isUserVerified": right}
        )


@pytest.fixture
def city(transactional_db: None) -> City:
    cache.clear()
    return cast.make_city()


@pytest.fixture
def admin(city: City) -> User:
    return cast.make_user("admin@contoh.example", (Role.ADMIN, city.agency))


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city)


def log_out(page: Page) -> None:
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Keluar", exact=True).click()
    expect(page.get_by_text("Anda sudah keluar.")).to_be_visible()


def confirm_password(page: Page) -> None:
    expect(page.get_by_role("heading", name="Pastikan ini Anda")).to_be_visible()
    page.get_by_label("Kata sandi").fill(cast.PASSWORD)
    page.get_by_role("button", name="Lanjutkan").click()


def looks_right(page: Page) -> None:
    assert_accessible(page)
    assert_no_sideways_scroll(page)


@pytest.mark.always
def test_a_passkey_is_made_where_it_is_a_must_and_then_logs_in_without_a_password(
    desktop: Page, admin: User, event: Event, city: City
) -> None:
    second_factors.require(city.agency, required=True, by=admin)
    finger = Finger(desktop)
    desktop.goto(f"/kelola/acara/{event.code}/")
    log_in(desktop, admin.email)
    expect(desktop.get_by_text("Instansi Anda mewajibkan")).to_be_visible()
    looks_right(desktop)
    desktop.get_by_role("link", name="Buat kunci sandi").click()
    confirm_password(desktop)
    expect(desktop.get_by_label("Nama")).to_have_value("Kunci sandi 1")
    looks_right(desktop)
    desktop.get_by_role("button", name="Buat kunci sandi").click()
    expect(desktop.get_by_role("heading", name="Kode cadangan")).to_be_visible()
    expect(desktop.get_by_role("list", name="Kode yang belum dipakai")).to_be_visible()
    looks_right(desktop)
    desktop.get_by_role("link", name="Sudah saya simpan").click()
    expect(desktop.get_by_role("heading", name="Acara", exact=True)).to_be_visible()

    log_out(desktop)
    desktop.goto(f"/kelola/acara/{event.code}/")
    looks_right(desktop)
    finger.is_right(False)
    desktop.get_by_role("button", name="Masuk dengan kunci sandi").click()
    expect(desktop.get_by_text("Kunci sandi tidak jadi dipakai")).to_be_visible()
    finger.is_right(True)
    desktop.get_by_role("button", name="Masuk dengan kunci sandi").click()
    expect(desktop.get_by_role("heading", name=event.title)).to_be_visible()


def test_a_passkey_is_the_second_step_after_a_password(
    phone: Page, admin: User, event: Event
) -> None:
    Finger(phone)
    phone.goto("/akun/dua-langkah/kunci-sandi/tambah")
    log_in(phone, admin.email)
    confirm_password(phone)
    looks_right(phone)
    phone.get_by_role("button", name="Buat kunci sandi").click()
    expect(phone.get_by_role("heading", name="Kode cadangan")).to_be_visible()
    looks_right(phone)
    phone.goto("/akun/dua-langkah/kunci-sandi")
    looks_right(phone)

    log_out(phone)
    phone.goto("/kelola/")
    log_in(phone, admin.email)
    expect(phone.get_by_role("heading", name="Langkah kedua")).to_be_visible()
    looks_right(phone)
    phone.get_by_role("button", name="Pakai kunci sandi").click()
    expect(phone.get_by_role("heading", name="Acara", exact=True)).to_be_visible()


def test_an_app_is_set_up_from_the_picture_and_asked_for_its_code(
    phone: Page, admin: User, event: Event
) -> None:
    phone.goto("/akun/dua-langkah/aplikasi")
    log_in(phone, admin.email)
    confirm_password(phone)
    picture = phone.get_by_role("img", name="Kode QR untuk aplikasi autentikator")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    looks_right(phone)
    secret = phone.locator(".secret").inner_text()
    phone.get_by_label("Kode").fill(code_of(secret, later=-1))
    phone.get_by_role("button", name="Pasang").click()
    expect(phone.get_by_role("heading", name="Kode cadangan")).to_be_visible()

    log_out(phone)
    phone.goto("/kelola/")
    log_in(phone, admin.email)
    phone.get_by_label("Kode").fill(code_of(secret))
    phone.get_by_role("button", name="Masuk", exact=True).click()
    expect(phone.get_by_role("heading", name="Acara", exact=True)).to_be_visible()


def test_what_was_being_filled_in_is_sent_again_after_the_second_factor_was_set_up(
    desktop: Page, problems: list[str], admin: User, event: Event, city: City
) -> None:
    desktop.goto(f"/kelola/acara/{event.code}/petugas")
    log_in(desktop, admin.email)
    desktop.get_by_label("Nama").fill("Rina Contoh")
    desktop.get_by_label("Alamat surel").fill("rina@contoh.example")
    second_factors.require(city.agency, required=True, by=admin)
    desktop.get_by_role("button", name="Kirim undangan").click()
    expect(desktop.get_by_role("heading", name="Belum disimpan")).to_be_visible()
    problems.clear()
    looks_right(desktop)

    with desktop.expect_popup() as opened:
        desktop.get_by_role("link", name="Pasang di tab baru").click()
    tab = opened.value
    tab.get_by_role("link", name="Pasang aplikasi").click()
    confirm_password(tab)
    tab.get_by_label("Kode").fill(code_of(tab.locator(".secret").inner_text()))
    tab.get_by_role("button", name="Pasang").click()
    expect(tab.get_by_role("heading", name="Kode cadangan")).to_be_visible()

    desktop.reload()
    expect(
        desktop.get_by_text("Undangan untuk rina@contoh.example segera dikirim.")
    ).to_be_visible()
    assert User.objects.filter(email="rina@contoh.example").exists()
