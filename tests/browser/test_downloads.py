"""Taking the sealed documents home, and checking that they still hold there."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from pledges.models import Event, Role
from tests import cast
from tests.browser.hands import assert_accessible, session_of
from tests.cast import BUDI, SITI
from tests.conftest import Manage


@pytest.fixture
def event(transactional_db: None, manage: Manage) -> Event:
    """Siti and Budi have signed and are sealed; Dewi still waits."""
    city = cast.make_city()
    event = cast.make_open(city)
    for nip in (SITI, BUDI):
        cast.sign(cast.someone(event, nip))
    manage("create_seal_certificate", "--development")
    assert "documents 2" in manage("seal_pending").stdout
    cast.sign(cast.someone(event, cast.DEWI))
    cast.make_user("admin@contoh.example", (Role.ADMIN, city.agency))
    return event


@pytest.fixture
def page(request: pytest.FixtureRequest, event: Event, site: str) -> Page:
    page: Page = request.getfixturevalue(request.param)
    admin = event.agency.memberships.get().user
    page.context.add_cookies([session_of(admin, site)])  # type: ignore[list-item]
    return page


def keep(download: Download, folder: Path) -> Path:
    target = folder / download.suggested_filename
    download.save_as(target)
    return target


@pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)
def test_the_whole_event_as_zip_unit_by_unit_and_person_by_person(
    page: Page, event: Event, manage: Manage, tmp_path: Path
) -> None:
    page.goto(f"/kelola/acara/{event.code}/unduhan")
    expect(page.get_by_text("1 tanda tangan masih menunggu disegel")).to_be_visible()
    assert_accessible(page)

    page.get_by_role("button", name="Siapkan unduhan").click()
    assert_accessible(page)
    with page.expect_download() as everything:
        page.get_by_role("link", name="Ambil ZIP Pemerintah Kota Contoh").click()
    archive = keep(everything.value, tmp_path)
    assert archive.name == f"{event.code} Pemerintah Kota Contoh.zip"
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(tmp_path / "all")
    documents = sorted((tmp_path / "all").rglob("*.pdf"))
    assert [file.name for file in documents] == [
        "199002022024211001_Budi Santoso, S.K.M.pdf",
        "198001012005012001_Siti Aminah, S.Pd.pdf",
    ]
    assert "intact 2" in manage("verify_pdf", *documents).stdout

    page.get_by_role("link", name="Pilih SDN 1 Contoh").click()
    page.get_by_role("button", name="Siapkan unduhan").click()
    with page.expect_download() as unit:
        page.get_by_role("link", name="Ambil ZIP SDN 1 Contoh").click()
    with zipfile.ZipFile(keep(unit.value, tmp_path)) as zipped:
        assert len([name for name in zipped.namelist() if name.endswith(".pdf")]) == 1

    page.goto(f"/kelola/acara/{event.code}/progres/orang?status=signed")
    with page.expect_download() as single:
        page.get_by_role("link", name="Unduh PDF Siti Aminah, S.Pd.").click()
    assert "intact 1" in manage("verify_pdf", keep(single.value, tmp_path)).stdout
