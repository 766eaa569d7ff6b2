"""The wall on a projector: led by keyboard, presenter and touch, and counting live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from pledges import events, wall, waves
from pledges.models import Event, PactKind
from tests import cast
from tests.browser.conftest import _page
from tests.browser.hands import assert_accessible
from tests.cast import BUDI, DEWI, SITI, City

PROJECTORS = [(1366, 768), (1920, 1080), (1024, 768)]


@pytest.fixture(autouse=True)
def _no_count_of_another_test() -> Iterator[None]:
    wall._shared.clear()
    yield
    wall._shared.clear()


@pytest.fixture
def city(transactional_db: None) -> City:
    return cast.make_city()


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open_ceremony(city)


def address(event: Event) -> str:
    return f"/layar/{wall.token(event)}"


def heading(page: Page):
    return page.get_by_role("heading", level=1)


def assert_fits(page: Page) -> None:
    """All of the scene is on the screen, and above the controls."""
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_ikrar_is_led_point_by_point_with_keyboard_or_presenter(
    desktop: Page, event: Event
) -> None:
    desktop.goto(address(event))
    expect(heading(desktop)).to_have_text([event.title])

    for key, shown in (
        ("ArrowRight", "Ikrar Netralitas Pegawai ASN"),
        ("PageDown", "Butir 1 dari 3"),
        ("Space", "Butir 2 dari 3"),
        ("Enter", "Butir 3 dari 3"),
        ("PageDown", "Penutup"),
        ("PageDown", "Pindai untuk menandatangani"),
        ("PageDown", "Pindai untuk menandatangani"),
        ("PageUp", "Penutup"),
        ("ArrowLeft", "Butir 3 dari 3"),
        ("Backspace", "Butir 2 dari 3"),
        ("End", "Pindai untuk menandatangani"),
        ("Home", event.title),
        ("ArrowLeft", event.title),
        ("3", "Butir 3 dari 3"),
        ("0", event.title),
    ):
        desktop.keyboard.press(key)
        expect(heading(desktop)).to_have_text([shown])
        desktop.wait_for_timeout(1000 if key in "0123456789" else 0)


def test_every_scene_is_accessible_and_fits_the_screen(desktop: Page, event: Event) -> None:
    desktop.goto(address(event))
    for number in range(1, 8):
        expect(desktop.get_by_text(f"{number} / 7")).to_be_visible()
        desktop.wait_for_timeout(400)  # while it appears, colours are pale
        assert_accessible(desktop)
        assert_fits(desktop)
        desktop.keyboard.press("ArrowRight")


def test_two_digits_typed_quickly_are_one_point(desktop: Page, city: City) -> None:
    event = cast.make_draft(city)
    cast.make_pact(event, kind=PactKind.DECLARATION, points=[f"Butir {n}" for n in range(1, 21)])
    desktop.goto(address(event))

    desktop.keyboard.type("12")

    expect(heading(desktop)).to_have_text(["Butir 12 dari 20"])


def test_b_and_full_stop_make_the_wall_black_and_any_key_brings_it_back(
    desktop: Page, event: Event
) -> None:
    desktop.goto(address(event))
    black = desktop.get_by_role("button", name="Layar gelap")
    for key, back in (("b", "b"), (".", "PageDown"), ("B", "Escape")):
        desktop.keyboard.press(key)
        expect(black).to_be_visible()
        desktop.keyboard.press(back)
        expect(black).to_be_hidden()
    expect(heading(desktop)).to_have_text([event.title])


def test_f_fills_the_screen_and_gives_it_back(desktop: Page, event: Event) -> None:
    desktop.goto(address(event))
    for fills in (True, False):
        desktop.keyboard.press("f")
        filled = "fills => Boolean(document.fullscreenElement) === fills"
        desktop.wait_for_function(filled, arg=fills)


def test_a_tap_on_the_right_goes_on_and_on_the_left_goes_back(phone: Page, event: Event) -> None:
    phone.goto(address(event))
    phone.touchscreen.tap(300, 300)
    expect(heading(phone)).to_have_text(["Ikrar Netralitas Pegawai ASN"])
    phone.touchscreen.tap(60, 300)
    expect(heading(phone)).to_have_text([event.title])


def test_the_buttons_lead_too_and_leave_the_space_bar_alone(desktop: Page, event: Event) -> None:
    desktop.goto(address(event))
    desktop.get_by_role("button", name="Berikutnya").click()
    desktop.get_by_role("button", name="Berikutnya").click()
    expect(heading(desktop)).to_have_text(["Butir 1 dari 3"])
    desktop.get_by_role("button", name="Sebelumnya").click()
    desktop.keyboard.press("Space")
    expect(heading(desktop)).to_have_text(["Butir 1 dari 3"])

    desktop.get_by_role("button", name="Berikutnya").focus()
    desktop.keyboard.press("Enter")
    expect(heading(desktop)).to_have_text(["Butir 2 dari 3"])


def test_a_reload_stays_at_its_scene(desktop: Page, event: Event) -> None:
    desktop.goto(address(event))
    desktop.keyboard.press("2")
    expect(desktop).to_have_url(re.compile("#4$"))
    desktop.reload()
    expect(heading(desktop)).to_have_text(["Butir 2 dari 3"])


def words(length: int) -> str:
    """Of a pact's own words, as many as there is room for."""
    text = " ".join(cast.POINTS) * 4
    return f"{text[: length - 1].rstrip()}."


LENGTHS = [60, 100, 150, 210, 228, 280, 300, 370, 500, 750, 1200, 2000]


@pytest.mark.parametrize(("width", "height"), PROJECTORS)
def test_texts_of_every_length_fit_the_projector_without_scrolling(
    desktop: Page, city: City, width: int, height: int
) -> None:
    event = cast.make_draft(city, title=words(250), venue=words(60))
    points = [words(length) for length in LENGTHS]
    cast.make_pact(event, kind=PactKind.DECLARATION, points=points, opening=words(228))
    desktop.set_viewport_size({"width": width, "height": height})
    desktop.goto(address(event))
    for _ in range(len(LENGTHS) + 4):
        assert_fits(desktop)
        desktop.keyboard.press("ArrowRight")
    expect(heading(desktop)).to_have_text(["Pindai untuk menandatangani"])


def count_of(page: Page) -> tuple[str, str]:
    return (
        page.locator("[data-signed]").inner_text(),
        page.locator("[data-total]").inner_text(),
    )


@pytest.fixture
def two_screens(chromium: Browser, problems: list[str], site: str) -> Iterator[tuple[Page, Page]]:
    sizes: list[dict[str, Any]] = [
        {"viewport": {"width": width, "height": height}} for width, height in PROJECTORS[:2]
    ]
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(_page(chromium, problems, site, **size)) for size in sizes
        )
        yield first, second


def test_two_screens_count_live_and_a_wave_that_opens_shows(
    two_screens: tuple[Page, Page], city: City
) -> None:
    draft = cast.make_draft(city)
    plan = [waves.Definition("Sekda", ("II",)), waves.Definition("Semua pegawai")]
    waves.define(draft, plan, by=None)
    event = events.publish(draft, by=None)
    for page in two_screens:
        page.goto(address(event))
        page.keyboard.press("End")
        expect(page.locator("[data-total]")).to_have_text("5")
        expect(page.locator("[data-status]")).to_contain_text("gelombang 1 segera dibuka")
        expect(page.locator("[data-at]")).to_have_text(
            re.compile(r"^Dihitung pukul \d\d\.\d\d\.\d\d WIB$")
        )
    waves.open_next(event, 1, by=None)
    cast.sign(cast.someone(event, DEWI))
    for page in two_screens:
        expect(page.locator("[data-signed]")).to_have_text("1")
        expect(page.locator("[data-percent]")).to_have_text("20 %")
        expect(page.locator("[data-status]")).to_have_text("Giliran gelombang 1 dari 2: Sekda")
        expect(page.get_by_role("listitem")).to_have_text(
            [re.compile("Dinas Pendidikan1 / 3"), re.compile("Dinas Kesehatan0 / 2")]
        )
    waves.open_next(event, 2, by=None)
    for nip in (SITI, BUDI):
        cast.sign(cast.someone(event, nip))
    for page in two_screens:
        expect(page.locator("[data-signed]")).to_have_text("3")
        assert_fits(page)


def test_only_a_complete_unit_turns_green(desktop: Page, city: City) -> None:
    event = cast.make_open(city)
    event.signatories.exclude(nip=BUDI).filter(unit=city.clinic).update(unit=city.school)
    cast.sign(cast.someone(event, BUDI))
    cast.sign(cast.someone(event, SITI))
    desktop.goto(f"{address(event)}#2")

    expect(desktop.locator(".is-complete")).to_have_text(re.compile("Dinas Kesehatan.*1 / 1"))


def test_many_units_take_turns_until_somebody_stops_them(desktop: Page, city: City) -> None:
    event = cast.make_open(city)
    for number in range(5):
        unit = cast.make_agency(f"Kecamatan Contoh {number} " + "Panjang " * 8, above=city.agency)
        cast.make_person(event, unit=unit, name="Pegawai", nip=f"19800101200501{number:04}")
    desktop.clock.install()
    desktop.goto(f"{address(event)}#2")
    expect(desktop.get_by_text("Halaman 1 dari 2")).to_be_visible()
    expect(desktop.get_by_role("listitem")).to_have_count(6)
    assert_fits(desktop)

    desktop.clock.fast_forward(10_500)
    expect(desktop.get_by_text("Halaman 2 dari 2")).to_be_visible()
    expect(desktop.get_by_role("listitem")).to_have_count(1)

    desktop.get_by_role("button", name="Jeda").click()
    desktop.clock.fast_forward(20_500)
    expect(desktop.get_by_text("Halaman 2 dari 2")).to_be_visible()


def test_without_a_network_the_last_count_stays_and_says_so_until_the_network_is_back(
    desktop: Page, event: Event, problems: list[str]
) -> None:
    desktop.goto(address(event))
    desktop.keyboard.press("End")
    expect(desktop.locator("[data-total]")).to_have_text("5")

    desktop.context.set_offline(True)
    expect(desktop.get_by_text("Sambungan terputus")).to_be_visible()
    when = desktop.locator("[data-at]").text_content().removeprefix("Dihitung pukul ")
    cast.sign(cast.someone(event, SITI))
    assert_accessible(desktop)
    assert_fits(desktop)
    assert count_of(desktop) == ("0", "5")
    expect(desktop.get_by_text(f"Hitungan pukul {when}")).to_be_visible()
    desktop.keyboard.press("2")
    expect(heading(desktop)).to_have_text(["Butir 2 dari 3"])
    desktop.keyboard.press("End")
    expect(heading(desktop)).to_have_text(["Pindai untuk menandatangani"])

    desktop.context.set_offline(False)
    expect(desktop.locator("[data-signed]")).to_have_text("1")
    expect(desktop.get_by_text("Sambungan terputus")).to_be_hidden()
    problems.clear()  # the browser tells of every request that failed


def test_a_count_never_goes_back_to_an_older_one(desktop: Page, event: Event) -> None:
    """Each process of the server counts on its own."""
    desktop.goto(f"{address(event)}#7")
    expect(desktop.locator("[data-total]")).to_have_text("5")
    answers = 0

    def older(route: Route) -> None:
        nonlocal answers
        answers += 1
        counted = route.fetch().json()
        route.fulfill(json=counted | {"signed": 4, "moment": counted["moment"] - 60})

    desktop.route("**/hitungan", older)
    desktop.wait_for_timeout(2500)

    assert answers >= 1
    assert count_of(desktop) == ("0", "5")


def test_while_the_server_fails_the_wall_asks_ever_less_often(
    desktop: Page, event: Event, problems: list[str]
) -> None:
    asked = 0

    def fail(route: Route) -> None:
        nonlocal asked
        asked += 1
        route.fulfill(status=503)

    desktop.clock.install()
    desktop.route("**/hitungan", fail)
    desktop.goto(f"{address(event)}#7")
    expect(desktop.get_by_text("Sambungan terputus")).to_be_visible()
    for _ in range(120):
        desktop.clock.run_for(1000)
    assert 5 <= asked <= 9  # after 0, 2, 6, 14, 30, 60, 90 and 120 seconds
    desktop.goto("about:blank")
    problems.clear()


def test_the_rehearsals_mark_goes_when_the_event_is_published(desktop: Page, city: City) -> None:
    draft = cast.make_ceremony(city)
    desktop.goto(f"{address(draft)}#7")
    mark = desktop.get_by_text("naskah belum diterbitkan")
    expect(mark).to_be_visible()
    expect(desktop.locator("[data-total]")).to_have_text("5")

    events.publish(draft, by=None)

    expect(mark).to_have_count(0)
    expect(heading(desktop)).to_have_text(["Pindai untuk menandatangani"])


def test_the_wall_moves_nothing_for_who_wants_less_motion(desktop: Page, event: Event) -> None:
    desktop.emulate_media(reduced_motion="reduce")
    desktop.goto(address(event))
    desktop.keyboard.press("ArrowRight")
    shown = desktop.locator(".is-shown")
    assert shown.evaluate("element => getComputedStyle(element).animationName") == "none"
