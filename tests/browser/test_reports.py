"""A recap is made, becomes ready while one looks, and still verifies at home."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from pledges.models import Event, Role
from tests import cast
from tests.browser.hands import assert_accessible, session_of
from tests.conftest import Manage


@pytest.fixture
def event(transactional_db: None) -> Event:
    """Nobody has signed, and it was closed."""
    city = cast.make_city()
    event = cast.make_closed(city)
    cast.make_user("admin@contoh.example", (Role.ADMIN, city.agency))
    return event


@pytest.fixture
def page(request: pytest.FixtureRequest, event: Event, site: str) -> Page:
    page: Page = request.getfixturevalue(request.param)
    admin = event.agency.memberships.get().user
    page.context.add_cookies([session_of(admin, site)])  # type: ignore[list-item]
    return page


@pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)
def test_a_recap_becomes_ready_without_reloading_and_is_taken_as_pdf_and_xlsx(
    page: Page, event: Event, worker: None, manage: Manage, tmp_path: Path
) -> None:
    page.goto(f"/kelola/acara/{event.code}/laporan")
    expect(page.get_by_role("heading", name="Belum ada laporan")).to_be_visible()
    page.get_by_label("Unit kerja").first.select_option(label="Dinas Pendidikan › SDN 1 Contoh")
    page.get_by_role("button", name="Buat rekapitulasi").click()

    expect(page.get_by_text("Siap", exact=True)).to_be_visible(timeout=30_000)
    assert_accessible(page)
    files = []
    for form in ("PDF", "XLSX"):
        with page.expect_download() as taken:
            page.get_by_role("link", name=f"Unduh {form} Rekapitulasi SDN 1 Contoh").click()
        files.append(tmp_path / taken.value.suggested_filename)
        taken.value.save_as(files[-1])
    pdf, xlsx = files
    assert manage("verify_pdf", pdf).returncode == 0
    assert openpyxl.load_workbook(xlsx).sheetnames[0] == "Per unit"


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_minutes_are_made_of_a_closed_event_and_reopening_asks_before_voiding_them(
    page: Page, event: Event
) -> None:
    page.goto(f"/kelola/acara/{event.code}/laporan")
    page.get_by_role("link", name="Buat berita acara").click()
    assert_accessible(page)
    page.get_by_label("Nama saksi pertama").fill("Contoh Saksi")
    page.get_by_role("button", name="Buat berita acara").click()
    expect(page.get_by_text("Menunggu segel")).to_be_visible()

    page.goto(f"/kelola/acara/{event.code}/buka-lagi")
    expect(page.get_by_text("akan menyatakannya batal: 1 berita acara")).to_be_visible()
    page.get_by_role("button", name="Buka lagi acara").click()
    expect(page.get_by_text("Ikut dibatalkan: 1 berita acara.")).to_be_visible()
