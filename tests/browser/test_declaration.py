"""The joint declaration, from the representative's receipt to the public's verification."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pledges import declaration, identity
from pledges.models import Event, Role
from tests import cast
from tests.browser.hands import assert_accessible, assert_no_sideways_scroll, session_of
from tests.cast import BUDI, DEWI, SITI
from tests.conftest import Manage

SEALED = 60_000


@pytest.fixture
def ceremony(transactional_db: None) -> Event:
    return cast.make_open_ceremony(cast.make_city())


def test_a_representatives_receipt_gets_both_documents_without_being_opened_again(
    phone: Page, ceremony: Event, worker: None, tmp_path: Path
):
    signature = cast.sign(cast.someone(ceremony, SITI))
    phone.goto(f"/bukti/{identity.receipt_token(signature)}")
    expect(phone.get_by_text("Deklarasi bersama disegel setelah semua")).to_be_visible()
    expect(phone.get_by_role("link", name="Unduh PDF pakta")).to_be_visible(timeout=SEALED)
    expect(phone.get_by_role("link", name="Unduh PDF deklarasi bersama")).to_be_hidden()
    assert_accessible(phone)

    for nip in (DEWI, BUDI):
        cast.sign(cast.someone(ceremony, nip))
    cast.sign(cast.outsider_of(ceremony))

    download = phone.get_by_role("link", name="Unduh PDF deklarasi bersama")
    expect(download).to_be_visible(timeout=SEALED)
    expect(phone.get_by_text("Deklarasi bersama disegel setelah semua")).to_be_hidden()
    with phone.expect_download() as started:
        download.click()
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    assert file.name == f"Deklarasi-Bersama-{ceremony.code}.pdf"

    phone.goto("/verifikasi")
    phone.locator("input[type=file]").set_input_files(file)
    phone.get_by_role("button", name="Periksa berkas").click()
    expect(phone.get_by_role("heading", name="Asli dan utuh")).to_be_visible()
    expect(phone.get_by_text("Ketua KPU Kota Contoh")).to_be_visible()
    assert_accessible(phone)
    assert_no_sideways_scroll(phone)


def test_an_admin_closes_the_declaration_and_finds_blank_places_named(
    desktop: Page, ceremony: Event, manage: Manage, site: str
):
    cast.sign(cast.someone(ceremony, SITI))
    admin = cast.make_user("admin@contoh.example", (Role.ADMIN, ceremony.agency))
    desktop.context.add_cookies([session_of(admin, site)])  # type: ignore[list-item]
    desktop.goto(f"/kelola/acara/{ceremony.code}/deklarasi")
    assert_accessible(desktop)

    desktop.get_by_role("link", name="Tutup deklarasi…").click()
    expect(desktop.get_by_text("Dr. Dewi Lestari, S.Pd., M.Pd.; Budi Santoso")).to_be_visible()
    assert_accessible(desktop)
    desktop.get_by_role("button", name="Tutup deklarasi").click()

    expect(desktop.get_by_text("Dokumennya sedang disegel")).to_be_visible()
    assert manage("create_seal_certificate", "--development").returncode == 0
    assert "documents 2" in manage("seal_pending").stdout
    desktop.reload()
    expect(desktop.get_by_role("link", name="Unduh deklarasi (PDF)")).to_be_visible()
    completed = declaration.current(ceremony)
    assert completed
    desktop.get_by_role("link", name=completed.verification_code).click()
    expect(desktop.get_by_role("heading", name="Deklarasi bersama asli")).to_be_visible()
    expect(desktop.get_by_text("Tidak menandatangani")).to_have_count(3)
    assert_accessible(desktop)
