from __future__ import annotations

from functools import partial

import pytest

from pledges import disputes, identity
from pledges.disputes import UnknownDisputeLink
from pledges.models import AuditEntry, Dispute, Signature
from tests import cast
from tests.threads import at_once


def test_the_link_leads_to_its_signature(siti, settings):
    settings.BASE_URL = "https://pakta.contoh.example"
    signature = cast.sign(siti)
    link = disputes.link(signature)

    address, _, token = link.rpartition("/")
    assert address == "https://pakta.contoh.example/bukan-saya"
    assert disputes.signature_of(token) == signature


def test_the_link_holds_130_secret_bits_of_the_codes_key(siti, settings):
    signature = cast.sign(siti)
    token = disputes.token(signature)
    code, _, proof = token.partition("-")

    assert code == signature.verification_code
    assert len(proof) * 5 == 130
    settings.CODES_KEY = "another"
    assert disputes.token(signature) != token


def test_no_other_token_opens_it(siti):
    mine = cast.sign(siti)
    theirs = cast.sign(cast.someone(siti.event, cast.BUDI))
    proof = disputes.token(mine).partition("-")[2]
    for token in (
        "", "-", "x", "\x00", "é-é", mine.verification_code, f"{mine.verification_code}-",
        f"{theirs.verification_code}-{proof}", f"{mine.verification_code}-{proof[:-1]}",
        identity.receipt_token(mine), identity.link_token(siti),
    ):  # fmt: skip
        with pytest.raises(UnknownDisputeLink):
            disputes.signature_of(token)


def test_its_token_opens_neither_receipt_nor_text(siti):
    token = disputes.token(cast.sign(siti))
    with pytest.raises(identity.UnknownLink):
        identity.signature_of_receipt(token)
    with pytest.raises(identity.UnknownLink):
        identity.by_link(token)


def test_a_report_is_recorded_once_and_in_the_audit_log_without_its_words(siti):
    signature = cast.sign(siti)

    first = disputes.report(signature, message="Saya cuti.")
    again = disputes.report(signature, message="Lain lagi.")

    assert first == again == Dispute.objects.get()
    assert Dispute.objects.get().message == "Saya cuti."
    [entry] = AuditEntry.objects.filter(action="dispute.report")
    assert entry.actor == f"signatory:{siti.pk}"
    assert entry.target == f"dispute:{first.pk}"
    assert entry.details == {}


def test_a_report_leaves_the_signature_as_it_is(siti):
    signature = cast.sign(siti)

    disputes.report(signature)

    assert Signature.objects.live().get() == signature


@pytest.mark.django_db(transaction=True)
def test_reports_at_once_are_one(transactional_db: None):
    signature = cast.sign(cast.someone(cast.make_open(cast.make_city())))

    answers = at_once([partial(disputes.report, signature)] * 6)

    assert answers == [Dispute.objects.get()] * 6
    assert AuditEntry.objects.filter(action="dispute.report").count() == 1
