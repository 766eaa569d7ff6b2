"""The rotation as operators run it, in processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from pledges import keys, niks
from pledges.models import Signatory
from tests import cast
from tests.conftest import MANAGE, process_environment
from tests.test_niks import NEW, OLD, people_with_nik


@pytest.fixture
def event(transactional_db):
    return cast.make_draft(cast.make_city())


@pytest.fixture
def new_key(monkeypatch, settings):
    """What the operator has put into the environment; this process follows."""
    monkeypatch.setenv("NIK_KEY", NEW)
    settings.NIK_KEY = NEW


def test_it_takes_the_old_key_from_the_environment_and_counts(event, manage, new_key, monkeypatch):
    monkeypatch.setenv("OLD_NIK_KEY", OLD.secret)

    result = manage("rotate_nik_key")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["people 1", "files 0", "factors 0", "unreadable 0"]
    assert cast.someone(event, cast.RAHMAT_NIK).name == "Rahmat Hidayat"


def test_it_takes_the_old_key_from_a_file(event, manage, new_key, tmp_path):
    file = tmp_path / "old"
    file.write_text(f"{OLD.secret}\n")

    assert manage("rotate_nik_key", "--old-key-file", file).returncode == 0
    niks.require_key()


def test_a_wrong_old_key_is_told_by_the_exit_status(event, manage, new_key, monkeypatch):
    monkeypatch.setenv("OLD_NIK_KEY", "neither")

    result = manage("rotate_nik_key")

    assert result.returncode == 1
    assert "unreadable 1" in result.stdout
    assert "dibiarkan seperti semula" in result.stderr


def test_without_an_old_key_or_with_the_same_one_it_says_what_to_do(event, manage, monkeypatch):
    monkeypatch.delenv("OLD_NIK_KEY", raising=False)
    assert "OLD_NIK_KEY" in manage("rotate_nik_key").stderr
    monkeypatch.setenv("OLD_NIK_KEY", OLD.secret)
    assert "sama dengan NIK_KEY" in manage("rotate_nik_key").stderr


def test_a_rotation_killed_half_way_is_finished_by_running_it_again(
    event, manage, new_key, monkeypatch
):
    monkeypatch.setenv("OLD_NIK_KEY", OLD.secret)
    numbers = people_with_nik(event, 3000)
    process = subprocess.Popen([*MANAGE, "rotate_nik_key"], env=process_environment())
    deadline = time.monotonic() + 60
    while not rotated():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    half = rotated()

    assert 0 < half < 3001
    with pytest.raises(keys.WrongNikKey):
        niks.require_key()
    again = manage("rotate_nik_key")
    assert again.stdout.splitlines()[0] == f"people {3001 - half}"
    assert rotated() == 3001
    hashes = set(Signatory.objects.exclude(nik_hash=None).values_list("nik_hash", flat=True))
    assert {keys.nik_hash(nik) for nik in numbers} < hashes


def rotated() -> int:
    """How many NIK open with the new key."""
    new = keys.NikKey(NEW)
    ciphers = Signatory.objects.exclude(nik_cipher=None).values_list("nik_cipher", flat=True)
    return sum(new.opens(cipher.encode()) for cipher in ciphers)


def test_nothing_starts_with_a_wrong_key(event, manage, monkeypatch):
    monkeypatch.setenv("NIK_KEY", NEW)

    result = manage("check", "--database", "default")

    assert result.returncode == 1
    assert "NIK_KEY bukan kunci" in result.stderr
    assert "Traceback" not in result.stderr
