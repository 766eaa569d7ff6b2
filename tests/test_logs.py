from __future__ import annotations

import json
import logging
import smtplib
import subprocess
import sys

import pytest
import requests
from django.conf import settings
from django.db import Error, IntegrityError, transaction
from django.test import Client

from pakta import logs
from tests import cast
from tests.conftest import MANAGE, process_environment

SECRETS = (cast.SITI, cast.RAHMAT_NIK, "siti@contoh.example", "Siti Aminah", "K7Q2X-F9M4R")


def record(message: str, *arguments: object, **fields: object) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"name": "pakta", "levelname": "ERROR", "msg": message, "args": arguments, **fields}
    )


def failed(error: BaseException) -> logging.LogRecord:
    try:
        raise error
    except BaseException:  # noqa: BLE001 (whatever was given)
        return record("it failed", exc_info=sys.exc_info())


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("Not Found: /s/18-AEZ88PJB5WBKPKH6567VQMMWTD", "Not Found: /s/18-…"),
        ("Forbidden: /bukti/7-D4JKTKY6XNK467WNJ/pakta.pdf", "Forbidden: /bukti/7-…/pakta.pdf"),
        ("Not Found: /s/AEZ88PJB5WB", "Not Found: /s/-…"),
        ("Not Found: /layar/3-AEZ88PJB5WB/hitungan", "Not Found: /layar/3-…/hitungan"),
        ("Gone: /lembar/12-1-0A1B2C-AEZ88PJB5WBKP", "Gone: /lembar/12-…"),
        ("Gone: /tidak-bersedia/FG152A78QA-AEZ88PJB5WBKP", "Gone: /tidak-bersedia/FG152A78QA-…"),
        (
            "GET /akun/kata-sandi-baru/7-d1ao2p-71bf8be82b0e67a1bfb5f96d4a9f7f35 HTTP/1.1",
            "GET /akun/kata-sandi-baru/7-… HTTP/1.1",
        ),
        (
            "Not Found: /bukan-saya/FG152A78QATY1EM9-AEZ88PJB5WBKPKH6567VQMMWTD",
            "Not Found: /bukan-saya/FG152A78QATY1EM9-…",
        ),
        ("GET /login/pemkot?code=rahasia&state=abc HTTP/1.1", "GET /login/pemkot?… HTTP/1.1"),
    ],
)
def test_tokens_and_queries_are_cut_from_logs(said: str, logged: str) -> None:
    assert logs.Text().format(record("%s", said)) == logged


@pytest.mark.parametrize("number", [cast.SITI, "19800101 200501 2 001", cast.RAHMAT_NIK])
def test_numbers_as_long_as_a_nip_or_nik_are_cut(number: str) -> None:
    assert logs.Text().format(record("person %s of 3", number)) == "person … of 3"


def test_email_addresses_are_cut() -> None:
    assert logs.Text().format(record("550 siti.a@contoh.example: no")) == "550 …: no"


@pytest.mark.parametrize(
    "kept",
    [
        "Not Found: /v/FG152A78QATY1EM9",
        "2026-11-28 08:15:00,123 took 1234567890 ns",
        "document 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "certificate 1234567890123456ab",
    ],
)
def test_public_codes_times_and_digests_stay(kept: str) -> None:
    assert logs.Text().format(record(kept)) == kept


@pytest.mark.parametrize(
    "error",
    [
        ValueError("invalid literal for int(): 'Siti Aminah'"),
        KeyError("siti@contoh.example"),
        smtplib.SMTPRecipientsRefused({"siti@contoh.example": (550, b"Siti Aminah")}),
        requests.ConnectionError("https://sso.example/token?code=K7Q2X-F9M4R"),
        UnicodeDecodeError("ascii", b"Siti Aminah", 0, 1, "K7Q2X-F9M4R"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("form", [logs.Text, logs.Json])
def test_an_error_is_told_by_its_kind_and_place_and_not_by_what_somebody_typed(form, error) -> None:
    told = form().format(failed(error))

    assert type(error).__name__ in told
    assert "in failed" in told
    assert "raise error" in told
    assert not [secret for secret in SECRETS if secret in told]


def test_what_an_error_was_caused_by_is_told_first_and_as_discreetly() -> None:
    name = "Siti Aminah"
    try:
        try:
            raise KeyError(name)
        except KeyError as error:
            raise RuntimeError(name) from error
    except RuntimeError:
        told = logs.Text().format(record("it failed", exc_info=sys.exc_info()))

    assert told.index("\nKeyError\n") < told.index("raise RuntimeError(name)")
    assert told.endswith("\nRuntimeError")


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(2, "No such file or directory", "/srv/pakta/seal.p12"),
        AttributeError("'NoneType' object has no attribute 'pk'"),
        ConnectionRefusedError(111, "Connection refused"),
    ],
)
def test_what_python_says_itself_helps_and_stays(error) -> None:
    assert str(error) in logs.Text().format(failed(error))


def test_an_error_within_a_message_is_told_as_discreetly() -> None:
    told = logs.Text().format(record("trying again in %.0f s: %s", 2, ValueError("Siti Aminah")))

    assert told == "trying again in 2 s: ValueError"


def test_another_handler_that_wrote_the_error_out_before_betrays_nothing() -> None:
    line = failed(ValueError("Siti Aminah"))
    assert "Siti Aminah" in logging.Formatter().format(line)

    assert "Siti Aminah" not in logs.Text().format(line)
    assert "Siti Aminah" in logging.Formatter().format(line)


def test_with_debug_an_error_keeps_its_words() -> None:
    assert "Siti" in logs.Text(tells_all=True).format(failed(ValueError("Siti")))


def test_a_unique_number_that_is_there_twice_is_logged_by_its_constraint_alone(open_event) -> None:
    """PostgreSQL adds: Key (event_id, nip)=(1, 198001012005012001) already exists."""
    siti = cast.someone(open_event)
    with pytest.raises(Error) as caught, transaction.atomic():
        cast.make_person(open_event, unit=siti.unit, name=siti.name, nip=siti.nip)

    told = logs.Json().format(failed(caught.value))

    assert isinstance(caught.value, IntegrityError)
    assert "nique constraint" in told.lower()
    assert "already exists" not in told
    assert not [secret for secret in SECRETS if secret in told]


def test_a_line_is_one_json_object_with_its_time_in_utc() -> None:
    line = logs.Json().format(record("first\nsecond “%s”", "x", created=0.5))

    assert "\n" not in line
    assert json.loads(line) == {
        "time": "1970-01-01T00:00:00.500+00:00", "level": "ERROR", "logger": "pakta",
        "message": "first\nsecond “x”",
    }  # fmt: skip


def test_of_what_is_given_beside_a_message_only_known_fields_are_told() -> None:
    line = logs.Json().format(record("x", status=200, person="Siti Aminah", cookie="abc"))

    assert json.loads(line).keys() == {"time", "level", "logger", "message", "status"}


def test_a_refused_link_reaches_the_console_by_its_route_alone(
    db: None, client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    console = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    console.stream, usual = sys.stderr, console.stream
    assert client.get("/s/18-AEZ88PJB5WBKPKH6567VQMMWTD").status_code == 404
    console.stream = usual
    assert capfd.readouterr().err == "Not Found: signer:link\n"


def run(*code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*code], env=process_environment() | environment, cwd=settings.BASE_DIR,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


SAYS = "import django, logging; django.setup(); logging.getLogger('x').warning('hello')"


@pytest.mark.parametrize(
    ("environment", "is_json"),
    [
        ({}, False),
        ({"BASE_URL": "https://pakta.kota.go.id"}, True),
        ({"LOG_FORMAT": "json"}, True),
        ({"BASE_URL": "https://pakta.kota.go.id", "LOG_FORMAT": "text"}, False),
    ],
)
def test_production_logs_json_unless_told_otherwise(environment, is_json) -> None:
    said = run(sys.executable, "-c", SAYS, **environment).stderr

    assert said == "hello\n" if not is_json else json.loads(said)["message"] == "hello"


def test_what_ends_a_command_is_told_as_discreetly() -> None:
    code = (
        "import sys; from pakta import logs; sys.excepthook = logs.tell_uncaught;"
        "import django; django.setup(); raise ValueError('Siti ' + 'Aminah')"
    )
    said = run(sys.executable, "-c", code, LOG_FORMAT="json")

    assert said.returncode == 1
    assert json.loads(said.stderr)["error"].endswith("ValueError")
    assert "Siti Aminah" not in said.stderr


def test_manage_py_tells_so_what_ends_it() -> None:
    assert "sys.excepthook = logs.tell_uncaught" in (settings.BASE_DIR / "manage.py").read_text()
    assert run(*MANAGE, "check").returncode == 0
