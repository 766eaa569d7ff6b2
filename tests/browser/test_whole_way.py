"""From an empty installation to a verified document, as one story at both sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pledges.models import Role
from tests import cast, spreadsheets
from tests.browser.hands import draw_with_mouse, log_in, tick_all
from tests.conftest import Manage

ROSTER = (
    ("DAFTAR PEGAWAI DINAS PERHUBUNGAN", None, None, None, None),
    (None, None, None, None, None),
    ("No", "Nama Lengkap", "NIP", "Jabatan", "Unit Kerja"),
    ("1", "Ratna Contoh, S.T.", "19800101 200501 2 001", "Kepala Seksi", "Dinas Perhubungan"),
    ("2", "Joko Contoh", "199002022015031002", "Pengatur Lalu Lintas", "Dinas Perhubungan"),
)


@pytest.fixture
def page(request: pytest.FixtureRequest, worker: None) -> Page:
    page: Page = request.getfixturevalue(request.param)
    return page


@pytest.mark.always
@pytest.mark.each_database
@pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)
def test_log_in_create_import_publish_sign_download_and_verify(
    page: Page, manage: Manage, tmp_path: Path, problems: list[str]
) -> None:
    city = cast.make_city()
    cast.make_user("admin@contoh.example", (Role.ADMIN, city.agency))
    page.goto("/kelola/")
    log_in(page, "admin@contoh.example")
    create_event(page)
    choose_preset(page)
    import_roster(page)
    publish(page)
    link = personal_link_of(page, "Ratna Contoh, S.T.")
    document = sign(page, link, tmp_path / "pakta.pdf")

    verified = manage("verify_pdf", document)
    assert (verified.returncode, verified.stdout.splitlines()[-3:]) == (
        0,
        ["intact 1", "altered 0", "unknown 0"],
    )
    upload(page, document)
    expect(page.get_by_role("heading", level=1)).to_have_text("Asli dan utuh")

    altered = with_one_byte_changed(document)
    refused = manage("verify_pdf", altered)
    assert (refused.returncode, "altered 1" in refused.stdout) == (1, True)
    upload(page, altered)
    expect(page.get_by_role("heading", level=1)).to_have_text("Berkas sudah diubah")
    problems.clear()


def create_event(page: Page) -> None:
    page.get_by_role("link", name="Buat acara").first.click()
    page.get_by_label("Nama acara").fill("Apel Netralitas ASN Dinas Perhubungan")
    page.get_by_label("Nama pemilihan").fill("Pilkada Serentak Tahun 2029")
    page.get_by_label("Tanggal").fill("2029-07-30")
    page.get_by_label("Tempat").fill("Halaman Kantor Dinas")
    page.get_by_label("Nama pimpinan").fill("Pimpinan Contoh")
    page.get_by_label("Jabatan pimpinan").fill("Kepala Dinas")
    page.get_by_role("button", name="Buat acara").click()
    expect(page.get_by_text("Rancangan").first).to_be_visible()


def choose_preset(page: Page) -> None:
    page.get_by_role("link", name="Naskah", exact=True).click()
    page.get_by_role("radio", name="Ikrar dan pakta empat butir").check()
    page.get_by_role("button", name="Pakai naskah ini").click()
    expect(page.get_by_role("heading", name="Pakta Integritas")).to_be_visible()


def import_roster(page: Page) -> None:
    page.get_by_role("link", name="Daftar", exact=True).click()
    page.get_by_role("link", name="Impor").first.click()
    page.get_by_label("Berkas Excel atau CSV").set_input_files(
        {
            "name": "daftar.xlsx",
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "buffer": spreadsheets.xlsx(ROSTER).read(),
        }
    )
    page.get_by_role("button", name="Unggah dan periksa").click()
    page.get_by_role("button", name="Masukkan 2 orang").click(timeout=20_000)
    expect(page.get_by_text("daftar.xlsx sudah dimasukkan")).to_be_visible(timeout=20_000)


def publish(page: Page) -> None:
    page.get_by_role("link", name="Ringkasan").click()
    page.get_by_role("link", name="Terbitkan").click()
    page.get_by_role("button", name="Terbitkan").click()
    expect(page.get_by_text("Dibuka").first).to_be_visible()


def personal_link_of(page: Page, name: str) -> str:
    page.get_by_role("link", name="Daftar", exact=True).click()
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Tampilkan tautan dan kode").click()
    return page.get_by_label("Tautan pribadi").input_value()


def sign(page: Page, link: str, document: Path) -> Path:
    page.goto(link)
    tick_all(page)
    draw_with_mouse(page)
    page.get_by_role("button", name="Tanda tangani").click()
    expect(page.get_by_text("Sudah ditandatangani")).to_be_visible()
    with page.expect_download(timeout=30_000) as download:
        page.get_by_role("link", name="Unduh PDF").click(timeout=30_000)
    download.value.save_as(document)
    return document


def with_one_byte_changed(document: Path) -> Path:
    data = bytearray(document.read_bytes())
    data[len(data) // 2] ^= 1
    altered = document.with_name("diubah.pdf")
    altered.write_bytes(data)
    return altered


def upload(page: Page, document: Path) -> None:
    page.goto("/verifikasi")
    page.locator("#file").set_input_files(document)
    page.get_by_role("button", name="Periksa berkas").click()
