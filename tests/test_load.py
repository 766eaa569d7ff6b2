"""`make load`, run for a moment, so that it does what it says when it is needed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection

from pledges.models import Signature
from tests import cast
from tests.cast import BUDI, SITI
from tests.conftest import process_environment
from tests.load import __main__ as load
from tests.load import hall
from tests.load.crowd import Crowd


@pytest.mark.django_db(transaction=True)
def test_a_crowd_signs_on_the_real_server_and_every_signature_is_there_once():
    # SQLite, as it is shipped, has one web process.
    processes = "1" if connection.vendor == "sqlite" else "2"
    pace = {"LOAD_SECONDS": "3", "LOAD_RATE": "4", "WEB_CONCURRENCY": processes}

    done = subprocess.run(
        [sys.executable, "-m", "tests.load"],
        cwd=settings.BASE_DIR, env=process_environment() | pace,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    figures = dict(line.split() for line in done.stdout.splitlines())
    assert list(figures) == [
        "signatures", "seconds", "refused_for_rate", "failed", "p50_ms", "p99_ms", "lost",
        "doubled",
    ]  # fmt: skip
    assert [figures[name] for name in ("signatures", "refused_for_rate", "lost", "doubled")] == [
        "12", "0", "0", "0",
    ]  # fmt: skip
    assert Signature.objects.live().count() == 12


def test_a_signature_that_was_acknowledged_and_is_not_there_is_lost(open_event):
    siti, budi = cast.someone(open_event, SITI), cast.someone(open_event, BUDI)
    told = (siti.pk, cast.sign(siti).verification_code)

    assert hall.lost_and_doubled(open_event, [told, told]) == (0, 0)
    assert hall.lost_and_doubled(open_event, [told, (budi.pk, "0000000000000000")]) == (1, 0)
    assert hall.lost_and_doubled(open_event, [told, (siti.pk, "0000000000000000")]) == (1, 0)


def test_two_live_signatures_of_one_person_are_doubled(city):
    event = cast.make_open_ceremony(city)
    cast.sign(cast.someone(event, SITI))  # the pact, and the ikrar that this crowd has not

    assert hall.lost_and_doubled(event, []) == (0, 1)


async def _crowd_before_a_server_that_answers(status: str) -> Crowd:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\n\r\n".encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        crowd = Crowd(server.sockets[0].getsockname()[1], 100.0, hall.PLEDGE)
        await crowd.come({"1": "/s/1-A", "2": "/s/2-B"})
    return crowd


def test_signers_who_are_refused_for_their_rate_are_counted():
    crowd = asyncio.run(_crowd_before_a_server_that_answers("429 Too Many Requests"))

    assert crowd.answers == Counter({"page 429": 2})
    figures = load.figures(crowd.report(0.1))
    assert (figures["refused_for_rate"], figures["failed"], figures["signatures"]) == (2, 2, 0)


def test_a_visit_that_comes_to_nothing_is_counted_as_failed():
    crowd = asyncio.run(_crowd_before_a_server_that_answers("500 Internal Server Error"))

    figures = load.figures(crowd.report(0.1))
    assert (figures["refused_for_rate"], figures["failed"]) == (0, 2)
