"""Web processes as gunicorn runs them: they count together, and log with one voice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import free_port, process_environment
from tests.test_production import WEB, answers
from tests.views.test_metrics import TOKEN, sample

TOKENS = "AEZ88PJB5WBKPKH6567VQMMWTD"
NAME = "django_http_responses_total_by_status_view_method_total"


@dataclass(frozen=True, slots=True)
class Web:
    port: int
    master: int
    errors: Path
    folder: Path

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as page:
                return int(page.status)
        except urllib.error.HTTPError as error:
            return error.code

    def send(self, raw: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall(raw)
            return b"".join(iter(lambda: line.recv(65536), b""))

    def metrics(self) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.read().decode())

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text()
        return [int(pid) for pid in children.split()]


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[Web]:
    port, errors = free_port(), tmp_path / "errors"
    environment = process_environment() | {
        "METRICS_TOKEN": TOKEN, "LOG_FORMAT": "json", "WEB_CONCURRENCY": "2",
        "TMPDIR": str(tmp_path),
        # Static files from where they are written.
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }  # fmt: skip
    with errors.open("w") as file:
        process = subprocess.Popen(
            [*WEB, "--bind", f"127.0.0.1:{port}"],
            env=environment, cwd=settings.BASE_DIR, stderr=file,
        )  # fmt: skip
    try:
        assert answers(f"http://127.0.0.1:{port}/healthz") == "ok"
        yield Web(port, process.pid, errors, tmp_path)
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert not list(tmp_path.glob("pakta-metrics-*"))


def until_both_answered(web: Web) -> float:
    """Requests until each of the two processes has had some; returns how many there were."""
    for count in range(1, 1000):
        assert web.get("/verifikasi") == 200
        kept = [path.read_bytes() for path in web.folder.rglob("counter_*.db")]
        if sum(b"public:verify" in content for content in kept) == 2:
            return count
    raise AssertionError("one process answers everything")


def verified(web: Web) -> float:
    return sample(web.metrics(), NAME, view="public:verify", status="200") or 0


def test_each_process_tells_of_all_and_of_those_that_are_gone(web: Web):
    count = until_both_answered(web)
    assert {verified(web) for _ in range(10)} == {count}
    assert sample(web.metrics(), "pakta_database_answers") == 1

    before = web.workers()
    os.kill(before[0], signal.SIGKILL)
    for _ in range(200):
        if len(now := web.workers()) == 2 and now != before:
            break
        time.sleep(0.05)
    assert verified(web) == count


def test_every_line_of_a_web_process_is_json_and_none_holds_a_token(web: Web):
    assert web.get(f"/s/18-{TOKENS}") == 404
    assert web.get("/verifikasi?kode=&nama=Siti") == 200
    broken = web.send(f"GET /s/18-{TOKENS} HTTP/9.9\r\n\r\n".encode())
    assert broken.startswith(b"HTTP/1.1 4")

    lines = [json.loads(line) for line in web.errors.read_text().splitlines()]
    told = {line["message"] for line in lines}
    assert {"GET signer:link 404", "Not Found: signer:link", "GET public:verify 200"} <= told
    assert any(line["logger"] == "gunicorn.error" for line in lines)
    assert TOKENS not in web.errors.read_text()
    assert "Siti" not in web.errors.read_text()


def test_a_body_without_a_length_is_not_read(web: Web):
    """A phone's browser always tells it; who does not could go on for ever."""
    head = "POST /verifikasi HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    kind = "Content-Type: multipart/form-data; boundary=x\r\nConnection: close\r\n\r\n"
    part = "Content-Disposition: form-data; name=file; filename=a.pdf"
    body = f"--x\r\n{part}\r\n\r\n%PDF\r\n--x--\r\n"

    answer = web.send(f"{head}{kind}{len(body):x}\r\n{body}\r\n0\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 400")
