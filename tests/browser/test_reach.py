"""The signer's pages for everybody: large text, small screens, screen readers, odd browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from pledges import disputes, events, identity, signing, waves
from pledges.models import Event, Signatory, Signature
from tests import cast
from tests.browser.conftest import PHONE
from tests.browser.hands import (
    assert_accessible,
    assert_no_sideways_scroll,
    draw_with_finger,
    tick_all,
)
from tests.browser.test_offline import address_of, fill, tap_sign, wait_for_worker

LONG_NAME = "Prof. Dr. Ir. H. Raden Mas Soeryokoesoemo Wiraatmadja Kartadinata, S.T., M.Si., Ph.D."


@pytest.fixture
def city(transactional_db: None) -> cast.City:
    return cast.make_city()


@pytest.fixture
def event(city: cast.City) -> Event:
    return cast.make_open(city)


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event)


def make_waves(city: cast.City) -> Event:
    """Echelon II first, and nobody's turn yet."""
    event = cast.make_draft(city)
    first, second = waves.Definition("Eselon II", ("II",)), waves.Definition("Semua pegawai")
    waves.define(event, [first, second], by=None)
    return events.publish(event, by=None)


# Every state of the signer's pages; each leads its page there.


def one_text(page: Page, city: cast.City) -> None:
    page.goto(address_of(cast.someone(cast.make_open(city))))


def two_texts(page: Page, city: cast.City) -> None:
    page.goto(address_of(cast.someone(cast.make_open_ceremony(city))))


def two_texts_unfinished(page: Page, city: cast.City) -> None:
    two_texts(page, city)
    tap_sign(page)


def witness(page: Page, city: cast.City) -> None:
    page.goto(address_of(cast.outsider_of(cast.make_open_ceremony(city))))


def typed_name(page: Page, city: cast.City) -> None:
    one_text(page, city)
    page.get_by_text("Ketik nama", exact=True).click()
    tap_sign(page)


def waiting(page: Page, city: cast.City) -> None:
    page.goto(address_of(cast.someone(make_waves(city))))


def not_open(page: Page, city: cast.City) -> None:
    page.goto(address_of(cast.someone(cast.make_draft(city))))


def closed(page: Page, city: cast.City) -> None:
    page.goto(address_of(cast.someone(cast.make_closed(city), cast.BUDI)))


def kept(page: Page, city: cast.City) -> None:
    fill(page, cast.someone(cast.make_open(city)))
    page.context.set_offline(True)
    tap_sign(page)
    expect(page.locator("[data-kept-waiting]")).to_be_visible()


def kept_after_closing(page: Page, city: cast.City) -> None:
    event = cast.make_open(city)
    fill(page, cast.someone(event))
    events.close(event, by=None)
    tap_sign(page)
    expect(page.locator("[data-kept-waiting]")).to_contain_text("sudah ditutup")


def refused(page: Page, city: cast.City) -> None:
    siti = cast.someone(cast.make_open(city))
    fill(page, siti)
    page.context.set_offline(True)
    tap_sign(page)
    expect(page.locator("[data-kept-waiting]")).to_be_visible()
    signing.void(cast.sign(siti), reason="Salah orang", by=None)
    page.context.set_offline(False)
    page.get_by_role("button", name="Kirim sekarang").click()
    page.get_by_role("button", name="Hapus dari ponsel ini").click()


def delivered(page: Page, city: cast.City) -> None:
    kept(page, city)
    page.context.set_offline(False)
    page.get_by_role("button", name="Kirim sekarang").click()
    expect(page.get_by_role("link", name="Lihat bukti")).to_be_visible()


def offline(page: Page, city: cast.City) -> None:
    address = address_of(cast.someone(cast.make_open(city)))
    page.goto(address)
    wait_for_worker(page)
    page.context.set_offline(True)
    page.goto(address)
    expect(page.get_by_role("heading", name="Belum tersambung")).to_be_visible()


def receipt(page: Page, city: cast.City) -> None:
    signature = cast.sign(cast.someone(cast.make_open_ceremony(city)))
    page.goto(f"/bukti/{identity.receipt_token(signature)}")


def event_address(page: Page, city: cast.City) -> None:
    page.goto(f"/a/{cast.make_open(city).code}")


def unknown_link(page: Page, city: cast.City) -> None:
    page.goto("/s/unknown")


def not_me(page: Page, city: cast.City) -> None:
    page.goto(f"/bukan-saya/{disputes.token(cast.sign(cast.someone(cast.make_open(city))))}")


def reported(page: Page, city: cast.City) -> None:
    not_me(page, city)
    page.get_by_role("button", name="Laporkan: bukan saya").click()
    expect(page.get_by_role("heading", name="Laporan Anda sudah diterima")).to_be_visible()


def example(page: Page, city: cast.City) -> None:
    page.goto(address_of(cast.someone(cast.make_open(city, is_example=True))))


State = Callable[[Page, cast.City], None]
STATES: list[State] = [
    one_text, two_texts, two_texts_unfinished, witness, typed_name, waiting, not_open, closed,
    kept, kept_after_closing, refused, delivered, offline, receipt, event_address, unknown_link,
    not_me, reported, example,
]  # fmt: skip
every_state = pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)


@every_state
def test_axe_finds_no_violation_in_any_state_and_a_thumb_hits_what_it_touches(
    phone: Page, city: cast.City, problems: list[str], state: State
):
    state(phone, city)
    assert_accessible(phone)
    touched = phone.locator(".tick label, .means label, button, a.button, summary, .field input")
    for target in touched.locator("visible=true").all():
        box = target.bounding_box()
        assert box
        assert min(box["height"], box["width"]) >= 48, target
    problems.clear()


CUT = """
() => {
    const cut = [];
    for (const element of document.querySelectorAll("body *")) {
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        const isUnseen = element.closest(".unseen, svg") || style.opacity === "0";
        if (!box.width || isUnseen) continue;
        const isOutside = box.left < -1 || box.right > document.documentElement.clientWidth + 1;
        const isCropped = style.overflowX !== "visible" && element.scrollWidth > box.width + 1;
        const isShort = style.overflowY !== "visible" && element.scrollHeight > box.height + 1;
        if (isOutside || isCropped || isShort) cut.push(element.outerHTML.slice(0, 120));
    }
    return cut;
}
"""


@every_state
def test_at_text_size_200_percent_nothing_is_cut_and_nothing_scrolls_sideways(
    phone: Page, city: cast.City, problems: list[str], state: State
):
    """225 %, because the pages' own is 112.5 %."""
    phone.add_init_script(
        "addEventListener('DOMContentLoaded', () =>"
        " document.documentElement.style.fontSize = '225%')"
    )
    state(phone, city)
    assert phone.evaluate("getComputedStyle(document.documentElement).fontSize") == "36px"
    assert_no_sideways_scroll(phone)
    assert phone.evaluate(CUT) == []
    problems.clear()


# Drawing


def test_nothing_shifts_while_drawing(phone: Page, siti: Signatory):
    phone.goto(address_of(siti))
    tick_all(phone)
    phone.locator("canvas").scroll_into_view_if_needed()
    phone.evaluate(
        """() => {
            window.shifts = [];
            const watch = (list) => shifts.push(...list.getEntries().map((entry) => entry.value));
            new PerformanceObserver(watch).observe({ type: "layout-shift" });
        }"""
    )
    draw_with_finger(phone)
    phone.get_by_role("button", name="Urungkan").click()
    phone.get_by_role("button", name="Hapus").click()
    draw_with_finger(phone)
    phone.wait_for_timeout(500)
    assert phone.evaluate("PerformanceObserver.supportedEntryTypes.includes('layout-shift')")
    assert phone.evaluate("shifts") == []


def test_the_button_is_reached_with_the_thumb_that_drew(phone: Page, siti: Signatory):
    """Field and button stand on one screen, and the button spans the page."""
    phone.goto(address_of(siti))
    button = phone.get_by_role("button", name="Tanda tangani")
    button.scroll_into_view_if_needed()
    pad, submit = phone.locator(".pad").bounding_box(), button.bounding_box()
    assert pad
    assert submit
    assert pad["y"] >= 0
    assert submit["y"] + submit["height"] <= 740
    assert submit["width"] >= 300


# Without drawing


def test_a_screen_reader_hears_each_point_with_its_tick(phone: Page, siti: Signatory):
    phone.goto(address_of(siti))
    tick = phone.get_by_role("checkbox", name="Saya menyatakan butir 4")
    expect(tick).to_have_accessible_description(cast.POINTS[3])
    tap_sign(phone)
    first = phone.get_by_role("checkbox", name="Saya menyatakan butir 1")
    expect(first).to_have_accessible_description(
        f"{cast.POINTS[0]} ▲ Centang bila Anda menyatakan butir ini."
    )


def test_two_texts_are_told_apart_by_ear_and_by_what_is_missing(desktop: Page, city: cast.City):
    siti = cast.someone(cast.make_open_ceremony(city))
    desktop.goto(address_of(siti))
    expect(desktop.get_by_text("0 dari 7 butir sudah Anda nyatakan.")).to_be_visible()
    expect(desktop.get_by_role("heading", name="Naskah 1 dari 2: Pakta")).to_be_visible()
    expect(desktop.get_by_role("heading", name="Naskah 2 dari 2: Ikrar")).to_be_visible()
    desktop.get_by_role("checkbox", name="Saya menyatakan butir 1 naskah 1").check()
    tap_sign(desktop)
    expect(desktop.locator("[data-summary]")).to_contain_text(
        "Belum dinyatakan: naskah 1 butir 2, 3, 4; naskah 2 butir 1, 2, 3."
    )
    tick_all(desktop)
    desktop.get_by_text("Ketik nama", exact=True).click()
    desktop.get_by_label("Nama lengkap Anda").fill("Siti Aminah")
    tap_sign(desktop)
    expect(desktop.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    assert Signature.objects.filter(mark="typed:Siti Aminah").count() == 2


# Waiting for the turn


def pass_minutes(page: Page) -> None:
    """The page's clock runs ahead; what the server answers meanwhile takes its real time."""
    for _ in range(12):
        page.clock.run_for(10_000)
        page.wait_for_timeout(100)


def test_a_waiting_page_opens_by_itself_when_the_wave_opens(
    phone: Page, city: cast.City, problems: list[str]
):
    phone.clock.install()
    event = make_waves(city)
    phone.goto(address_of(cast.someone(event)))
    expect(phone.get_by_text("Biarkan halaman ini terbuka")).to_be_visible()
    waves.open_next(event, 1, by=None)
    pass_minutes(phone)
    expect(phone.get_by_role("heading", name="Belum giliran Anda")).to_be_visible()
    waves.open_next(event, 2, by=None)
    phone.wait_for_timeout(5000)  # as long as the last answer may be kept
    pass_minutes(phone)
    expect(phone.get_by_role("heading", name="Apakah ini Anda?")).to_be_visible()
    problems.clear()


def test_a_waiting_page_opens_by_itself_for_who_typed_a_code(
    phone: Page, city: cast.City, problems: list[str]
):
    phone.clock.install()
    event = make_waves(city)
    siti = cast.someone(event)
    phone.goto(f"/a/{event.code}")
    phone.get_by_label("NIP atau NIK").fill(siti.nip or "")
    phone.get_by_label("Kode pribadi").fill(identity.personal_code(siti))
    phone.get_by_role("button", name="Lanjut ke naskah").click()
    expect(phone.get_by_role("heading", name="Belum giliran Anda")).to_be_visible()
    for number in (1, 2):
        waves.open_next(event, number, by=None)
    pass_minutes(phone)
    expect(phone.get_by_role("heading", name="Apakah ini Anda?")).to_be_visible()
    problems.clear()


# Inside another app

ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; SM-A105F; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/87.0.4280.101 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148"
)
REAL = {
    "chrome": ANDROID.replace("; wv", "").replace("Version/4.0 ", ""),
    "safari": f"{IPHONE} Version/15.0 Safari/604.1".replace("Mobile", "Version/15.0 Mobile"),
    "desktop": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36",
}
IN_APP = {
    "android": ANDROID,
    "iphone": IPHONE,
    "facebook": f"{ANDROID.replace('; wv', '')} [FBAN/EMA;FBLC/id_ID]",
    "instagram": f"{IPHONE} Instagram 200.0.0 (iPhone12,1; iOS 15_0)",
    "line": f"{REAL['safari']} Line/11.19.1",
    "tiktok": f"{IPHONE} musical_ly_21.1.0 BytedanceWebview/d8a21c6",
}


@contextmanager
def browser_named(chromium: Browser, site: str, agent: str) -> Iterator[Page]:
    device: dict[str, Any] = {**PHONE, "user_agent": agent, "base_url": site}
    context = chromium.new_context(**device)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("agent", IN_APP.values(), ids=IN_APP)
def test_inside_another_app_the_page_offers_to_open_in_the_real_browser(
    chromium: Browser, site: str, siti: Signatory, agent: str
):
    with browser_named(chromium, site, agent) as page:
        page.goto(address_of(siti))
        expect(page.get_by_text("Lebih aman di browser.")).to_be_visible()
        expect(page).to_have_url(f"{site}/a/{siti.event.code}")
        page.get_by_role("button", name="Salin tautan").click()
        expect(page.get_by_text("Tautan sudah disalin.")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == f"{site}{address_of(siti)}"
        assert_accessible(page)


def test_on_android_one_tap_opens_the_same_personal_address_in_the_browser(
    chromium: Browser, site: str, siti: Signatory
):
    with browser_named(chromium, site, ANDROID) as page:
        page.goto(address_of(siti))
        page.reload()
        expect(page.get_by_role("link", name="Buka di browser")).to_have_attribute(
            "href",
            f"intent://{site.partition('://')[2]}{address_of(siti)}#Intent;scheme=http;"
            "action=android.intent.action.VIEW;category=android.intent.category.BROWSABLE;end",
        )


def test_on_an_iphone_the_link_is_copied_because_no_app_can_be_asked_to_open_it(
    chromium: Browser, site: str, siti: Signatory
):
    with browser_named(chromium, site, IPHONE) as page:
        page.goto(address_of(siti))
        expect(page.get_by_role("button", name="Salin tautan")).to_be_visible()
        expect(page.get_by_role("link", name="Buka di browser")).to_be_hidden()


@pytest.mark.parametrize("agent", REAL.values(), ids=REAL)
def test_a_real_browser_is_offered_nothing(
    chromium: Browser, site: str, siti: Signatory, agent: str
):
    with browser_named(chromium, site, agent) as page:
        page.goto(address_of(siti))
        expect(page.get_by_role("button", name="Tanda tangani")).to_be_visible()
        expect(page.get_by_text("Lebih aman di browser.")).to_be_hidden()
