"""A real Chromium against a real server: a phone in the hand, and a desk in the office."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


_PROGRAMS = ["chromium", "chromium-browser", "google-chrome"]


# The package's and not the session's: while Playwright is up, an event loop counts as
# running in this thread, and code that starts one of its own (pyHanko) fails in here.
# A browser test therefore seals and verifies through `worker` and `manage`.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, _database_beside_event_loop():
        browser = playwright.chromium.launch(**_program())
        yield browser
        browser.close()


def _program() -> dict[str, Any]:
    """Without a program on the path, Playwright's own; it says so if that is missing too."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    return {"executable_path": program, "args": ["--disable-gpu"]}


@contextmanager
def _database_beside_event_loop() -> Iterator[None]:
    """Playwright's loop is at rest whenever a test runs, so the test may query as usual.

    Django keeps the connections opened beside a loop apart from the thread's own.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    yield
    connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, settings: Settings) -> str:
    """The address of the running server, which links and QR codes carry too.

    It asks for the database first, so that pages are closed before that is emptied.
    """
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def problems() -> list[str]:
    """What a page complained about. It must be empty in the end: a test that provokes an

    error removes what it expected, with `problems.clear()` right after the look at it.
    """
    return []


@contextmanager
def _page(browser: Browser, problems: list[str], site: str, **device: Any) -> Iterator[Page]:
    context = browser.new_context(
        base_url=site, locale="id-ID", timezone_id="Asia/Jakarta", **device
    )
    page = context.new_page()
    _watch(page, problems)
    yield page
    context.close()
    assert problems == []


def _watch(page: Page, problems: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            problems.append(f"console: {message.text} ({message.location['url']})")

    def on_request_failed(request: Request) -> None:
        # A download and a page left early abort their request; neither is a fault.
        if request.failure != "net::ERR_ABORTED":
            problems.append(f"request: {request.url}: {request.failure}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("requestfailed", on_request_failed)


@pytest.fixture
def phone(chromium: Browser, problems: list[str], site: str) -> Iterator[Page]:
    """A signer's phone, 360 × 740, with touch."""
    with _page(chromium, problems, site, **PHONE) as page:
        yield page


Phones = Callable[[], AbstractContextManager[Page]]


@pytest.fixture
def another_phone(chromium: Browser, problems: list[str], site: str) -> Phones:
    """`with another_phone() as phone:` for each person who has one of their own."""
    return lambda: _page(chromium, problems, site, **PHONE)


class Pocket:
    """A phone whose browser is closed and opened again, and keeps what a browser keeps."""

    def __init__(self, chromium: Browser, site: str, profile: Path) -> None:
        self.chromium, self.site, self.profile = chromium, site, profile
        self.context: BrowserContext | None = None

    def open(self, *, offline: bool = False) -> Page:
        self.context = self.chromium.browser_type.launch_persistent_context(
            self.profile, base_url=self.site, locale="id-ID", offline=offline, **PHONE, **_program()
        )
        return self.context.pages[0]

    def close(self) -> None:
        if self.context:
            self.context.close()
            self.context = None


@pytest.fixture
def pocket(chromium: Browser, site: str, tmp_path: Path) -> Iterator[Pocket]:
    """Its console is not watched: a page without a network complains, rightly."""
    pocket = Pocket(chromium, site, tmp_path / "profile")
    yield pocket
    pocket.close()


@pytest.fixture
def desktop(chromium: Browser, problems: list[str], site: str) -> Iterator[Page]:
    """An office screen, 1366 × 768."""
    with _page(chromium, problems, site, **DESKTOP) as page:
        yield page
