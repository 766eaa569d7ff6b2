"""Chasing from a phone: a tap opens the chat, and the page of who was reminded tells itself."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from pledges import identity, whatsapp
from pledges.models import Event, Reminder, Role, Signatory
from tests import cast
from tests.browser.conftest import Phones
from tests.browser.hands import assert_accessible, session_of
from tests.cast import City
from tests.test_reminders import give_phone


@pytest.fixture
def city(transactional_db: None) -> City:
    return cast.make_city()


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city)


@pytest.fixture
def siti(event: Event) -> Signatory:
    return give_phone(cast.someone(event))


def answer_for_whatsapp(page: Page) -> list[str]:
    """Nothing leaves this machine: what would go to WhatsApp is answered here and noted."""
    protocol = page.context.new_cdp_session(page)
    asked: list[str] = []

    def answer(paused: dict[str, Any]) -> None:
        if paused["resourceType"] == "Document":  # and not its icon
            asked.append(paused["request"]["url"])
        body = base64.b64encode(b"<!doctype html><title>Percakapan</title>").decode()
        protocol.send(
            "Fetch.fulfillRequest",
            {"requestId": paused["requestId"], "responseCode": 200, "body": body},
        )

    protocol.on("Fetch.requestPaused", answer)
    protocol.send(
        "Fetch.enable",
        {"patterns": [{"urlPattern": "https://wa.me/*"}]},
    )
    return asked


def test_one_tap_opens_the_chat_and_coming_back_shows_what_became_of_it(
    phone: Page, another_phone: Phones, site: str, city: City, event: Event, siti: Signatory
) -> None:
    officer = cast.make_user("petugas@contoh.example", (Role.OFFICER, city.school))
    phone.context.add_cookies([session_of(officer, site)])  # type: ignore[list-item]
    asked = answer_for_whatsapp(phone)
    phone.goto(f"/kelola/acara/{event.code}/tagih")
    expect(phone.get_by_role("link", name="Belum dihubungi 2")).to_be_visible()
    assert_accessible(phone)

    phone.get_by_role("button", name="WhatsApp Siti Aminah, S.Pd.").click()

    phone.wait_for_url(re.compile("^https://wa.me/6281234567890"))
    [address] = asked
    link = identity.personal_link(siti)
    assert link in unquote(address)
    assert Reminder.objects.get().sent_by == officer

    phone.go_back()
    phone.get_by_role("link", name="Terkirim 1").click()
    expect(phone.get_by_role("heading", name="Siti Aminah, S.Pd.")).to_be_visible()

    with another_phone() as hers:
        hers.goto(link)
        expect(hers.get_by_text("Apakah ini Anda?")).to_be_visible()
        hers.wait_for_load_state("networkidle")
    # The list comes up to date by itself when the officer looks at it again.
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(phone.get_by_role("link", name="Dibuka 1")).to_be_visible()
    assert_accessible(phone)


def test_a_page_that_is_loaded_and_not_looked_at_tells_nothing(
    phone: Page, site: str, event: Event, siti: Signatory
) -> None:
    whatsapp.remind(siti, by=cast.make_user("petugas@contoh.example"))
    phone.add_init_script(
        "Object.defineProperty(document, 'hidden', {get: () => !window.isLookedAt})"
    )
    phone.goto(identity.personal_link(siti))
    phone.wait_for_load_state("networkidle")
    assert not Signatory.objects.exclude(opened_at=None).exists()

    with phone.expect_response("**/dibuka") as answer:
        phone.evaluate(
            "window.isLookedAt = true; document.dispatchEvent(new Event('visibilitychange'))"
        )

    assert answer.value.status == 204
    assert Signatory.objects.exclude(opened_at=None).get() == siti
