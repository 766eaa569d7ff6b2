"""/healthz and /readyz, as supervisors, proxies and load balancers ask them."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import health
from pledges.models import Heartbeat
from tests import cast

READY = {
    "database": True,
    "storage": True,
    "sealing": True,
    "timestamps": True,
    "ticks": True,
    "unsealed": 0,
    "disk": True,
}


@pytest.fixture
def at_work(db: None) -> None:
    """As `seal_pending --watch` and `tick` leave it."""
    for name in (health.SEALING, health.TICKS):
        health.Pulse(name).beat()


def ready(client: Client) -> tuple[int, Any]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def silent_for(name: str, **time: float) -> None:
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(**time))


def test_healthz_says_ok_and_touches_no_database(client):
    """Without a fixture for it, pytest lets nobody at the database."""
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")


def test_readyz_has_a_line_for_each_check_and_nothing_more(client, at_work):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, READY)
    assert answer.content.decode().splitlines() == [
        "{", '"database": true,', '"storage": true,', '"sealing": true,',
        '"timestamps": true,', '"ticks": true,', '"unsealed": 0,', '"disk": true', "}",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_neither_is_kept_by_a_cache_nor_led_to_https(client, at_work, settings, path):
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get(path)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/").status_code == 301


def test_readyz_asks_two_queries_however_many_wait(
    client, at_work, open_event, django_assert_num_queries
):
    for nip in (cast.SITI, cast.BUDI):
        cast.sign(cast.someone(open_event, nip))

    with django_assert_num_queries(2):
        assert ready(client) == (200, READY | {"unsealed": 2})


def test_a_database_that_does_not_answer_is_told(client, at_work):
    def away(*_: object) -> None:
        raise OperationalError("server closed the connection")

    with connection.execute_wrapper(away):
        found = ready(client)

    lost: dict[str, Any] = {"database": False, "sealing": False, "ticks": False, "unsealed": None}
    assert found == (503, READY | lost)


@pytest.mark.parametrize("verb", ["_save", "_open", "delete"])
def test_a_storage_that_does_not_take_return_or_delete_is_told(client, at_work, monkeypatch, verb):
    def refuse(*_: object) -> None:
        raise RuntimeError("an error of the storage's own")

    monkeypatch.setattr(FileSystemStorage, verb, refuse)

    assert ready(client) == (503, READY | {"storage": False})


def test_a_storage_that_returns_something_else_is_told(client, at_work, monkeypatch, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"other")
    monkeypatch.setattr(FileSystemStorage, "_open", lambda *_: other.open("rb"))

    assert ready(client) == (503, READY | {"storage": False})


def test_of_the_file_that_the_storage_took_nothing_is_left(client, at_work):
    ready(client)
    before = default_storage.listdir("health")

    ready(client)

    assert default_storage.listdir("health") == before


def test_without_a_sealing_worker_in_the_last_three_minutes_it_is_not_ready(client, at_work):
    silent_for(health.SEALING, minutes=2.9)
    assert ready(client) == (200, READY)

    silent_for(health.SEALING, minutes=3.1)
    assert ready(client) == (503, READY | {"sealing": False})


def test_a_worker_on_one_host_is_enough(client, at_work):
    silent_for(health.SEALING, minutes=4)
    Heartbeat.objects.create(name=health.SEALING, host="another", at=timezone.now())

    assert ready(client) == (200, READY)


def test_late_ticks_are_told_and_stop_nobody_from_signing(client, at_work):
    silent_for(health.TICKS, minutes=4)

    assert ready(client) == (200, READY | {"ticks": False})


def test_an_authority_that_gives_no_timestamps_is_told_and_stops_nobody_from_signing(
    client, at_work
):
    health.Pulse(health.UNSTAMPED).beat()
    assert ready(client) == (200, READY | {"timestamps": False})

    silent_for(health.UNSTAMPED, minutes=4)
    assert ready(client) == (200, READY)


def test_too_little_room_for_files_is_told(client, at_work, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE", 1 << 60)

    assert ready(client) == (503, READY | {"disk": False})


def test_files_that_are_not_here_need_no_room_here(client, at_work, settings, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE", 1 << 60)
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }

    assert ready(client) == (200, READY | {"disk": None})


def test_the_sealing_worker_and_ticks_show_themselves(client, db, sealer):
    assert ready(client)[0] == 503

    call_command("seal_pending")
    call_command("tick")

    assert ready(client) == (200, READY)


def test_a_pulse_is_written_every_fifteen_seconds_however_often_it_beats(
    db, monkeypatch, django_assert_num_queries
):
    passed = iter([0.0, 0.0, 14.9, 15.0, 15.0])
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: next(passed)))
    pulse = health.Pulse(health.SEALING)
    pulse.beat()
    silent_for(health.SEALING, minutes=1)
    with django_assert_num_queries(0):
        pulse.beat()
    pulse.beat()

    assert timezone.now() - Heartbeat.objects.get().at < timedelta(seconds=30)


def test_a_long_round_of_sealing_shows_itself_between_two_documents(
    open_event, sealer, monkeypatch
):
    monkeypatch.setattr(health, "EVERY", 0)
    for nip in (cast.SITI, cast.BUDI, cast.DEWI):
        cast.sign(cast.someone(open_event, nip))

    with CaptureQueriesContext(connection) as asked:
        call_command("seal_pending")

    steps = "".join(
        "♥" if "_heartbeat" in query["sql"] else "D"
        for query in asked
        if query["sql"].startswith(
            (
                'INSERT INTO "pledges_document"',
                'INSERT INTO "pledges_heartbeat"',
                'UPDATE "pledges_heartbeat"',
            )
        )
    )
    assert steps == "♥♥D♥D♥D"


def test_a_host_that_was_not_seen_for_a_day_is_forgotten(at_work):
    Heartbeat.objects.create(
        name=health.SEALING, host="gone", at=timezone.now() - timedelta(days=1, minutes=1)
    )

    health.Pulse(health.SEALING).beat()

    assert not Heartbeat.objects.filter(host="gone").exists()
    assert Heartbeat.objects.count() == 2
