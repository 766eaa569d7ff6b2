"""Finding out who is missing, at a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from pledges import events
from pledges.models import Event, Role
from tests import cast
from tests.browser.conftest import DESKTOP
from tests.browser.hands import assert_accessible, session_of
from tests.cast import BUDI, SITI, City


@pytest.fixture
def city(transactional_db: None) -> City:
    return cast.make_city()


@pytest.fixture
def event(city: City) -> Event:
    event = cast.make_open(city)
    cast.sign(cast.someone(event, SITI))
    return event


@pytest.fixture
def cookie(city: City, site: str) -> dict[str, str]:
    """The admin's."""
    return session_of(cast.make_user("admin@contoh.example", (Role.ADMIN, city.agency)), site)


@pytest.fixture
def page(request: pytest.FixtureRequest, cookie: dict[str, str]) -> Page:
    page: Page = request.getfixturevalue(getattr(request, "param", "desktop"))
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page


both_sizes = pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)


@both_sizes
def test_from_the_figures_to_the_unit_to_the_names_of_who_is_missing(
    page: Page, event: Event
) -> None:
    page.goto(f"/kelola/acara/{event.code}/progres")
    expect(page.locator(".figure-missing b")).to_have_text("4")
    assert_accessible(page)

    page.get_by_role("link", name="Dinas Kesehatan").click()
    expect(page.locator(".figure-missing b")).to_have_text("2")
    page.get_by_role("link", name="Tabel").click()
    assert_accessible(page)
    page.get_by_role("link", name="2 belum di Puskesmas Contoh").click()

    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("rowheader", name="Budi Santoso, S.K.M.")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Rahmat Hidayat")).to_be_visible()
    assert_accessible(page)


@both_sizes
def test_names_are_found_while_one_types_and_the_address_says_what_is_shown(
    page: Page, event: Event
) -> None:
    page.goto(f"/kelola/acara/{event.code}/progres/orang")
    expect(page.locator("#orang [role=status]")).to_have_text("4 orang")

    page.get_by_label("Cari nama atau NIP").press_sequentially("budi")

    expect(page.locator("#orang [role=status]")).to_have_text("1 orang")
    expect(page.get_by_role("rowheader")).to_contain_text("Budi Santoso, S.K.M.")
    expect(page).to_have_url(re.compile("q=budi"))

    page.reload()
    expect(page.locator("#orang [role=status]")).to_have_text("1 orang")


@both_sizes
def test_status_and_unit_filter_at_once(page: Page, event: Event) -> None:
    page.goto(f"/kelola/acara/{event.code}/progres/orang")

    page.get_by_role("radio", name="Sudah 1").check()
    expect(page.locator("#orang [role=status]")).to_have_text("1 orang")
    expect(page.get_by_role("rowheader")).to_contain_text("Siti Aminah, S.Pd.")

    page.get_by_role("radio", name="Semua 5").check()
    page.get_by_label("Unit kerja").select_option("Dinas Kesehatan › Puskesmas Contoh")
    expect(page.locator("#orang [role=status]")).to_have_text("2 orang")
    # The counts of the other filters are of the unit now.
    expect(page.get_by_role("radio", name="Sudah 0")).to_be_visible()

    page.get_by_role("link", name="Per unit kerja").click()
    expect(page.locator(".trail")).to_contain_text("Dinas Kesehatan › Puskesmas Contoh")


@both_sizes
def test_figures_tiles_chart_and_summary_follow_the_signatures_without_a_reload(
    page: Page, event: Event, site: str
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    page.clock.install()
    page.goto(f"/kelola/acara/{event.code}/progres")
    page.get_by_text("Salin ringkasan untuk WhatsApp").click()
    expect(page.get_by_label("Ringkasan, siap ditempel")).to_have_value(re.compile("1 dari 5"))

    cast.sign(cast.someone(event, BUDI))
    page.clock.fast_forward("00:16")

    expect(page.locator(".figure-missing b")).to_have_text("3")
    expect(page.locator(".tile", has_text="Dinas Kesehatan")).to_contain_text("1 dari 2")
    expect(page.get_by_role("img", name="2 tanda tangan sejak")).to_be_visible()
    # What was opened stays open, with the new text in it.
    page.get_by_role("button", name="Salin ringkasan").click()
    expect(page.get_by_role("button", name="Tersalin")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Sudah menandatangani: 2 dari 5 (40,0 %)" in copied
    assert_accessible(page)

    events.close(event, by=None)
    page.clock.fast_forward("00:16")
    expect(page.get_by_text("Acara ditutup")).to_be_visible()
    expect(page.locator("[hx-trigger]")).to_have_count(0)


def test_an_officer_excuses_somebody_from_the_list_of_the_missing(page: Page, event: Event) -> None:
    page.goto(f"/kelola/acara/{event.code}/progres/orang")
    page.get_by_role("link", name="Catat Budi Santoso, S.K.M. berhalangan").click()
    assert_accessible(page)

    page.get_by_label("Dinas luar").check()
    page.get_by_role("button", name="Catat berhalangan").click()

    expect(
        page.get_by_text("Budi Santoso, S.K.M. dicatat berhalangan: Dinas luar.")
    ).to_be_visible()
    expect(page.locator("#orang [role=status]")).to_have_text("3 orang")
    page.get_by_role("radio", name="Berhalangan 1").check()
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_role("rowheader")).to_contain_text("Budi Santoso, S.K.M.")
    assert_accessible(page)


def test_it_works_without_scripts(
    chromium: Browser, cookie: dict[str, str], site: str, event: Event
) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False, **DESKTOP)
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"/kelola/acara/{event.code}/progres")
    page.get_by_text("Salin ringkasan untuk WhatsApp").click()
    expect(page.get_by_label("Ringkasan, siap ditempel")).to_have_value(re.compile("1 dari 5"))

    page.get_by_label("Cari nama atau NIP").fill(BUDI)
    page.get_by_role("button", name="Cari").click()

    expect(page.get_by_role("rowheader")).to_contain_text("Budi Santoso, S.K.M.")
    context.close()


def test_the_list_of_who_is_missing_is_taken_as_xlsx(
    page: Page, event: Event, tmp_path: Path
) -> None:
    page.goto(f"/kelola/acara/{event.code}/progres")

    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh daftar yang belum (XLSX)").click()

    target = tmp_path / download.value.suggested_filename
    download.value.save_as(target)
    rows = list(load_workbook(target).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in rows] == [BUDI, cast.DEWI, cast.AGUS, "3273••••••••••01"]
