"""`make run` as somebody at a keyboard has it, in a checkout of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.ports import free_port, is_free

ROOT: Path = settings.BASE_DIR
PARTS = ("manage.py", "pakta", "pledges", "templates", "static", "deploy")
# This way of running it has SQLite, whatever the other tests run on.
pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="the same as on SQLite")
KEYS = "".join(f"{name}={name * 3}\n" for name in ("SECRET_KEY", "CODES_KEY", "NIK_KEY"))


def environment(**more: str) -> dict[str, str]:
    """Nothing of the tests' own: what a fresh shell has."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | more


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As `make setup` leaves it."""
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / ".env").write_text(KEYS)
    (tmp_path / "var").mkdir()
    for command in ("migrate", "collectstatic --no-input", "create_seal_certificate --development"):
        subprocess.run(
            [".venv/bin/python", "manage.py", *command.split()],
            cwd=tmp_path, env=environment(), check=True, capture_output=True,
        )  # fmt: skip
    return tmp_path


def _hear_the_terminal() -> None:
    """Tests that were started in the background, or by nohup, ignore Ctrl-C and hanging up, and
    would hand that down."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def started(
    checkout: Path, *, closes_terminal: bool = False, **variables: str
) -> Iterator[list[str]]:
    """What is printed until everything runs. Afterwards Ctrl-C ends it all, or closing the
    terminal does."""
    with subprocess.Popen(
        ["deploy/embedded.sh"],
        cwd=checkout, env=environment(**variables), text=True, stdout=subprocess.PIPE,
        start_new_session=True, preexec_fn=_hear_the_terminal,
    ) as process:  # fmt: skip
        assert process.stdout
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("signatures "):
                break
        try:
            yield lines
        finally:
            if closes_terminal:
                process.stdout.close()
            os.killpg(process.pid, signal.SIGHUP if closes_terminal else signal.SIGINT)
        assert closes_terminal or "Pakta dihentikan" in process.stdout.read()
        assert process.wait(timeout=60) == 0


def page(address: str) -> str:
    """The start page; the web server has been started a moment ago."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            subprocess.run(["sleep", "0.3"], check=True)
    raise AssertionError(f"{address} does not answer")


def test_it_serves_with_demo_data_once_prints_address_and_logins_and_ctrl_c_ends_it(checkout):
    port = free_port()
    address = f"http://localhost:{port}"
    with started(checkout, PORT=str(port)) as first:
        assert "Verifikasi" in page(address)
    assert is_free(port)
    with started(checkout, PORT=str(port), closes_terminal=True) as second:
        assert "Verifikasi" in page(address)
    assert is_free(port)

    assert f"Pakta berjalan di {address} (Ctrl-C untuk berhenti)" in first
    assert "Memuat data contoh …" in first
    assert "Memuat data contoh …" not in second
    demo = [line for line in first if re.match(r"(event|login|events|people) ", line)]
    assert [line for line in second if line in demo] == demo
    assert len([line for line in demo if line.startswith("event ")]) == 5
    assert any(re.match(r"login admin@\S+ contoh-bukan-rahasia ", line) for line in demo)


def test_a_port_that_is_taken_is_told_with_another_to_try(checkout):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        refused = subprocess.run(
            ["deploy/embedded.sh"],
            cwd=checkout, env=environment(PORT=str(port)), text=True, capture_output=True,
            check=False,
        )  # fmt: skip

    assert refused.returncode == 1
    assert f"make run PORT={port + 1}" in refused.stderr


# One person who is known by a NIK, as a roster leaves it.
_SOMEBODY = """
import datetime
from django.utils import timezone
from pledges import keys
from pledges.models import Agency, Event, Signatory
agency = Agency.objects.add_root({"name": "Pemerintah Kota Contoh"})
event = Event.objects.create(agency=agency, title="Apel", election="Pilkada",
    date=datetime.date(2024, 7, 29), deadline=timezone.now())
Signatory.objects.create(event=event, unit=agency, number=1, kind="non_asn", name="Contoh",
    nik_cipher=keys.encrypt_nik("3273010505900001"), nik_hash=keys.nik_hash("3273010505900001"))
"""


def test_with_a_wrong_nik_key_it_does_not_start_and_says_what_to_do(checkout):
    manage = [".venv/bin/python", "manage.py"]
    run = {"cwd": checkout, "env": environment(), "text": True, "capture_output": True}
    subprocess.run([*manage, "shell", "-c", _SOMEBODY], check=True, **run)
    (checkout / ".env").write_text(KEYS.replace("NIK_KEY" * 3, "another"))

    port = str(free_port())
    refused = subprocess.run(
        ["deploy/embedded.sh"], **run | {"env": environment(PORT=port)}, check=False
    )

    assert refused.returncode == 1
    assert "NIK_KEY bukan kunci" in refused.stderr
    assert "rotate_nik_key" in refused.stderr
    assert "Pakta tidak dijalankan" in refused.stderr
    assert not (checkout / "var" / "demo.txt").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can step down to somebody else")
def test_without_the_right_to_install_the_exact_command_is_printed_and_it_stops():
    stopped = subprocess.run(
        ["bash", "-s", "libpango-1.0-0", "libharfbuzz-subset0"],
        input=(ROOT / "deploy/apt.sh").read_text(), text=True, capture_output=True, check=False,
        user="nobody", cwd="/", env={"PATH": os.environ["PATH"]},
    )  # fmt: skip

    assert stopped.returncode == 1
    assert (
        "sudo apt-get update && sudo apt-get install --yes libpango-1.0-0 libharfbuzz-subset0"
        in stopped.stderr
    )
