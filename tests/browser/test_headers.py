"""The strict policy, as a browser applies it: nothing on our pages is refused by it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from pledges import wall
from pledges.models import Agency, Event, Role
from tests import cast
from tests.browser.hands import session_of

# Told by the browser itself, also of what it does not write on its console.
LISTEN = """
window.refused = [];
addEventListener("securitypolicyviolation",
  (event) => refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


def refused_on(page: Page, paths: list[str]) -> list[str]:
    """What was refused on these pages, once each has come to rest."""
    refused = []
    page.add_init_script(LISTEN)
    for path in paths:
        response = page.goto(path, wait_until="networkidle")
        assert response.status == 200, path
        refused += [f"{path}: {what}" for what in page.evaluate("refused")]
    return refused


@pytest.fixture
def city(transactional_db: None) -> cast.City:
    return cast.make_city()


@pytest.fixture
def event(city: cast.City) -> Event:
    event = cast.make_open(city)
    cast.sign(cast.someone(event))
    return event


def come_as(page: Page, site: str, *roles: tuple[Role, Agency], is_superuser: bool = False) -> None:
    user = cast.make_user("siapa@contoh.example", *roles, is_superuser=is_superuser)
    page.context.add_cookies([session_of(user, site)])  # type: ignore[list-item]


def of(event: Event, *rest: str) -> list[str]:
    return [f"/kelola/acara/{event.code}/{page}" for page in rest]


def test_no_page_of_an_organiser_is_hindered(
    desktop: Page, site: str, city: cast.City, event: Event
):
    draft, person = cast.make_draft(city), cast.someone(event, cast.BUDI)
    come_as(desktop, site, (Role.ADMIN, city.agency))

    paths = [
        "/kelola/", "/kelola/acara/baru", "/kelola/pegawai", f"/kelola/instansi/{city.agency.pk}",
        *of(draft, "", "data", "masa-simpan", "naskah", "cara", "gelombang", "peran", "terbitkan"),
        *of(draft, f"naskah/{draft.pacts.get().pk}", "daftar", "daftar/impor", "orang/baru"),
        *of(event, "", "progres", "progres/orang", "tagih", "tagih/cetak", "tagih/surel"),
        *of(event, "unduhan", "laporan", "catatan", "layar", "petugas"),
        *of(event, "slip", "perbaikan", "kewajaran", "daftar", f"orang/{person.pk}", "tutup"),
    ]  # fmt: skip
    assert refused_on(desktop, paths) == []


def test_no_page_of_an_officer_is_hindered(desktop: Page, site: str, city: cast.City, event: Event):
    come_as(desktop, site, (Role.OFFICER, city.education))

    assert refused_on(desktop, of(event, "slip", "lembar", "pindaian", "meja", "tagih")) == []


def test_a_preview_that_follows_the_words_is_shown(desktop: Page, site: str, city: cast.City):
    draft = cast.make_draft(city)
    come_as(desktop, site, (Role.ADMIN, city.agency))
    [path] = of(draft, f"naskah/{draft.pacts.get().pk}")

    assert refused_on(desktop, [path]) == []
    with desktop.expect_response("**/pratinjau"):
        desktop.locator("#points textarea").first.fill("Butir yang lain sama sekali.")
    picture = desktop.locator(".preview-pages img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    assert desktop.evaluate("refused") == []
    desktop.on("dialog", lambda dialog: dialog.accept())


def test_no_public_page_and_none_of_an_account_is_hindered(desktop: Page, event: Event):
    paths = ["/", "/verifikasi", "/akun/masuk", "/akun/lupa-kata-sandi", f"/a/{event.code}",
             f"/layar/{wall.token(event)}"]  # fmt: skip

    assert refused_on(desktop, paths) == []


def test_no_page_of_the_support_site_is_hindered(
    desktop: Page, problems: list[str], site: str, event: Event
):
    come_as(desktop, site, is_superuser=True)
    tables = ["", "auth/user/", "pledges/agency/", "pledges/agency/add/", "pledges/event/"]
    paths = [f"/admin/{table}" for table in [*tables, f"pledges/event/{event.pk}/change/"]]

    assert refused_on(desktop, paths) == []
    # Django's own pages name no icon, and the browser looks for one.
    assert all("/favicon.ico" in problem for problem in problems)
    problems.clear()
