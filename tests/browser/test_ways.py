"""Proving who one is on a phone: by a code in an e-mail, and by the agency's own login."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from pledges.models import Agency, Role, Way
from tests import cast
from tests.browser.hands import (
    assert_accessible,
    draw_with_finger,
    session_of,
    tick_all,
)
from tests.mail_server import MailServer
from tests.openid import login_server, make_provider
from tests.test_mailed import code_in

__all__ = ["login_server"]


def open_event(*ways: Way) -> str:
    """Its address."""
    event = cast.make_open(cast.make_city(), ways=list(ways))
    return f"/a/{event.code}"


def read_and_sign(page: Page) -> None:
    expect(page.get_by_text("Apakah ini Anda?")).to_be_visible()
    expect(page.get_by_text("Siti Aminah, S.Pd.").first).to_be_visible()
    tick_all(page)
    draw_with_finger(page)
    page.get_by_role("button", name="Tanda tangani").click()
    expect(page.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()


def wait_for_email(page: Page, server: MailServer) -> str:
    for _ in range(300):
        if server.messages:
            return code_in(server)
        page.wait_for_timeout(100)
    raise TimeoutError("no e-mail")


def test_somebody_without_a_slip_signs_with_a_code_from_the_mailbox(
    phone: Page, smtp_server: MailServer, worker: None, problems: list[str]
) -> None:
    address = open_event(Way.SLIP, Way.EMAIL)
    phone.goto(address)
    assert_accessible(phone)
    phone.get_by_role("link", name="Kirim kode ke surel saya").click()
    assert_accessible(phone)
    phone.get_by_label("NIP atau NIK").fill("19800101 200501 2 001")
    phone.get_by_role("button", name="Kirim kode ke surel saya").click()
    assert_accessible(phone)
    code = wait_for_email(phone, smtp_server)
    phone.get_by_label("Kode dari surel").fill("00000000")
    phone.get_by_role("button", name="Lanjut ke naskah").click()
    expect(phone.get_by_text("Kode ini tidak cocok atau tidak berlaku lagi.")).to_be_visible()
    assert_accessible(phone)
    problems.clear()
    phone.get_by_label("Kode dari surel").fill(f"{code[:4]} {code[4:]}")
    phone.get_by_role("button", name="Lanjut ke naskah").click()
    expect(phone).to_have_url(re.compile(f"{address}$"))
    read_and_sign(phone)
    assert phone.context.cookies() == []


def test_loading_the_page_for_the_code_again_begins_with_the_number(
    phone: Page, smtp_server: MailServer
) -> None:
    phone.goto(open_event(Way.EMAIL))
    phone.get_by_label("NIP atau NIK").fill(cast.SITI)
    phone.get_by_role("button", name="Kirim kode ke surel saya").click()
    expect(phone.get_by_label("Kode dari surel")).to_be_visible()
    phone.reload()
    expect(phone.get_by_label("NIP atau NIK")).to_be_visible()


def test_somebody_logs_in_at_the_agencys_own_login_and_signs(
    phone: Page, login_server: str, problems: list[str]
) -> None:
    address = open_event(Way.LOGIN)
    make_provider(Agency.objects.get(depth=1), login_server)
    cache.clear()
    phone.goto(address)
    assert_accessible(phone)
    phone.get_by_role("link", name="Masuk dengan SSO Kota Contoh").click()
    expect(phone).to_have_url(re.compile(re.escape(login_server)))
    problems.clear()
    phone.get_by_role("button", name="siti", exact=True).click()
    expect(phone).to_have_url(re.compile(f"{address}$"))
    read_and_sign(phone)
    assert [c for c in phone.context.cookies() if c["name"] == "pakta_session"] == []
    problems.clear()


def test_after_a_login_loading_again_asks_who_is_there_and_the_next_person_logs_in(
    phone: Page, login_server: str, problems: list[str]
) -> None:
    address = open_event(Way.LOGIN)
    make_provider(Agency.objects.get(depth=1), login_server)
    cache.clear()
    phone.goto(f"{address}/login")
    phone.get_by_role("button", name="siti", exact=True).click()
    expect(phone.get_by_text("Apakah ini Anda?")).to_be_visible()
    phone.evaluate("navigator.serviceWorker.ready.then(() => null)")
    phone.reload()
    expect(phone.get_by_text("Siti Aminah")).to_have_count(0)
    phone.get_by_role("link", name="Masuk dengan SSO Kota Contoh").click()
    problems.clear()
    # The way to the provider leads through the service worker now.
    phone.get_by_role("button", name="budi", exact=True).click()
    expect(phone.get_by_text("Budi Santoso, S.K.M.").first).to_be_visible()
    problems.clear()


@pytest.mark.parametrize("who", ["phone", "desktop"])
def test_an_admin_chooses_the_ways(request: pytest.FixtureRequest, who: str, site: str) -> None:
    page: Page = request.getfixturevalue(who)
    event = cast.make_draft(cast.make_city())
    admin = cast.make_user("admin@contoh.example", (Role.ADMIN, event.agency))
    page.context.add_cookies([session_of(admin, site)])  # type: ignore[list-item]
    page.goto(f"/kelola/acara/{event.code}/")
    step = page.get_by_role("listitem").filter(has_text="Cara membuktikan diri")
    step.get_by_role("link", name="Ubah").click()
    assert_accessible(page)
    page.get_by_label("Kode sekali pakai lewat surel").check()
    page.get_by_label("Boleh menyatakan tidak bersedia").check()
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Cara membuktikan diri disimpan.")).to_be_visible()
    expect(page.get_by_text("Kode sekali pakai lewat surel")).to_be_visible()
    event.refresh_from_db()
    assert (event.ways, event.allows_refusal) == (["slip", "email"], True)
