"""Somebody will not sign: recorded, for admins' eyes, and taken back by signing."""

from __future__ import annotations

import pytest

from pledges import audit, events, identity, refusals, signing, waves
from pledges.identity import BadTicket, UnknownLink
from pledges.models import AuditEntry, Event, Refusal, Signatory
from pledges.refusals import AlreadySigned, NotNow, NotOffered
from pledges.waves import Definition
from tests import cast
from tests.cast import City
from tests.threads import at_once


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, allows_refusal=True)


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event)


def refuse(person: Signatory, reason: str = "") -> Refusal:
    return refusals.refuse(cast.ticket_of(person), reason=reason)


def test_a_refusal_is_recorded_with_its_reason_and_an_audit_entry(siti: Signatory):
    refusal = refuse(siti, "Keberatan atas butir 3")

    assert (refusal.signatory, refusal.reason) == (siti, "Keberatan atas butir 3")
    assert refusal.taken_back_at is None
    entry = AuditEntry.objects.get(action="refusal.record")
    assert (entry.actor, entry.target) == (f"signatory:{siti.pk}", f"refusal:{refusal.pk}")
    assert entry.details == {}


def test_a_refusal_and_its_audit_row_stand_or_fall_together(
    siti: Signatory, monkeypatch: pytest.MonkeyPatch
):
    def full_disk(**fields: object) -> None:
        raise OSError("no space left on device")

    ticket = cast.ticket_of(siti)
    monkeypatch.setattr(audit, "record", full_disk)
    with pytest.raises(OSError, match="no space left"):
        refusals.refuse(ticket)
    assert not Refusal.objects.exists()


def test_a_reason_is_not_required(siti: Signatory):
    assert refuse(siti).reason == ""


def test_refusing_twice_finds_the_first_refusal(siti: Signatory):
    first = refuse(siti, "Pertama")
    assert refuse(siti, "Kedua") == first
    assert Refusal.objects.get().reason == "Pertama"
    assert AuditEntry.objects.filter(action="refusal.record").count() == 1


def test_refusing_again_after_closing_finds_the_first_refusal(siti: Signatory):
    first, ticket = refuse(siti), cast.ticket_of(siti)
    events.close(siti.event, by=None)
    assert refusals.refuse(ticket) == first


def test_signing_takes_a_refusal_back(siti: Signatory):
    refusal = refuse(siti)
    signature = cast.sign(siti)
    refusal.refresh_from_db()
    assert refusal.taken_back_at == signature.signed_at
    assert refusals.standing(siti) is None


def test_after_a_void_somebody_may_refuse_once_more(siti: Signatory):
    first = refuse(siti)
    signing.void(cast.sign(siti), reason="Salah orang", by=None)
    siti.refresh_from_db()
    assert refuse(siti) != first


# What is refused


def test_where_the_admin_did_not_allow_it_nobody_refuses(open_event: Event):
    with pytest.raises(NotOffered, match="tidak menerima"):
        refuse(cast.someone(open_event))
    assert not Refusal.objects.exists()


def test_events_do_not_take_refusals_unless_told_to(open_event: Event):
    assert not open_event.allows_refusal


def test_who_has_signed_does_not_refuse_any_more(siti: Signatory):
    ticket = cast.ticket_of(siti)
    cast.sign(siti)
    with pytest.raises(AlreadySigned, match="sudah menandatangani"):
        refusals.refuse(ticket)
    assert not Refusal.objects.exists()


def test_a_closed_event_takes_no_refusal(siti: Signatory):
    ticket = cast.ticket_of(siti)
    events.close(siti.event, by=None)
    with pytest.raises(NotNow, match="Pernyataan Anda tidak dicatat"):
        refusals.refuse(ticket)


def test_whose_turn_it_is_not_waits_for_it_before_refusing(city: City):
    draft = cast.make_draft(city, allows_refusal=True)
    waves.define(draft, [Definition("Eselon II", ("II",)), Definition("Semua")], by=None)
    event = events.publish(draft, by=None)
    waves.open_next(event, 1, by=None)
    with pytest.raises(NotNow, match="gelombang 2"):
        refuse(cast.someone(event))
    assert refuse(cast.someone(event, cast.DEWI))


def test_an_outside_witness_owes_nothing_that_could_be_refused(city: City):
    event = cast.make_open_ceremony(city, allows_refusal=True)
    with pytest.raises(NotOffered):
        refuse(cast.outsider_of(event))


def test_a_revoked_ticket_refuses_nothing(siti: Signatory):
    ticket = cast.ticket_of(siti)
    Signatory.objects.filter(pk=siti.pk).update(generation=2)
    with pytest.raises(BadTicket):
        refusals.refuse(ticket)


@pytest.mark.django_db(transaction=True)
def test_many_refusals_of_one_person_at_once_leave_one():
    event = cast.make_open(cast.make_city(), allows_refusal=True)
    ticket = cast.ticket_of(cast.someone(event))

    results = at_once([lambda: refusals.refuse(ticket)] * 8)

    assert {str(result) for result in results} == {Refusal.objects.get().verification_code}


@pytest.mark.django_db(transaction=True)
def test_signing_and_refusing_at_once_leave_somebody_who_signed():
    event = cast.make_open(cast.make_city(), allows_refusal=True)
    siti = cast.someone(event)
    ticket = cast.ticket_of(siti)

    at_once([lambda: cast.sign(siti), lambda: refusals.refuse(ticket)])

    assert signing.signature_of(siti)
    assert refusals.standing(siti) is None


# The receipt


def test_a_refusal_is_found_by_its_receipt_and_by_nothing_else(siti: Signatory):
    refusal = refuse(siti)
    token = refusals.receipt_token(refusal)

    assert refusals.of_receipt(token) == refusal
    for wrong in (token[:-1] + "0", refusal.verification_code, "", "-", token.partition("-")[2]):
        with pytest.raises(UnknownLink):
            refusals.of_receipt(wrong)


def test_a_receipt_of_a_refusal_opens_no_receipt_of_a_signature(siti: Signatory):
    with pytest.raises(UnknownLink):
        identity.signature_of_receipt(refusals.receipt_token(refuse(siti)))
