"""A signer's whole first visit, as a real server sends it, weighs at most 40 KB."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import brotli
import pytest
from django.conf import settings

from pledges import events, identity, logos
from pledges.models import Event
from pledges.models.event import MAX_POINTS
from tests import cast, real_events
from tests.conftest import MANAGE, process_environment
from tests.test_logos import emblem

MOST = 40 * 1024
# As many as a pact may have, no two alike: words that repeat would compress too well.
POINTS = list(dict.fromkeys(point for points in real_events.POINTS.values() for point in points))


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    """gunicorn with the settings of production and collected static files."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Beside the tests' own files, which it shares; the static files are its own.
    (tmp_path / "files").symlink_to(settings.DATA_DIR / "files")
    environment = process_environment() | {"DATA_DIR": str(tmp_path), "DEBUG": "no"}
    collect = [*MANAGE, "collectstatic", "--no-input"]
    subprocess.run(collect, env=environment, check=True, capture_output=True)
    gunicorn = [sys.executable, "-m", "gunicorn", "pakta.wsgi", "--no-control-socket"]
    process = subprocess.Popen(
        [*gunicorn, "--bind", f"127.0.0.1:{port}", "--log-level", "warning"],
        env=environment, cwd=settings.BASE_DIR,
    )  # fmt: skip
    try:
        yield connected(port)
    finally:
        process.terminate()
        process.wait(timeout=30)


def connected(port: int) -> http.client.HTTPConnection:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
    return http.client.HTTPConnection("127.0.0.1", port)


class Visit:
    """What a browser that has been nowhere yet asks for, and how heavy the answers are."""

    def __init__(self, server: http.client.HTTPConnection) -> None:
        self.server = server
        self.weights: dict[str, int] = {}

    def get(self, path: str) -> str:
        """Decoded. Counted are the body as it was sent, and the head."""
        self.server.request("GET", path, headers={"Accept-Encoding": "gzip, deflate, br"})
        response = self.server.getresponse()
        body = response.read()
        assert response.status == 200, path
        head = sum(len(name) + len(value) + 4 for name, value in response.getheaders())
        self.weights[path] = len(body) + head
        encoding = response.getheader("Content-Encoding", "")
        if encoding == "br":
            body = brotli.decompress(body)
        elif encoding == "gzip":
            body = gzip.decompress(body)
        return body.decode(errors="replace")

    def whole(self, path: str) -> None:
        page = self.get(path)
        worker = self.get("/sw.js")
        named = re.findall(r'\s(?:src|href)="(/(?:static|lambang)/[^"]+)"', page)
        for address in {*named, *re.findall(r'"(/[^"]+)"', worker)}:
            text = self.get(address)
            if address.endswith(".js"):
                assert set(imported(text, address)) <= set(named) | {*self.weights}, address


def imported(script: str, address: str) -> list[str]:
    """A module that the page does not name itself would be asked for late."""
    return [urljoin(address, path) for path in re.findall(r'from\s*"([^"]+)"', script)]


@pytest.fixture
def event(transactional_db: None) -> Event:
    city = cast.make_city()
    city.agency.logo = logos.store(emblem())
    city.agency.save(update_fields=["logo"])
    assert len(POINTS[:MAX_POINTS]) == MAX_POINTS
    return events.publish(cast.make_draft(city, points=POINTS[:MAX_POINTS]), by=None)


@pytest.mark.django_db(transaction=True)
def test_a_signers_whole_first_visit_weighs_at_most_40_kb(
    event: Event, server: http.client.HTTPConnection
):
    visit = Visit(server)
    visit.whole(f"/s/{identity.link_token(cast.someone(event))}")
    heaviest = sorted(visit.weights.items(), key=lambda item: -item[1])
    kinds = {path.rpartition(".")[2] for path in visit.weights}
    assert {"css", "js", "png", "svg"} <= kinds
    assert sum(visit.weights.values()) <= MOST, heaviest
