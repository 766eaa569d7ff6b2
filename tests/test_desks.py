from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from pledges import desks, envelopes, events, identity, marks, signing
from pledges.desks import (
    AlreadySigned,
    DeskLocked,
    DeskOver,
    NotAtDesk,
    WrongPin,
)
from pledges.events import WrongState
from pledges.identity import BadTicket
from pledges.models import AuditEntry, Desk, Event, Kind, Part, Signatory, Signature, Way
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, SITI, City
from tests.envelopes import seal
from tests.threads import at_once

PIN = "481926"


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, ways=[Way.SLIP, Way.DESK])


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event, SITI)


@pytest.fixture
def desk(event: Event, city: City, officer: User) -> Desk:
    officer.first_name = "Contoh Petugas"
    officer.save(update_fields=["first_name"])
    return desks.start(event, city.education, pin=PIN, by=officer)


def sign(ticket: identity.Ticket) -> Signature:
    return signing.sign(ticket, mark=marks.drawn(cast.DRAWING), consents=range(1, 21))


def actions() -> list[str]:
    return list(
        AuditEntry.objects.filter(action__startswith="desk.").values_list("action", flat=True)
    )


# Starting and ending


def test_a_desk_is_opened_for_the_people_of_a_unit_and_all_below_it(desk: Desk):
    names = desks.people(desk).values_list("name", flat=True)

    assert list(names) == ["Siti Aminah, S.Pd.", "Dr. Dewi Lestari, S.Pd., M.Pd.", "Agus"]


def test_who_has_signed_was_withdrawn_or_owes_no_pact_is_not_at_the_desk(
    desk: Desk, event: Event, city: City
):
    cast.sign(cast.someone(event, DEWI))
    event.signatories.filter(nip=AGUS).update(withdrawn_at=event.published_at)
    cast.make_person(
        event, unit=city.school, name="Saksi Contoh", kind=Kind.OUTSIDE, part=Part.WITNESS
    )

    assert [person.name for person in desks.people(desk)] == ["Siti Aminah, S.Pd."]


def test_a_desk_is_opened_only_where_the_event_is_open_and_offers_it(city: City, officer: User):
    without = cast.make_open(city)
    with pytest.raises(WrongState, match="tidak memakai meja petugas"):
        desks.start(without, city.school, pin=PIN, by=officer)

    closed = cast.make_closed(city, ways=[Way.SLIP, Way.DESK])
    with pytest.raises(WrongState, match="selama acaranya dibuka"):
        desks.start(closed, city.school, pin=PIN, by=officer)


def test_the_pin_is_kept_as_a_keyed_hash_of_this_desk_alone(
    desk: Desk, event: Event, officer: User
):
    another = desks.start(event, desk.unit, pin=PIN, by=officer)

    assert PIN not in desk.pin
    assert desk.pin != another.pin


def test_start_attestation_wrong_pin_and_end_are_in_the_audit_log_once(desk: Desk, siti: Signatory):
    with pytest.raises(WrongPin):
        desks.attest(desk, siti.pk, pin="000001")
    desks.attest(desk, siti.pk, pin=PIN)
    desks.end(desk, by=desk.officer)
    desks.end(desk, by=desk.officer)

    assert actions() == ["desk.start", "desk.wrong_pin", "desk.attest", "desk.end"]
    attested = AuditEntry.objects.get(action="desk.attest")
    assert (attested.actor, attested.target) == (f"user:{desk.officer_id}", f"signatory:{siti.pk}")
    assert PIN not in json.dumps(list(AuditEntry.objects.values_list("details", flat=True)))


# Attestation


def test_the_officers_word_is_a_ticket_that_names_officer_unit_and_desk(
    desk: Desk, siti: Signatory
):
    person, ticket = desks.attest(desk, siti.pk, pin=PIN)
    statement = json.loads(sign(ticket).statement)

    assert person == siti
    assert statement["identity"] == {
        "method": "desk", "detail": "Contoh Petugas, Dinas Pendidikan", "desk": desk.pk,
    }  # fmt: skip
    assert Signature.objects.get().desk == desk


def test_the_pin_is_asked_for_each_person_and_a_wrong_one_attests_nobody(
    desk: Desk, siti: Signatory
):
    desks.attest(desk, siti.pk, pin=PIN)
    with pytest.raises(WrongPin, match="Tersisa 4 percobaan"):
        desks.attest(desk, siti.pk, pin="481927")


def test_five_wrong_pins_in_a_row_lock_the_desk_also_for_the_right_one(desk: Desk, siti: Signatory):
    for _ in range(4):
        with pytest.raises(WrongPin):
            desks.unlock(desk, pin="111222")
    for pin in ("111222", PIN):
        with pytest.raises(DeskLocked):
            desks.attest(desk, siti.pk, pin=pin)


@pytest.mark.django_db(transaction=True)
def test_pins_tried_at_the_same_time_are_counted_one_by_one(transactional_db: None, desk: Desk):
    tries = at_once([lambda: desks.unlock(desk, pin="111222")] * 9)

    assert (
        sorted(type(answer).__name__ for answer in tries) == ["DeskLocked"] * 5 + ["WrongPin"] * 4
    )
    desk.refresh_from_db()
    assert desk.pin_failures == desks.MAX_FAILURES


def test_the_right_pin_begins_the_count_anew(desk: Desk):
    for pin in ["111222"] * 4 + [PIN] + ["111222"] * 4:
        try:
            desks.unlock(desk, pin=pin)
        except WrongPin:
            continue
    desk.refresh_from_db()

    assert desk.pin_failures == 4


def test_a_person_of_another_unit_is_not_attested(desk: Desk, event: Event):
    with pytest.raises(NotAtDesk, match="tidak ada dalam daftar"):
        desks.attest(desk, cast.someone(event, BUDI).pk, pin=PIN)


def test_a_person_of_another_event_is_not_attested(desk: Desk, city: City):
    another = cast.make_open(city, ways=[Way.DESK])

    with pytest.raises(NotAtDesk, match="tidak ada dalam daftar"):
        desks.attest(desk, cast.someone(another, SITI).pk, pin=PIN)


def test_somebody_who_has_signed_is_not_attested_again(desk: Desk, siti: Signatory):
    cast.sign(siti)

    with pytest.raises(AlreadySigned, match=r"Siti Aminah, .* sudah menandatangani"):
        desks.attest(desk, siti.pk, pin=PIN)


def test_who_is_not_yet_on_turn_is_told_their_wave(desk: Desk, siti: Signatory):
    siti.wave = 2
    siti.save(update_fields=["wave"])

    with pytest.raises(NotAtDesk, match="gelombang 2, belum dibuka"):
        desks.attest(desk, siti.pk, pin=PIN)


def test_nobody_is_attested_while_the_event_is_closed_or_after_the_desk_ended(
    desk: Desk, siti: Signatory, event: Event
):
    events.close(event, by=None)
    with pytest.raises(NotAtDesk, match="tidak dibuka"):
        desks.attest(desk, siti.pk, pin=PIN)

    desks.end(desk, by=None)
    with pytest.raises(DeskOver):
        desks.attest(Desk.objects.get(), siti.pk, pin=PIN)


def test_the_texts_of_many_people_are_found_without_asking_for_each(
    desk: Desk, event: Event, django_assert_max_num_queries: Any
):
    people = desks.people(desk)
    with django_assert_max_num_queries(6):
        texts = desks.texts(people)

    assert set(texts.values()) == {(event.pacts.get().digest,)}


# Attested without a network


def told(desk: Desk, person: Signatory, /, **changes: object) -> dict[str, Any]:
    return {
        "desk": desks.token(desk),
        "person": person.pk,
        "pin": PIN,
        "digests": [person.event.pacts.get().digest],
        "generation": person.generation,
        "voids": person.voids,
        "nonce": "1-2-3",
    } | changes


def test_what_was_attested_without_a_network_signs_as_if_there_had_been_one(
    desk: Desk, siti: Signatory
):
    signature = sign(desks.ticket_for(seal(told(desk, siti))))

    assert signature.signatory == siti
    assert signature.method == "desk"
    assert signature.desk == desk


def test_an_attestation_that_arrives_twice_signs_once(desk: Desk, siti: Signatory):
    envelope = seal(told(desk, siti))

    assert sign(desks.ticket_for(envelope)) == sign(desks.ticket_for(envelope))
    assert Signature.objects.count() == 1


def test_two_people_with_the_same_random_number_both_sign(desk: Desk, event: Event):
    for nip in (SITI, AGUS):
        sign(desks.ticket_for(seal(told(desk, cast.someone(event, nip)))))

    assert Signature.objects.count() == 2


def test_what_waited_while_its_desk_was_ended_is_still_taken(desk: Desk, siti: Signatory):
    desks.end(desk, by=desk.officer)

    assert sign(desks.ticket_for(seal(told(desk, siti)))).signatory == siti


def test_ending_a_locked_desk_lets_in_what_waited_behind_the_lock(desk: Desk, siti: Signatory):
    Desk.objects.update(pin_failures=desks.MAX_FAILURES)
    with pytest.raises(DeskLocked):
        desks.ticket_for(seal(told(desk, siti)))
    desks.end(desk, by=desk.officer)

    assert sign(desks.ticket_for(seal(told(desk, siti)))).signatory == siti


def test_a_waiting_attestation_needs_the_pin_too(desk: Desk, siti: Signatory):
    with pytest.raises(WrongPin):
        desks.ticket_for(seal(told(desk, siti, pin="481927")))
    desk.refresh_from_db()

    assert desk.pin_failures == 1


def test_a_waiting_attestation_older_than_a_void_signs_nothing(desk: Desk, siti: Signatory):
    envelope = seal(told(desk, siti))
    signing.void(sign(desks.ticket_for(envelope)), reason="Salah orang", by=None)

    with pytest.raises(BadTicket):
        sign(desks.ticket_for(envelope))
    assert not Signature.objects.live().exists()


def test_a_waiting_attestation_for_another_text_signs_nothing(desk: Desk, siti: Signatory):
    with pytest.raises(signing.CannotSign):
        sign(desks.ticket_for(seal(told(desk, siti, digests=["0" * 64]))))


def test_a_waiting_attestation_for_a_person_of_another_unit_is_refused(desk: Desk, event: Event):
    with pytest.raises(NotAtDesk):
        desks.ticket_for(seal(told(desk, cast.someone(event, BUDI))))


@pytest.mark.parametrize(
    "changes",
    [
        {"desk": "1-00000000000000000000000000"},
        {"desk": "9999-0"},
        {"desk": "x"},
        {"person": "1"},
        {"person": None},
        {"voids": 1.0},
        {"digests": None},
    ],
)
def test_a_forged_attestation_is_no_ticket(desk: Desk, siti: Signatory, changes: dict[str, Any]):
    with pytest.raises(BadTicket):
        desks.ticket_for(seal(told(desk, siti, **changes)))


def test_the_token_of_another_desk_does_not_open_this_one(
    desk: Desk, siti: Signatory, event: Event, city: City, officer: User
):
    another = desks.start(event, city.clinic, pin="735102", by=officer)

    with pytest.raises(WrongPin):
        desks.ticket_for(seal(told(desk, siti, desk=desks.token(another))))
    with pytest.raises(NotAtDesk):
        desks.ticket_for(seal(told(desk, siti, desk=desks.token(another), pin="735102")))


def test_what_is_no_envelope_is_no_ticket(desk: Desk):
    for text in ("", "abc", envelopes.encode(b"x" * 200)):
        with pytest.raises(BadTicket):
            desks.ticket_for(text)
