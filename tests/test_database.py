"""PostgreSQL as it is in production: limits on time, and PgBouncer before it."""

from __future__ import annotations

import configparser
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from pledges import identity
from pledges.events import _LOCK_CLASS
from pledges.models import AuditEntry, Document, Event, Signature
from tests import cast, hosts
from tests.conftest import MANAGE, free_port, process_environment
from tests.pages import text_of
from tests.views.test_delivery import deliver, entry_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server"),
]

_TELL = """
from django.db import connection as c
c.cursor().execute("SELECT 1")
print(c.settings_dict["CONN_MAX_AGE"], c.settings_dict["DISABLE_SERVER_SIDE_CURSORS"])
for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
    with c.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        print(name, cursor.fetchone()[0])
"""


def told(**variables: str) -> list[str]:
    """What a process of Pakta has on its connection."""
    ended = subprocess.run(
        [*MANAGE, "shell", "--command", _TELL], env=process_environment() | variables,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [line for line in ended.stdout.splitlines() if line and "imported" not in line]


def test_a_web_process_has_20_seconds_for_a_query_and_the_rest_no_limit(transactional_db):
    idle = "idle_in_transaction_session_timeout"

    assert told(SERVES_WEB="yes") == ["60 False", "statement_timeout 20s", f"{idle} 1min"]
    assert told() == ["60 False", "statement_timeout 0", f"{idle} 10min"]


def test_limit_and_age_of_connections_are_settings(transactional_db):
    set_so = told(SERVES_WEB="yes", WEB_STATEMENT_TIMEOUT="1.5", CONN_MAX_AGE="300")

    assert set_so[:2] == ["300 False", "statement_timeout 1500ms"]


def test_behind_a_pooler_nothing_is_asked_of_a_session(transactional_db):
    """Neither kept connections, nor cursors of the server's, nor limits at the start."""
    assert told(SERVES_WEB="yes", DATABASE_POOLED="yes")[:2] == ["0 True", "statement_timeout 0"]


@contextmanager
def held(event: Event) -> Iterator[None]:
    """As a closing holds it, that takes long."""
    with psycopg2.connect(process_environment()["DATABASE_URL"]) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, event.pk])
        yield
    other.close()


@pytest.fixture
def event(transactional_db: None) -> Event:
    return cast.make_open(cast.make_city())


@pytest.fixture
def impatient(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '200ms'")
        yield
        cursor.execute("RESET statement_timeout")


def test_who_signs_while_it_takes_too_long_is_told_to_try_again_and_signs_once(
    client: Client, event, impatient
):
    entry = entry_of(cast.someone(event))

    with held(event):
        late = deliver(client, entry)
    assert (late.status_code, late["Retry-After"]) == (503, "5")
    assert "Tidak ada yang hilang" in text_of(late)
    assert not Signature.objects.exists()
    assert not AuditEntry.objects.filter(action="signature.sign").exists()

    assert deliver(client, entry).json()["state"] == "signed"
    assert deliver(client, entry).json()["state"] == "signed"
    assert Signature.objects.count() == 1


@pytest.fixture
def pooled(event: Event) -> Iterator[dict[str, str]]:
    """The environment of a process that reaches the database through PgBouncer only."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "deploy/setup.sh tests installs it"
    whole, port = urlsplit(process_environment()["DATABASE_URL"]), free_port()
    with tempfile.TemporaryDirectory() as folder:
        written = _write_configuration(Path(folder), whole, port)
        # It refuses to be root.
        user = "nobody" if os.getuid() == 0 else None
        with subprocess.Popen([program, "--quiet", written], user=user) as bouncer:
            try:
                _wait_for(port)
                there = whole._replace(netloc=f"{whole.username}:{whole.password}@127.0.0.1:{port}")
                yield process_environment() | {
                    "DATABASE_URL": urlunsplit(there), "DATABASE_POOLED": "yes",
                }  # fmt: skip
            finally:
                bouncer.terminate()


def _write_configuration(folder: Path, whole: SplitResult, port: int) -> Path:
    """The recipe, with this test's addresses."""
    folder.chmod(0o755)
    users = folder / "userlist.txt"
    users.write_text(f'"{whole.username}" "{whole.password}"\n')
    recipe = configparser.ConfigParser()
    recipe.read(settings.BASE_DIR / "deploy" / "pgbouncer.ini")
    name = whole.path.removeprefix("/")
    recipe["databases"] = {name: f"host={whole.hostname} port={whole.port} dbname={name}"}
    # Fewer connections than people, so that transactions do change places.
    recipe["pgbouncer"].update(
        {"listen_port": str(port), "auth_file": str(users), "default_pool_size": "2"}
    )
    written = folder / "pgbouncer.ini"
    with written.open("w") as file:
        recipe.write(file)
    return written


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("PgBouncer does not answer")


def test_through_pgbouncer_in_transaction_mode_people_sign_and_documents_are_sealed(
    pooled, event, sealer
):
    links = [f"/s/{identity.link_token(person)}" for person in event.signatories.all()]

    with hosts.web(pooled) as web:
        web.wait()
        with ThreadPoolExecutor(len(links)) as people:
            told = list(people.map(web.sign, links))
    sealing = subprocess.run([*MANAGE, "seal_pending"], env=pooled, check=True)

    assert sealing.returncode == 0
    assert len({each["code"] for each in told}) == Document.objects.count() == len(links)


def test_through_pgbouncer_the_limit_is_the_roles_own(pooled):
    user, name = connection.settings_dict["USER"], connection.settings_dict["NAME"]
    limit = f"ALTER ROLE {user} IN DATABASE {name} SET statement_timeout"
    with connection.cursor() as cursor:
        cursor.execute(f"{limit} = '20s'")
        try:
            assert told(**pooled)[1] == "statement_timeout 20s"
        finally:
            cursor.execute(f"{limit} TO DEFAULT")
