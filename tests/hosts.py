"""Hosts of one installation, as processes: web servers, workers, and people who sign at them."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from tests import envelopes
from tests.conftest import MANAGE
from tests.load.hall import PLEDGE
from tests.ports import free_port

_GUNICORN = [sys.executable, "-m", "gunicorn", "pakta.wsgi", "--config", "deploy/gunicorn.conf.py"]

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Web:
    port: int

    def wait(self) -> None:
        """Until it answers, which takes its time on a machine with much to do."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                assert self.get("/healthz").body == b"ok"
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the web server does not answer")

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, b"", headers)

    def letter(self, link: str) -> bytes:
        """What a telephone sends once its owner has read the page of a link, ticked and drawn."""
        envelope = envelopes.of_page(self.get(link).body.decode(), PLEDGE)
        return json.dumps({"envelope": envelope, "is_kept": False}).encode()

    def deliver(self, letter: bytes) -> Answer:
        return self._ask("POST", "/kirim", letter, {"Content-Type": "application/json"})

    def sign(self, link: str) -> dict[str, str]:
        answer = self.deliver(self.letter(link))
        assert answer.status == 200, answer
        told: dict[str, str] = answer.json
        return told

    def _ask(self, method: str, path: str, body: bytes, headers: Environment) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with closing(connection):
            connection.request(method, path, body, {"Host": "localhost", **headers})
            with connection.getresponse() as response:
                return Answer(response.status, response.read())


@contextmanager
def web(environment: Environment) -> Iterator[Web]:
    port = free_port()
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "tests.served"}
    with _process([*_GUNICORN, "--bind", f"127.0.0.1:{port}"], environment):
        yield Web(port)


@contextmanager
def worker(environment: Environment) -> Iterator[None]:
    with _process([*MANAGE, "seal_pending", "--watch", "--interval", "0.2"], environment):
        yield


@contextmanager
def _process(command: list[str], environment: Environment) -> Iterator[None]:
    process = subprocess.Popen(command, env=dict(environment), cwd=settings.BASE_DIR)
    try:
        yield
        assert process.poll() is None, f"{command} ended on its own"
    finally:
        process.terminate()
        process.wait(timeout=30)
