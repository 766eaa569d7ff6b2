"""A roster file comes in at a desk and on a phone, with the worker of a real installation."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from pledges.models import Event, Role
from tests import cast, spreadsheets
from tests.browser.hands import assert_accessible, assert_no_sideways_scroll, log_in
from tests.spreadsheets import TABLE, Table

BROKEN: Table = [*TABLE, [3, "Citra Contoh", "1980", "Dinas Kesehatan"]]
PATIENCE = 30_000


@pytest.fixture
def event(transactional_db: None) -> Event:
    city = cast.make_city()
    cast.make_user("admin@contoh.example", (Role.ADMIN, city.agency))
    return cast.make_open(city)


@pytest.fixture
def page(request: pytest.FixtureRequest, event: Event) -> Page:
    """The admin's browser, logged in, at the roster."""
    page: Page = request.getfixturevalue(getattr(request, "param", "desktop"))
    page.goto(f"/kelola/acara/{event.code}/daftar")
    log_in(page, "admin@contoh.example")
    page.wait_for_url("**/daftar")
    return page


both_sizes = pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)


def upload(page: Page, table: Table, name: str = "daftar.xlsx") -> None:
    content = spreadsheets.xlsx(table).getvalue()
    page.get_by_label("Berkas Excel atau CSV").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Unggah dan periksa").click()


@both_sizes
def test_a_file_is_uploaded_shown_and_imported_when_it_is_confirmed(
    page: Page, worker: None, event: Event
) -> None:
    page.get_by_role("link", name="Impor berkas").click()
    assert_accessible(page)
    upload(page, BROKEN)
    expect(page.get_by_text("Belum ada yang dimasukkan.")).to_be_visible(timeout=PATIENCE)
    problem = page.get_by_role("row", name="Data 4 C")
    expect(problem).to_contain_text("NIP harus 18 angka; yang tertulis 4 angka.")
    assert_accessible(page)
    assert event.signatories.count() == 5

    page.get_by_role("button", name="Masukkan 2 orang yang lain").click()
    expect(page.get_by_text("sudah dimasukkan pada")).to_be_visible(timeout=PATIENCE)
    assert_no_sideways_scroll(page)
    page.get_by_role("link", name="Lihat daftar").click()
    expect(page.get_by_role("link", name="Andi Contoh")).to_be_visible()
    assert_accessible(page)
    assert event.signatories.count() == 7


def test_the_faulty_rows_are_downloaded_mended_and_imported(
    page: Page, worker: None, event: Event, tmp_path: Path
) -> None:
    page.get_by_role("link", name="Impor berkas").click()
    upload(page, BROKEN)
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("link", name="Unduh 1 baris bermasalah").click(timeout=PATIENCE)
    mended = tmp_path / "mended.xlsx"
    download.value.save_as(mended)
    book = openpyxl.load_workbook(mended)
    (nip,) = (cell for cell in book.worksheets[0][2] if cell.value == "1980")
    nip.value = "198703032010032003"
    book.save(mended)

    page.get_by_role("link", name="Unggah berkas lain").click()
    page.get_by_label("Berkas Excel atau CSV").set_input_files(mended)
    page.get_by_role("button", name="Unggah dan periksa").click()
    page.get_by_role("button", name="Masukkan 1 orang").click(timeout=PATIENCE)
    expect(page.get_by_text("sudah dimasukkan pada")).to_be_visible(timeout=PATIENCE)
    citra = event.signatories.get(nip="198703032010032003")
    assert (citra.name, citra.unit.name) == ("Citra Contoh", "Dinas Kesehatan")


def test_a_column_that_was_recognised_wrongly_is_changed_and_read_again(
    page: Page, worker: None
) -> None:
    page.get_by_role("link", name="Impor berkas").click()
    upload(page, TABLE)
    page.get_by_label("Kolom D dibaca sebagai").select_option("Jabatan", timeout=PATIENCE)
    page.get_by_role("button", name="Baca ulang").click()
    row = page.get_by_role("row", name="2 Andi Contoh")
    expect(row).to_contain_text("Dinas Kesehatan Pemerintah Kota Contoh", timeout=PATIENCE)
    expect(page.get_by_label("Kolom D dibaca sebagai")).to_have_value("position")


def test_without_a_worker_the_page_says_so_and_the_import_can_still_be_cancelled(
    page: Page, event: Event
) -> None:
    page.get_by_role("link", name="Impor berkas").click()
    upload(page, TABLE)
    expect(page.get_by_text("Menunggu giliran.")).to_be_visible()
    expect(page.get_by_text("mungkin tidak berjalan")).to_be_visible(timeout=PATIENCE)
    assert_no_sideways_scroll(page)
    page.get_by_role("button", name="Batalkan impor").click()
    expect(page.get_by_text("Impor dibatalkan. Daftar tidak berubah.")).to_be_visible()


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(page: Page, tmp_path: Path) -> None:
    enormous = tmp_path / "besar.xlsx"
    with enormous.open("wb") as file:
        file.truncate(50 * 2**20)
    page.get_by_role("link", name="Impor berkas").click()
    page.get_by_label("Berkas Excel atau CSV").set_input_files(enormous)
    expect(page.get_by_role("alert")).to_contain_text("50 MB, lebih besar dari 15 MB")
    expect(page.get_by_role("button", name="Unggah dan periksa")).to_be_disabled()


def test_people_are_found_while_one_types(page: Page) -> None:
    page.get_by_label("Cari nama atau NIP").press_sequentially("siti")
    expect(page.get_by_text("1 orang", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Siti Aminah, S.Pd.")).to_be_visible()
    expect(page.get_by_role("link", name="Budi Santoso, S.K.M.")).to_have_count(0)
    page.get_by_label("Cari nama atau NIP").fill("")
    page.get_by_label("Keadaan").select_option("Sudah menandatangani")
    expect(page.get_by_text("Tidak ada yang cocok")).to_be_visible()


@both_sizes
def test_a_person_is_added_withdrawn_and_restored(page: Page, event: Event) -> None:
    page.get_by_role("link", name="Tambah orang").click()
    assert_accessible(page)
    page.get_by_label("Nama lengkap dengan gelar").fill("Joko Contoh, S.E.")
    page.get_by_label("NIP atau NIK").fill("19850715 201001 1 003")
    page.get_by_label("Unit kerja").select_option(label="\u2003\u2003SDN 1 Contoh")
    page.get_by_role("button", name="Tambahkan").click()
    expect(page.get_by_text("Joko Contoh, S.E. ditambahkan ke daftar.")).to_be_visible()

    page.get_by_role("button", name="Tampilkan tautan dan kode").click()
    expect(page.get_by_alt_text("Kode QR tautan pribadi")).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name="Keluarkan dari daftar").click()
    page.get_by_role("button", name="Keluarkan dari daftar").click()
    expect(page.get_by_text("dikeluarkan dari daftar.")).to_be_visible()
    page.get_by_role("button", name="Pulihkan ke daftar").click()
    expect(page.get_by_text("dipulihkan ke daftar.")).to_be_visible()
    assert event.signatories.active().count() == 6


@both_sizes
def test_officers_are_invited_from_a_file(page: Page, event: Event) -> None:
    page.goto(f"/kelola/acara/{event.code}/petugas")
    assert_accessible(page)
    officers: Table = [
        ["Nama", "E-mail", "Unit Kerja"],
        ["Rina Contoh", "rina@contoh.example", "Dinas Kesehatan"],
        ["Tono Contoh", "tono@contoh.example", "Dinas Antah"],
    ]
    upload(page, officers)
    expect(page.get_by_role("row", name="Data 3 C")).to_contain_text("tidak ada di acara ini")
    assert_accessible(page)
    page.get_by_role("button", name="Undang 1 petugas yang lain").click()
    expect(page.get_by_text("Undangan untuk rina@contoh.example segera dikirim.")).to_be_visible()
