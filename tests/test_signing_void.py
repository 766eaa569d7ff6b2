"""A mistake after signing: the signature is voided, with a reason, and made anew."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from pledges import declaration, events, identity, marks, refusals, signing, verification
from pledges.documents.issue import issue
from pledges.documents.seal import Sealer
from pledges.events import WrongState
from pledges.identity import BadTicket
from pledges.models import AuditEntry, Declaration, Event, Signatory, Signature
from pledges.signing import Delivery
from pledges.verdicts import State
from tests import cast
from tests.cast import BUDI, DEWI, SITI, City
from tests.threads import at_once

MARK = marks.drawn(cast.DRAWING)
ALL = [1, 2, 3, 4]
REASON = "Gelar keliru"


def void(signature: Signature, *, by: User | None = None) -> None:
    signing.void(signature, reason=REASON, by=by)
    signature.refresh_from_db()


def test_a_voided_signature_keeps_who_voided_it_when_and_why(siti: Signatory, admin: User):
    signature = cast.sign(siti)
    void(signature, by=admin)

    assert signature.voided_at is not None
    assert (signature.voided_by, signature.void_reason) == (admin, REASON)
    entry = AuditEntry.objects.get(action="signature.void")
    assert (entry.actor, entry.target) == (f"user:{admin.pk}", f"signature:{signature.pk}")
    assert REASON not in json.dumps(entry.details)


def test_a_signature_is_not_voided_without_a_reason(siti: Signatory):
    signature = cast.sign(siti)
    with pytest.raises(IntegrityError), transaction.atomic():
        signing.void(signature, reason="", by=None)
    assert signing.signature_of(siti) == signature


def test_a_signature_is_voided_once(siti: Signatory):
    signature = cast.sign(siti)
    void(signature)
    with pytest.raises(WrongState, match="sudah dibatalkan"):
        void(signature)
    assert Signatory.objects.get(pk=siti.pk).voids == 1


def test_after_a_void_the_person_signs_again_and_both_are_kept(siti: Signatory):
    first = cast.sign(siti)
    void(first)
    siti.refresh_from_db()

    second = cast.sign(siti)

    assert second != first
    assert signing.signature_of(siti) == second
    assert list(siti.signatures.order_by("pk")) == [first, second]


def test_a_page_that_was_open_before_the_void_signs_nothing(siti: Signatory):
    ticket = cast.ticket_of(siti)
    void(signing.sign(ticket, mark=MARK, consents=ALL))

    with pytest.raises(BadTicket):
        signing.sign(ticket, mark=MARK, consents=ALL)
    with pytest.raises(BadTicket):
        identity.signatory_of_ticket(ticket)
    with pytest.raises(BadTicket):
        identity.renewed(ticket)


def test_an_entry_that_waited_on_a_device_since_before_the_void_is_refused(siti: Signatory):
    waiting = cast.ticket_of(siti)
    void(cast.sign(siti))

    with pytest.raises(BadTicket):
        signing.sign(waiting, mark=MARK, consents=ALL, delivery=Delivery(is_sent_later=True))
    assert signing.signature_of(siti) is None


def test_a_ticket_of_before_the_void_refuses_to_sign_nothing_either(city: City):
    siti = cast.someone(cast.make_open(city, allows_refusal=True))
    ticket = cast.ticket_of(siti)
    void(cast.sign(siti))
    with pytest.raises(BadTicket):
        refusals.refuse(ticket)


def test_the_personal_link_of_before_the_void_still_serves(siti: Signatory):
    link = identity.link_token(siti)
    void(cast.sign(siti))
    assert signing.sign(identity.by_link(link)[1], mark=MARK, consents=ALL)


def test_somebody_elses_page_is_not_touched_by_a_void(open_event: Event):
    budi = cast.someone(open_event, BUDI)
    ticket = cast.ticket_of(budi)
    void(cast.sign(cast.someone(open_event, SITI)))
    assert signing.sign(ticket, mark=MARK, consents=ALL)


def test_in_a_closed_event_a_signature_is_voided_and_waits_for_the_event_to_reopen(
    open_event: Event,
):
    siti = cast.someone(open_event)
    signature = cast.sign(siti)
    events.close(open_event, by=None)
    void(signature)
    siti.refresh_from_db()
    with pytest.raises(signing.EventNotOpen):
        cast.sign(siti)
    events.reopen(open_event, by=None)
    assert cast.sign(siti)


def test_the_old_document_stays_and_verifies_as_void_the_new_one_as_genuine(
    siti: Signatory, sealer: Sealer
):
    first = cast.sign(siti)
    document = issue(first, sealer=sealer)
    void(first)
    siti.refresh_from_db()
    second = cast.sign(siti)
    issue(second, sealer=sealer)

    old, new = map(verification.by_code, (first.verification_code, second.verification_code))
    assert old
    assert old.state is State.VOID
    assert new
    assert new.state is State.GENUINE
    first.refresh_from_db()
    assert first.document == document


def test_a_signature_voided_before_it_was_sealed_verifies_as_void(siti: Signatory):
    signature = cast.sign(siti)
    void(signature)
    verdict = verification.by_code(signature.verification_code)
    assert verdict
    assert verdict.state is State.VOID


# On the joint declaration


def test_voiding_a_signature_on_a_completed_declaration_voids_the_declaration(city: City):
    event = cast.make_open_ceremony(city)
    for person in (DEWI, SITI, BUDI):
        cast.sign(cast.someone(event, person))
    witness = cast.sign(cast.outsider_of(event))
    completed = Declaration.objects.get()

    void(witness)

    completed.refresh_from_db()
    assert completed.voided_at is not None
    assert completed.void_reason == REASON
    assert declaration.current(event) is None


def test_voiding_an_own_pact_leaves_the_declaration_as_it_is(city: City):
    event = cast.make_open_ceremony(city)
    for person in (DEWI, SITI, BUDI):
        cast.sign(cast.someone(event, person))
    cast.sign(cast.outsider_of(event))

    void(signing.signatures_of(cast.someone(event, SITI))[0])

    assert declaration.current(event) == Declaration.objects.get()


def test_when_the_witness_signs_again_a_new_declaration_is_completed(city: City):
    event = cast.make_open_ceremony(city)
    for person in (DEWI, SITI, BUDI):
        cast.sign(cast.someone(event, person))
    void(cast.sign(cast.outsider_of(event)))

    cast.sign(cast.outsider_of(event))

    assert [d.voided_at is None for d in Declaration.objects.all()] == [False, True]


# At once


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_void_at_once_void_once():
    siti = cast.someone(cast.make_open(cast.make_city()))
    signature = cast.sign(siti)

    results = at_once([lambda: signing.void(signature, reason=REASON, by=None)] * 6)

    assert [type(result) for result in results].count(type(None)) == 1
    assert [isinstance(result, WrongState) for result in results].count(True) == 5
    assert Signatory.objects.get(pk=siti.pk).voids == 1


@pytest.mark.django_db(transaction=True)
def test_signing_again_while_it_is_voided_leaves_at_most_one_live_signature():
    siti = cast.someone(cast.make_open(cast.make_city()))
    signature, ticket = cast.sign(siti), cast.ticket_of(siti)

    def sign() -> Signature:
        return signing.sign(ticket, mark=MARK, consents=ALL)

    def undo() -> None:
        signing.void(signature, reason=REASON, by=None)

    at_once([sign, undo, sign, sign])

    assert not Signature.objects.live().exists()
