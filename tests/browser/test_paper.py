"""The paper path: from the printed sheet over its photograph to the sealed scan, and the tray."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from pledges.models import Event, Role, Signature
from pledges.paper import codes
from tests import cast
from tests.browser.hands import assert_no_sideways_scroll, log_in
from tests.cast import AGUS, SITI
from tests.photographs import jpeg, on_desk, pages_of, photograph, text_of, turned, without_code


@pytest.fixture
def event(transactional_db: None) -> Event:
    city = cast.make_city()
    cast.make_user("petugas@contoh.example", (Role.OFFICER, city.education))
    return cast.make_open(city)


def photo(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def test_an_officer_prints_photographs_and_files_sheets_and_mends_the_one_without_a_code(
    phone: Page, event: Event, worker: None
) -> None:
    phone.goto(f"/kelola/acara/{event.code}/lembar")
    log_in(phone, "petugas@contoh.example")
    phone.wait_for_url("**/lembar")
    assert_no_sideways_scroll(phone)
    link = phone.get_by_role("link", name="Cetak lembar SDN 1 Contoh")
    answer = phone.request.get(str(link.get_attribute("href")))
    agus_sheet, _ = pages_of(answer.body(), width=1400)
    siti = cast.someone(event, SITI)

    phone.get_by_role("link", name="Foto lembar").first.click()
    expect(phone.get_by_role("heading", name="Belum ada foto")).to_be_visible()
    assert_no_sideways_scroll(phone)
    phone.get_by_label("Foto atau PDF lembar").set_input_files(
        [
            photo("IMG_1.jpg", jpeg(turned(on_desk(agus_sheet), 90))),
            photo("IMG_2.jpg", jpeg(without_code(photograph(siti)))),
        ]
    )
    phone.get_by_role("button", name="Unggah dan catat").click()
    expect(phone.get_by_text("2 berkas diterima dan sedang dibaca.")).to_be_visible()
    expect(phone.get_by_role("heading", name="Perlu diperiksa")).to_be_visible(timeout=30_000)
    assert_no_sideways_scroll(phone)
    assert Signature.objects.get().signatory == cast.someone(event, AGUS)

    phone.get_by_role("link", name="IMG_2.jpg").click()
    phone.get_by_label("Cari nama atau NIP").fill("siti")
    phone.get_by_role("button", name="Cari").click()
    phone.get_by_role("link", name="Pilih Siti Aminah, S.Pd.").click()
    assert_no_sideways_scroll(phone)
    phone.get_by_role("button", name="Catat untuk Siti Aminah, S.Pd.").click()
    expect(
        phone.get_by_text("Tanda tangan basah Siti Aminah, S.Pd. sudah dicatat.")
    ).to_be_visible()
    expect(phone.get_by_role("heading", name="Semua foto sudah dicatat")).to_be_visible()

    signature = siti.signatures.get()
    phone.goto(f"/v/{signature.verification_code}")
    for _ in range(60):
        if phone.get_by_text("Belum disegel").count() == 0:
            break
        phone.wait_for_timeout(500)
        phone.reload()
    expect(phone.get_by_role("heading", name="Pindaian tanda tangan basah")).to_be_visible()
    # What stands on the sheet signs nothing.
    phone.goto(f"/lembar/{codes.token(siti, text_of(event))}")
    expect(phone.get_by_role("heading", name="Lembar tanda tangan basah")).to_be_visible()
    assert_no_sideways_scroll(phone)
