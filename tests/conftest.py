"""What every test may use: the database, and Pakta's commands as real processes on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from pytest_django import DjangoDbBlocker, Settings

from pledges.models import LegalBasis
from pledges.models.trail import drop_audit_trigger, install_audit_trigger
from tests import mail_server, object_store
from tests.mail_server import MailServer
from tests.object_store import ObjectStore
from tests.ports import free_port as free_port

pytest_plugins = ["tests.cast", "tests.pdfs", "tests.tokens", "tests.authorities"]

# A machine under load is slow; what is tested is what comes out.
hypothesis.settings.register_profile(
    "pakta", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("pakta")

PAGES = settings.BASE_DIR / "tests" / "views"
# Locks, triggers, constraints and counting: there each database is a world of its own.
OF_EACH_DATABASE = {
    "test_audit", "test_command_import_roster", "test_command_seal_pending", "test_demo",
    "test_events", "test_excuses", "test_models", "test_models_rows", "test_niks", "test_progress",
    "test_reminders", "test_retention", "test_roster_enrol", "test_signing", "test_wall",
}  # fmt: skip
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On SQLite runs what touches no database and what asks for pages, on PostgreSQL the domain
    and what drives a browser; some of it on both."""
    for item in items:
        used = {"db", "transactional_db", "django_db_setup"} & set(item.fixturenames)  # type: ignore[attr-defined]
        touches_database = bool(used) or item.get_closest_marker("django_db") is not None
        is_page = item.path.is_relative_to(PAGES)
        on_each = item.path.stem in OF_EACH_DATABASE or item.get_closest_marker("each_database")
        if is_page or not touches_database or on_each:
            item.add_marker(pytest.mark.sqlite)
        if (touches_database and not is_page) or on_each:
            item.add_marker(pytest.mark.postgresql)


def _deletions(
    self: BaseDatabaseOperations, style: object, tables: Iterable[str], **options: object
) -> list[str]:
    """A dozen rows are deleted in a tenth of the time that it takes to truncate fifty tables."""
    return [f"DELETE FROM {self.quote_name(table)}" for table in tables]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The flush after a transactional test leaves the database as the migrations made it.

    It alone may empty the append-only audit log, and it puts the legal bases back.
    """
    operations = type(connection.ops)
    flush = operations.execute_sql_flush
    if connection.vendor == "postgresql":
        operations.sql_flush = _deletions  # type: ignore[method-assign]
    with django_db_blocker.unblock():
        legal_bases = list(LegalBasis.objects.all())

    def flush_to_initial(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
        drop_audit_trigger(self.connection)
        flush(self, sql_list)
        install_audit_trigger(self.connection)
        LegalBasis.objects.bulk_create(legal_bases)

    operations.execute_sql_flush = flush_to_initial  # type: ignore[method-assign]


def _database_url() -> str:
    """The address of the test database, for other processes."""
    database: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    who = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
    return f"postgres://{who}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


def process_environment() -> dict[str, str]:
    """The environment in which another process of Pakta serves the test's own database."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "pakta.settings",
        "DATABASE_URL": _database_url(),
        "BASE_URL": settings.BASE_URL,
    }


Manage = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def manage(transactional_db: None) -> Manage:
    """Run a command of manage.py as operators do: `manage("verify_pdf", path).returncode`."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE, *map(str, arguments)],
            env=process_environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@contextmanager
def _running(*arguments: str) -> Iterator[None]:
    process = subprocess.Popen([*MANAGE, *arguments], env=process_environment())
    try:
        yield
        assert process.poll() is None, f"{arguments[0]} ended on its own"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def worker(manage: Manage) -> Iterator[None]:
    """The background processes of a real installation, at work on the test's database."""
    assert manage("create_seal_certificate", "--development").returncode == 0
    with (
        _running("db_worker", "--no-reload", "--interval", "0.2", "--no-startup-delay"),
        _running("seal_pending", "--watch"),
    ):
        yield


@pytest.fixture(scope="session")
def _mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server.running(tmp_path_factory.mktemp("mail") / "server", free_port()) as server:
        yield server


@pytest.fixture
def smtp_server(
    _mail_server: MailServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> MailServer:
    """Pakta's e-mails go there, from this process and from those it starts."""
    _mail_server.begin_anew()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", _mail_server.port
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{_mail_server.port}")
    return _mail_server


@pytest.fixture(scope="session")
def _object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    log = tmp_path_factory.mktemp("objects") / "server.log"
    with object_store.running(free_port(), log) as store:
        yield store


@pytest.fixture
def objects(
    _object_store: ObjectStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> ObjectStore:
    """Pakta's files are kept there, by this process and by those it starts."""
    _object_store.begin_anew()
    kept = {"BACKEND": "pakta.objects.Objects", "OPTIONS": _object_store.options}
    settings.STORAGES = settings.STORAGES | {"default": kept}
    for name, value in _object_store.environment.items():
        monkeypatch.setenv(name, value)
    return _object_store
