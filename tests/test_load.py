"""`make load`, run for a moment, so that it does what it says when it is needed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings

from pledges.models import Signature
from tests import cast
from tests.cast import BUDI, SITI
from tests.load import __main__ as load
from tests.load import cluster, hall
from tests.load.crowd import Crowd

A_MOMENT = {
    "LOAD_SECONDS": "3",
    "LOAD_RATE": "4",
    "LOAD_SIGNATURES": "30",
    "LOAD_SIZES": "100,200",
    # Too few for the bars.
    "LOAD_BARS": "no",
    "WEB_CONCURRENCY": "1",
}


def run(server: cluster.Cluster) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.load"],
        cwd=settings.BASE_DIR, env=os.environ | A_MOMENT | {"DATABASE_URL": server.create("pakta")},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def test_a_crowd_signs_on_the_real_server_and_every_figure_is_told():
    with cluster.running("fsync=on") as server:
        done = run(server)

    assert done.returncode == 0, done.stderr
    figures = dict(line.split() for line in done.stdout.splitlines())
    assert list(figures) == [
        "fsync", "synchronous_commit",
        "signatures", "seconds", "refused_for_rate", "failed", "p50_ms", "p99_ms", "lost",
        "doubled",
        "sign_signatures", "sign_missing", "sign_rps", "sign_p99_ms", "insert_view_rps",
        "sign_ratio", "client_cpu",
        "growth_sign_100_ms", "growth_sign_200_ms", "growth_sign",
        "growth_progress_100_ms", "growth_progress_200_ms", "growth_progress",
        "growth_import_100_s", "growth_import_200_s", "growth_import", "growth_missing",
    ]  # fmt: skip
    assert (figures["fsync"], figures["synchronous_commit"]) == ("on", "on")
    assert [figures[name] for name in ("signatures", "refused_for_rate", "lost", "doubled")] == [
        "12", "0", "0", "0",
    ]  # fmt: skip
    assert [figures[f"{name}"] for name in ("sign_signatures", "sign_missing")] == ["30", "0"]
    few, many = (float(figures[f"growth_sign_{people}_ms"]) for people in (100, 200))
    assert float(figures["growth_sign"]) == pytest.approx(many / few, abs=0.01)


# As `make load` measures it where all is well, and just so.
IN_ORDER = {
    "refused_for_rate": 0, "failed": 0, "lost": 0, "doubled": 0, "sign_missing": 0,
    "growth_missing": 0, "sign_ratio": 0.3, "growth_sign": 1.3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        ({}, ""),
        ({"sign_ratio": 0.299}, "sign_ratio is 0.299 and must be at least 0.3\n"),
        ({"growth_sign": 1.31}, "growth_sign is 1.31 and must be at most 1.3\n"),
        ({"failed": 2}, "failed is 2 and must be 0\n"),
    ],
)
def test_it_fails_below_the_bars_of_signing_and_names_figure_value_and_bar(
    measured, told, monkeypatch, capsys
):
    monkeypatch.setattr(load, "measure", lambda: IN_ORDER | measured)

    assert load.main() == bool(told)
    assert capsys.readouterr().err == told


def test_who_wants_figures_of_a_busy_machine_leaves_the_bars_out_and_nothing_else(monkeypatch):
    monkeypatch.setenv("LOAD_BARS", "no")

    assert load.complaints(IN_ORDER | {"sign_ratio": 0.1, "growth_sign": 2.0, "lost": 1}) == [
        "lost is 1 and must be 0"
    ]


@pytest.mark.parametrize("forgets", ["fsync", "synchronous_commit"])
def test_figures_of_a_database_that_may_forget_are_none(forgets: str):
    with cluster.running(f"{forgets}=off") as server:
        done = run(server)

    assert done.returncode == 1
    assert f"'{forgets}': 'off'" in done.stderr
    assert done.stdout == ""


def test_of_distinct_people_only_signatures_that_are_there_with_their_audit_entry_count(
    open_event,
):
    siti, budi = cast.someone(open_event, SITI), cast.someone(open_event, BUDI)
    cast.sign(siti)
    Signature.objects.create(
        signatory=budi, pact=open_event.pacts.get(), nonce="x", mark="typed:x", mark_digest="",
        method="personal_link", statement="{}", signed_at=open_event.created_at,
    )  # fmt: skip

    assert hall.signed([siti.pk]) == 1
    assert hall.signed([siti.pk, siti.pk]) == 1
    assert hall.signed([siti.pk, budi.pk]) == 1
    assert hall.signed([cast.someone(open_event, cast.DEWI).pk]) == 0


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
