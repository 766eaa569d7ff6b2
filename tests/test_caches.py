"""What all web processes know of each other: in the database, or in Redis where there is one."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client

from tests import cast
from tests.conftest import MANAGE, free_port, process_environment
from tests.views.test_delivery import deliver, entry_of

pytestmark = pytest.mark.django_db(transaction=True)

_COUNT = "from django.core.cache import cache as c; c.add('tries', 0); print(c.incr('tries'))"


def counted(**variables: str) -> int:
    """What a process of its own, on whichever host, counts up to."""
    ended = subprocess.run(
        [*MANAGE, "shell", "--verbosity", "0", "--command", _COUNT],
        env=process_environment() | variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(ended.stdout.split()[-1])


@pytest.fixture
def redis() -> Iterator[str]:
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"]
    with subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL) as server:
        try:
            while not _answers(port):
                assert server.poll() is None
                time.sleep(0.05)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_what_is_counted_on_one_host_goes_on_on_the_next(transactional_db):
    caches["default"].clear()

    assert [counted(), counted()] == [1, 2]
    assert caches["default"].get("tries") == 2


def test_with_redis_it_is_counted_there_and_not_in_the_database(transactional_db, redis):
    caches["default"].clear()

    assert [counted(CACHE_URL=redis), counted(CACHE_URL=redis)] == [1, 2]
    assert caches["default"].get("tries") is None


def test_with_a_redis_that_is_away_people_sign_all_the_same(client: Client, open_event, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}",
        }
    }

    assert deliver(client, entry_of(cast.someone(open_event))).json()["state"] == "signed"


def test_its_table_is_made_by_migrate(transactional_db):
    migration = import_module("pledges.migrations.0010_shared_database")
    with connection.schema_editor() as editor:
        migration.drop(None, editor)
        assert "pakta_cache" not in connection.introspection.table_names()

        migration.create(None, editor)

    assert "pakta_cache" in connection.introspection.table_names()
