"""`make lint` asks whether a pinned library is known to be vulnerable, of a service on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.conftest import free_port

ROOT: Path = settings.BASE_DIR
# Two are enough; to ask for all takes a while.
PINNED = "xlrd==2.0.2 --hash=sha256:{0}\nsegno==1.6.6 --hash=sha256:{0}\n".format("0" * 64)
REPORTED = {"id": "PYSEC-0000-1", "summary": "Membuka berkas orang lain", "affected": []}

Audit = Callable[[int], subprocess.CompletedProcess[str]]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "audit.sh", tmp_path / "deploy")
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text(PINNED)

    def run(port: int) -> subprocess.CompletedProcess[str]:
        service = {
            "PIP_AUDIT_VULNERABILITY_SERVICE": "osv",
            "PIP_AUDIT_OSV_URL": f"http://127.0.0.1:{port}/",
            "NO_PROXY": "127.0.0.1",
        }
        return subprocess.run(
            [tmp_path / "deploy" / "audit.sh"],
            env=os.environ | service, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def known() -> dict[str, list[dict[str, Any]]]:
    """What the service has to report of a library."""
    return {}


@pytest.fixture
def service(known: dict[str, list[dict[str, Any]]]) -> Iterator[int]:
    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told = {"vulns": known.get(asked["package"]["name"], [])}
            self.send_response(503 if "*" in known else 200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


def test_libraries_of_which_nothing_is_known_pass_without_a_word(audit, service):
    ran = audit(service)

    assert ran.returncode == 0
    assert "Peringatan" not in ran.stderr


def test_a_vulnerability_that_is_reported_is_a_failure_and_named(audit, known, service):
    known["xlrd"] = [REPORTED]

    ran = audit(service)

    assert ran.returncode == 1
    assert "xlrd" in ran.stdout
    assert "PYSEC-0000-1" in ran.stdout


def test_without_a_network_there_is_a_warning_and_no_failure(audit):
    ran = audit(free_port())

    assert ran.returncode == 0
    assert "Peringatan: pustaka tidak diaudit" in ran.stderr


def test_a_service_that_is_out_of_order_is_a_warning_and_no_failure(audit, known, service):
    known["*"] = []

    ran = audit(service)

    assert ran.returncode == 0
    assert "Peringatan: pustaka tidak diaudit" in ran.stderr


def test_a_list_that_cannot_be_read_is_a_failure_whatever_the_network_does(audit, tmp_path):
    (tmp_path / "requirements.txt").write_text("xlrd\n")

    assert audit(free_port()).returncode != 0
