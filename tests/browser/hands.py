"""The hands and eyes of whoever sits before a browser in these tests."""

from __future__ import annotations

import json
from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page

from tests import cast

Stroke = list[tuple[float, float]]

# A curve and a line through it, in parts of the field's width and height.
STROKES: list[Stroke] = [
    [(0.1, 0.5), (0.2, 0.2), (0.25, 0.8), (0.35, 0.3), (0.45, 0.7)],
    [(0.4, 0.6), (0.9, 0.5)],
]


def log_in(page: Page, email: str, password: str = cast.PASSWORD) -> None:
    """At the page that asks for it; what was asked for before follows."""
    page.get_by_label("Alamat surel").fill(email)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("main").get_by_role("button", name="Masuk", exact=True).click()


def session_of(user: User, site: str) -> dict[str, str]:
    """A cookie of somebody who has logged in."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": site}


def tick_all(page: Page) -> None:
    for tick in page.get_by_role("checkbox").all():
        tick.check()


def draw_with_mouse(page: Page) -> None:
    places = on_canvas(page)
    for stroke in places:
        page.mouse.move(*stroke[0])
        page.mouse.down()
        for place in stroke[1:]:
            page.mouse.move(*place, steps=8)
        page.mouse.up()


def draw_with_finger(page: Page, strokes: Sequence[Stroke] = STROKES) -> None:
    """Real touch events: only the browser's own protocol can move a finger."""
    protocol = page.context.new_cdp_session(page)

    def touch(kind: str, *place: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in place]
        protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for stroke in on_canvas(page, strokes):
        touch("touchStart", stroke[0])
        for place in stroke[1:]:
            touch("touchMove", place)
        touch("touchEnd")


def draw_with_pen(page: Page) -> None:
    protocol = page.context.new_cdp_session(page)

    def pen(kind: str, place: tuple[float, float]) -> None:
        protocol.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": place[0], "y": place[1], "button": "left", "buttons": 1,
             "clickCount": 1, "pointerType": "pen"},
        )  # fmt: skip

    for stroke in on_canvas(page):
        pen("mousePressed", stroke[0])
        for place in stroke[1:]:
            pen("mouseMoved", place)
        pen("mouseReleased", stroke[-1])


def on_canvas(page: Page, strokes: Sequence[Stroke] = STROKES) -> list[Stroke]:
    """The strokes as places on the screen."""
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    return [
        [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in stroke]
        for stroke in strokes
    ]


def assert_no_sideways_scroll(page: Page) -> None:
    """A phone zooms out until all fits, so its `innerWidth` tells nothing."""
    page.wait_for_load_state()
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0


def assert_accessible(page: Page) -> None:
    """By the rules that a machine can check, and without sideways scroll (WCAG 1.4.10)."""
    assert_no_sideways_scroll(page)
    found = Axe().run(page).response["violations"]
    assert found == [], f"{page.url}: {json.dumps(found, indent=1)[:3000]}"
