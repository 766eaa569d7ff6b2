"""`make faults` finds what it is there to find, and finds nothing where a few kills are endured."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from pakta.storage import StorageAway
from pledges import identity, signing
from pledges.documents import issue
from pledges.documents.seal import Sealer
from pledges.models import AuditEntry, Document, Event, Signature
from pledges.models.signatory import SignatureQuerySet
from pledges.models.trail import drop_audit_trigger
from tests import cast, envelopes
from tests.cast import BUDI, SITI
from tests.load import faults, forwarder, recovery
from tests.load.crowd import exchange
from tests.load.hall import PLEDGE
from tests.load.services import Service
from tests.load.signers import Signers
from tests.ports import is_free
from tests.test_command_seal_pending import wait_for
from tests.test_objects import keep_at

NOTHING = {"lost": 0, "doubled": 0, "unsealed_after_recovery": 0}


def receipt(signature: Signature) -> str:
    return reverse("signer:receipt", args=[identity.receipt_token(signature)])


def forget_rule(statement: str) -> None:
    """Until the test is over the database lets happen what it never does."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


@pytest.fixture
def signatures(open_event: Event, sealer: Sealer) -> list[Signature]:
    """Siti's and Budi's, sealed."""
    signed = [cast.sign(cast.someone(open_event, nip)) for nip in (SITI, BUDI)]
    issue.Worker(sealer).round()
    return signed


@pytest.fixture
def told(signatures: list[Signature]) -> list[tuple[int, str]]:
    """Both were told; Siti twice."""
    siti, budi = ((each.signatory_id, receipt(each)) for each in signatures)
    return [siti, siti, budi]


def found(event: Event, told: list[tuple[int, str]]) -> dict[str, int]:
    checked = recovery.check(event, told)
    return {name: checked[name] for name in NOTHING}


def test_what_was_acknowledged_and_is_there_once_and_sealed_is_in_order(open_event, told):
    assert recovery.check(open_event, told) == {"people": 2, "signatures": 2, **NOTHING}


def test_a_signature_that_is_gone_is_lost(open_event, told, signatures):
    Document.objects.filter(signature=signatures[0]).delete()
    Signature.objects.filter(pk=signatures[0].pk).delete()

    assert found(open_event, told) == NOTHING | {"lost": 1}


def test_a_voided_signature_is_lost_to_its_signer(open_event, told, signatures):
    signing.void(signatures[0], reason="Salah orang", by=None)

    assert found(open_event, told) == NOTHING | {"lost": 1}


def test_a_signature_without_its_audit_entry_is_lost(open_event, told, signatures):
    drop_audit_trigger(connection)
    AuditEntry.objects.filter(target=f"signature:{signatures[0].pk}").delete()

    assert found(open_event, told) == NOTHING | {"lost": 1}


def test_a_receipt_of_another_persons_signature_is_lost(open_event, signatures):
    siti, budi = signatures

    assert found(open_event, [(siti.signatory_id, receipt(budi))]) == NOTHING | {"lost": 1}


def test_who_was_told_of_two_signatures_has_one_too_many(open_event, told, signatures):
    siti, budi = signatures

    assert found(open_event, [*told, (siti.signatory_id, receipt(budi))]) == NOTHING | {
        "lost": 1, "doubled": 1,
    }  # fmt: skip


def test_a_second_live_signature_of_one_person_is_doubled(open_event, told, signatures):
    forget_rule("DROP INDEX signature_one_live_per_pact")
    siti = Signature.objects.get(pk=signatures[0].pk)
    siti.pk, siti.nonce, siti.verification_code = None, "another", "0" * 16
    siti.save()

    assert found(open_event, told) == NOTHING | {"doubled": 1, "unsealed_after_recovery": 1}


def test_a_pact_and_a_declaration_of_one_person_are_not_doubled(city):
    event = cast.make_open_ceremony(city)
    own = cast.sign(cast.someone(event, SITI))

    assert recovery.compare(event, [(own.signatory_id, receipt(own))]) == {
        "people": 1, "signatures": 2, "lost": 0, "doubled": 0,
    }  # fmt: skip


def test_a_second_document_of_one_signature_is_doubled(open_event, told, signatures):
    forget_rule("ALTER TABLE pledges_document DROP CONSTRAINT pledges_document_signature_id_key")
    document = Document.objects.get(signature=signatures[0])
    document.pk, document.sha256 = None, "0" * 64
    document.save()

    assert found(open_event, told) == NOTHING | {"doubled": 1, "unsealed_after_recovery": 1}


def test_a_signature_without_a_document_is_unsealed(open_event, told, signatures):
    Document.objects.filter(signature=signatures[0]).delete()

    assert found(open_event, told) == NOTHING | {"unsealed_after_recovery": 1}


def test_a_document_whose_file_is_gone_is_unsealed(open_event, told, signatures):
    default_storage.delete(Document.objects.get(signature=signatures[0]).file)

    assert found(open_event, told) == NOTHING | {"unsealed_after_recovery": 1}


def test_a_document_whose_file_is_another_is_unsealed(open_event, told, signatures):
    siti, budi = (Document.objects.get(signature=each) for each in signatures)
    with default_storage.open(siti.file) as file:
        whole = file.read()
    with open(default_storage.path(siti.file), "wb") as file:  # noqa: PTH123
        file.write(whole[:-1])
    Document.objects.filter(pk=budi.pk).update(sha256="0" * 64)

    assert found(open_event, told) == NOTHING | {"unsealed_after_recovery": 2}


def test_while_nobody_listens_where_the_object_store_was_people_sign_and_are_sealed_afterwards(
    open_event, objects, sealer, settings
):
    worker = issue.Worker(sealer)
    with forwarder.to(objects.port) as way:
        keep_at(way.address, objects, settings)
        before = signed_by_link(open_event, SITI)
        worker.round()
        with way.gone():
            assert is_free(way.port)
            meanwhile = signed_by_link(open_event, BUDI)
            with pytest.raises(StorageAway):
                worker.round()
            assert recovery.compare(open_event, [before, meanwhile])["lost"] == 0
        worker.round()

        told = [before, meanwhile]
        assert recovery.check(open_event, told) == {"people": 2, "signatures": 2, **NOTHING}


def signed_by_link(event: Event, nip: str) -> tuple[int, str]:
    """Who, and the receipt's address."""
    person, phone = cast.someone(event, nip), Client()
    page = phone.get(f"/s/{identity.link_token(person)}").content.decode()
    letter = {"envelope": envelopes.of_page(page, PLEDGE), "is_kept": False}
    answer = phone.post("/kirim", letter, content_type="application/json")
    return person.pk, answer.json()["receipt"]


# ------------------------------------------------------------------ the run as a whole


# As of a run in which all is well.
FIGURES = NOTHING | {
    "refused": 0, "acknowledged": 9, "kills_web": 1, "kills_worker": 1, "kills_postgresql": 1,
    "disk_acknowledged_while_full": 1, "objects_acknowledged_while_store_is_gone": 1,
}  # fmt: skip


def test_a_run_in_which_people_signed_all_the_time_and_all_were_killed_is_in_order():
    assert faults.complaints(FIGURES) == []


@pytest.mark.parametrize("name", ["lost", "doubled", "unsealed_after_recovery", "refused"])
def test_a_run_that_finds_something_fails_and_names_it(name):
    assert faults.complaints(FIGURES | {name: 1}) == [f"{name} is 1 and must be 0"]


@pytest.mark.parametrize("name", [name for name, figure in FIGURES.items() if figure])
def test_a_run_fails_that_shows_nothing(name):
    assert faults.complaints(FIGURES | {name: 0}) == [f"{name} is 0 and shows nothing"]


class _Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(403)

    def log_message(self, *arguments: object) -> None:
        pass


def test_whoever_is_refused_goes_away_and_is_counted():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        hall = {"pledge": PLEDGE, "links": {"1": "/s/1-A", "2": "/s/2-B"}}
        signers = Signers(server.server_port, hall, rate=100.0, seed=1)
        wait_for(lambda: signers.refused.total() == 2)
        signers.end()
        server.shutdown()

    assert signers.refused == {"page 403": 2}
    assert signers.acknowledged == []


def test_a_service_that_is_ended_before_it_was_started_again_stays_ended(tmp_path):
    started = tmp_path / "started"
    service = Service("tasks", ["sh", "-c", f"echo >> {started}"], tmp_path / "log")
    wait_for(lambda: started.exists() and not Path(f"/proc/{service.members()[0]}").exists())

    service.end()

    assert started.read_text() == "\n"


@pytest.mark.parametrize(
    "broken",
    [
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\n\r\nab",
    ],
    ids=["in its head", "before its page", "in its page"],
)
def test_what_a_killed_server_leaves_of_an_answer_is_no_answer(broken):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(broken.encode())
        writer.close()

    async def ask() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            await exchange(server.sockets[0].getsockname()[1], "GET", "/")

    with pytest.raises(ConnectionResetError):
        asyncio.run(ask())


@pytest.mark.parametrize("seed", range(5))
def test_each_three_kills_hit_web_a_worker_and_postgresql_in_any_order(seed):
    kinds = list(islice(faults.kinds(random.Random(seed)), 30))

    rounds = [kinds[at : at + 3] for at in range(0, 30, 3)]
    assert [sorted(each) for each in rounds] == [["postgresql", "web", "worker"]] * 10
    assert len(set(map(tuple, rounds))) > 1


def test_a_disk_that_was_filled_is_empty_again_whatever_happens_meanwhile(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))  # the size of this disk
    try:
        with pytest.raises(InterruptedError):
            interrupted_while_full(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert list(tmp_path.iterdir()) == []


def interrupted_while_full(files: Path) -> None:
    with faults.full(files):
        assert (files / "filler").stat().st_size == 1 << 20
        raise InterruptedError


def run(**options: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.faults"],
        cwd=settings.BASE_DIR, env=os.environ | {"SEED": "1"} | options,
        capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(line.split() for line in done.stdout.splitlines())


def test_a_database_that_still_recovers_is_waited_for(transactional_db, monkeypatch):
    """It was the last that was killed."""
    pending, tries = issue.pending, [OperationalError("the database system is in recovery mode")]

    def asked() -> SignatureQuerySet:
        if tries:
            raise tries.pop()
        return pending()

    monkeypatch.setattr(issue, "pending", asked)

    recovery.wait(patience=30)

    assert tries == []


@pytest.mark.long
def test_six_kills_lose_nothing():
    figures = run(KILLS="6", FAULTS_OUTAGES="no")

    assert (figures["seed"], figures["kills"]) == ("1", "6")
    assert [figures[f"kills_{kind}"] for kind in faults.KINDS] == ["2", "2", "2"]
    assert int(figures["acknowledged"]) > 10
    assert {name: int(figures[name]) for name in NOTHING} == NOTHING


@pytest.mark.long
def test_outages_lose_nothing_and_people_sign_during_each():
    figures = run(KILLS="3")

    during = [name for name in figures if "_acknowledged_while_" in name]
    assert during == [
        "disk_acknowledged_while_full", "objects_acknowledged_while_store_hangs",
        "objects_acknowledged_while_store_is_gone", "objects_acknowledged_while_authority_hangs",
    ]  # fmt: skip
    assert all(int(figures[name]) for name in during)
    assert {name: int(figures[name]) for name in NOTHING} == NOTHING
    assert figures["refused"] == "0"
