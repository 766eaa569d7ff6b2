"""`make faults` finds what it is there to find, and finds nothing where a few kills are endured."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse

from pledges import identity, signing
from pledges.documents import issue
from pledges.documents.seal import Sealer
from pledges.models import AuditEntry, Document, Event, Signature
from pledges.models.trail import drop_audit_trigger
from tests import cast
from tests.cast import BUDI, SITI
from tests.load import recovery

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


@pytest.mark.long
def test_six_kills_lose_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.faults"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"KILLS": "6", "FAULTS_OUTAGES": "no", "SEED": "1"},
        capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    figures = dict(line.split() for line in done.stdout.splitlines())
    assert (figures["seed"], figures["kills"]) == ("1", "6")
    assert int(figures["acknowledged"]) > 10
    assert {name: int(figures[name]) for name in NOTHING} == NOTHING
