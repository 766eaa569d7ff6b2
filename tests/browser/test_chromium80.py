"""The whole way in a browser of February 2020; run by `make old-browser`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from pledges import identity
from pledges.models import Signature
from tests import cast

DRIVER = Path(__file__).with_name("chromium80.py")
# An environment that has PyQtWebEngine 5.15.0, which carries Chromium 80.
PYTHON = os.environ.get("CHROMIUM_80_PYTHON", "")

WITHOUT_SCREEN = {
    "QT_QPA_PLATFORM": "offscreen",
    "QT_QUICK_BACKEND": "software",
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
}

pytestmark = pytest.mark.old_browser

# The scripts have run: what only they show is there.
READY = "!document.querySelector('[data-progress]').hidden"
TICK = """
[...document.querySelectorAll("[name=consents]")].every((tick) => {
    if (!tick.checked) tick.click();
    return tick.checked;
})
"""
DRAW = """
(() => {
    const canvas = document.querySelector("canvas");
    canvas.setPointerCapture = () => {};
    const box = canvas.getBoundingClientRect();
    const send = (name, x, y) => canvas.dispatchEvent(new PointerEvent(name, {
        pointerId: 1, button: 0,
        clientX: box.left + x * box.width, clientY: box.top + y * box.height,
    }));
    send("pointerdown", 0.1, 0.5);
    [[0.3, 0.2], [0.5, 0.8], [0.9, 0.4]].forEach(([x, y]) => send("pointermove", x, y));
    send("pointerup", 0.9, 0.4);
    return document.querySelector("[name=path]").value;
})()
"""
CUT_NETWORK = "window.whole = window.fetch; window.fetch = () => Promise.reject(new Error()); true"
MEND_NETWORK = "window.fetch = window.whole; true"
SIGN = "document.querySelector('[data-submit]').click(); true"
KEPT = "document.querySelector('[data-kept-number]').textContent === '1 tanda tangan menunggu.'"
SEND_NOW = "document.querySelector('[data-kept-send]').click(); true"
OPEN_RECEIPT = """
(() => {
    const link = document.querySelector(".kept a.button[href]");
    if (link) link.click();
    return Boolean(link);
})()
"""
RECEIPT = "document.title === 'Bukti tanda tangan'"
# The last step of each: that it is this browser and no other.
VERSION = "navigator.userAgent.includes('Chrome/80.') && navigator.userAgent"


def drive(address: str, *steps: str) -> None:
    run = subprocess.run(
        [PYTHON, DRIVER, address],
        input=json.dumps([*steps, VERSION]),
        env=os.environ | WITHOUT_SCREEN,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture
def address(site: str) -> str:
    siti = cast.someone(cast.make_open(cast.make_city()))
    return f"{site}/s/{identity.link_token(siti)}"


def test_chrome_80_reads_ticks_draws_and_shows_the_receipt(address: str):
    drive(address, READY, TICK, DRAW, SIGN, RECEIPT)
    assert Signature.objects.get().mark.startswith("drawn:M100 200")


def test_chrome_80_keeps_a_signature_and_delivers_it_later(address: str):
    drive(
        address, READY, TICK, DRAW, CUT_NETWORK, SIGN, KEPT, MEND_NETWORK, SEND_NOW, OPEN_RECEIPT,
        RECEIPT,
    )  # fmt: skip
    assert Signature.objects.get().is_sent_later


def test_chrome_80_sets_the_service_worker_up(address: str):
    """Its page is in the cache, and the worker is there for the next visit."""
    asked = """
    navigator.serviceWorker.getRegistration().then((found) => {
        window.worker = found && found.active && found.active.state;
    });
    caches.match("/luring").then((found) => {
        window.shell = Boolean(found);
    });
    window.shell && window.worker === "activated" && window.worker
    """
    drive(address, READY, asked)
