"""In production neither web nor sealing starts with what is for trying."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from pledges.demo import logins
from tests import cast
from tests.conftest import MANAGE, free_port, process_environment

CHECK = [*MANAGE, "check", "--deploy", "--tag", "production", "--database", "default"]
SEAL = [*MANAGE, "seal_pending", "--watch"]
CONFIG = settings.BASE_DIR / "deploy" / "gunicorn.conf.py"
WEB = [sys.executable, "-m", "gunicorn", "pakta.wsgi", "--config", str(CONFIG)]
both = pytest.mark.parametrize("start", [WEB, SEAL], ids=["web", "sealing"])


@pytest.fixture
def production(transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """A city's own: keys, seal and address."""
    call_command("create_seal_certificate", agency="Pemerintah Kota", out=tmp_path / "own.p12")
    keys = {name: secrets.token_hex(16) for name in ("SECRET_KEY", "CODES_KEY", "NIK_KEY")}
    return {
        **process_environment(), **keys,
        "BASE_URL": "https://pakta.kota.go.id", "SEAL_PKCS12": str(tmp_path / "own.p12"),
    }  # fmt: skip


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment | {"GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{free_port()}"},
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def refusal(command: list[str], environment: dict[str, str]) -> str:
    ended = run(command, environment)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


@both
def test_it_does_not_start_with_short_keys(start, production):
    told = refusal(start, production | {"CODES_KEY": "codes-key-of-the-tests"})

    assert "pledges.E002" in told
    assert "CODES_KEY harus berbeda satu sama lain dan sedikitnya 32 karakter" in told


def test_it_does_not_start_with_one_key_for_two_things(production):
    told = refusal(SEAL, production | {"CODES_KEY": production["SECRET_KEY"]})

    assert "SECRET_KEY, CODES_KEY harus berbeda" in told


@both
def test_it_does_not_start_with_demo_users(start, production):
    cast.make_user(logins.SUPERUSER, is_superuser=True)

    assert "pledges.E003" in refusal(start, production)


@both
def test_it_does_not_start_with_debugging_at_an_address_of_its_own(start, production):
    assert "pledges.E005" in refusal(start, production | {"DEBUG": "yes"})


def test_a_demo_user_who_was_deactivated_stops_nothing(production):
    user = cast.make_user("admin@kota-bandung.contoh.example")
    assert run(CHECK, production).returncode == 1
    user.is_active = False
    user.save()

    assert run(CHECK, production).returncode == 0


@both
def test_it_does_not_start_with_the_development_certificate_and_names_the_way_on(
    start, production, tmp_path
):
    call_command("create_seal_certificate", development=True, out=tmp_path / "development.p12")

    told = refusal(start, production | {"SEAL_PKCS12": str(tmp_path / "development.p12")})

    assert "pledges.E004" in told
    assert "create_seal_certificate --agency" in told


@pytest.mark.parametrize("sender", ["Pakta <pakta.kota.go.id>", "Pakta <pakta@localhost>"])
def test_a_sender_whom_no_mail_server_takes_is_told_of_and_stops_nothing(sender, production):
    checked = run(CHECK, production | {"DEFAULT_FROM_EMAIL": sender})

    assert checked.returncode == 0
    assert f"(pledges.W001) “{sender}” bukan pengirim surel" in checked.stderr


def test_a_sender_with_an_address_is_one(production):
    checked = run(CHECK, production | {"DEFAULT_FROM_EMAIL": "Pakta <pakta@kota.go.id>"})

    assert "pledges.W001" not in checked.stderr


def test_web_starts_without_any_sealing_key(production):
    port = free_port()
    environment = production | {"SEAL_PKCS12": "/nowhere/seal.p12"}
    with subprocess.Popen(
        [*WEB, "--bind", f"127.0.0.1:{port}"], env=environment, cwd=settings.BASE_DIR
    ) as web:
        try:
            assert answers(f"http://127.0.0.1:{port}/healthz") == "ok"
        finally:
            web.terminate()


def answers(address: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError(f"{address} does not answer")


def test_with_keys_seal_and_users_of_its_own_it_starts(production):
    cast.make_user("admin@kota.go.id")

    assert run([*MANAGE, "seal_pending"], production).returncode == 0
    assert run(CHECK, production).returncode == 0


@pytest.mark.parametrize(
    "trying", [{"BASE_URL": "http://10.0.0.7:8000"}, {"BASE_URL": "https://localhost"}]
)
def test_for_trying_all_of_it_is_welcome(production, trying):
    cast.make_user(logins.SUPERUSER, is_superuser=True)

    assert run(CHECK, production | {"NIK_KEY": "short"} | trying).returncode == 0
