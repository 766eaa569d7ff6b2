"""Slips, from the button to the paper and from the paper's code to the pledge."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from pledges import identity
from pledges.models import Event, Role
from tests import cast
from tests.browser.hands import assert_no_sideways_scroll, log_in
from tests.cast import SITI
from tests.test_slips import pages_of


@pytest.fixture
def event(transactional_db: None) -> Event:
    city = cast.make_city()
    cast.make_user("petugas@contoh.example", (Role.OFFICER, city.education))
    return cast.make_open(city)


@pytest.fixture
def page(request: pytest.FixtureRequest, event: Event) -> Page:
    """The browser of the officer of a department, logged in, at the slips."""
    page: Page = request.getfixturevalue(request.param)
    page.goto(f"/kelola/acara/{event.code}/slip")
    log_in(page, "petugas@contoh.example")
    page.wait_for_url("**/slip")
    return page


@pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)
def test_an_officer_prints_slips_and_a_colleague_signs_in_with_the_code(
    page: Page, event: Event
) -> None:
    # The test's own server is reached by plain HTTP.
    expect(page.get_by_role("alert")).to_contain_text("Jangan cetak slip dulu.")
    assert_no_sideways_scroll(page)
    link = page.get_by_role("link", name="Cetak slip SDN 1 Contoh")
    response = page.request.get(str(link.get_attribute("href")))
    assert response.headers["content-type"] == "application/pdf"
    text = " ".join(pages_of(response.body()))
    siti = cast.someone(event, SITI)
    code = identity.personal_code(siti)
    assert code in text

    page.goto(f"/a/{event.code}")
    page.get_by_label("NIP").fill(SITI)
    page.get_by_label("Kode pribadi").fill(code)
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_text("Siti Aminah, S.Pd.").first).to_be_visible()
