from __future__ import annotations

import datetime
import json
from dataclasses import asdict, replace
from functools import partial
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from pledges import events, identity, keys
from pledges.identity import (
    BadTicket,
    CodeEntryLocked,
    Ticket,
    UnknownEvent,
    UnknownLink,
    WayNotOffered,
    Withdrawn,
    WrongCode,
)
from pledges.models import Audience, CodeAttempt, Event, Kind, Part, Signatory, Way
from pledges.signing import void
from tests import cast
from tests.cast import City
from tests.threads import at_once

WRONG = "AAAAA-AAAAA"


def withdraw(person: Signatory) -> None:
    person.withdrawn_at = timezone.now()
    person.save(update_fields=["withdrawn_at"])


def revoke(person: Signatory) -> None:
    Signatory.objects.filter(pk=person.pk).update(generation=F("generation") + 1)


def fail(event: Event, times: int, *, identifier: str = cast.SITI) -> None:
    for _ in range(times):
        with pytest.raises(WrongCode):
            identity.by_code(event, identifier=identifier, code=WRONG)


def at(later: datetime.timedelta) -> mock._patch[mock.Mock]:
    """The clock, so much later."""
    moment = timezone.now() + later
    return mock.patch.object(timezone, "now", return_value=moment)


# Personal links


def test_a_personal_link_gives_its_person_a_ticket_for_the_published_text(siti: Signatory):
    person, ticket = identity.by_link(identity.link_token(siti))
    assert person == siti
    assert ticket.signatory == siti.pk
    assert ticket.method == "personal_link"
    assert ticket.digests == (siti.event.pacts.get().digest,)
    assert len(ticket.nonce) == 26


def test_a_personal_link_is_built_from_base_url(siti: Signatory, settings: Settings):
    settings.BASE_URL = "https://pakta.contoh.example"
    link = identity.personal_link(siti)
    assert link == f"https://pakta.contoh.example/s/{identity.link_token(siti)}"


def test_a_link_holds_130_secret_bits(siti: Signatory):
    number, _, proof = identity.link_token(siti).partition("-")
    assert number == str(siti.pk)
    assert len(proof) * 5 == 130


def test_links_and_codes_survive_another_secret_key(siti: Signatory, settings: Settings):
    token, code = identity.link_token(siti), identity.personal_code(siti)
    settings.SECRET_KEY = "another"
    assert identity.by_link(token)[0] == siti
    assert identity.by_code(siti.event, identifier=cast.SITI, code=code)[0] == siti


def test_links_and_codes_depend_on_the_codes_key(siti: Signatory, settings: Settings):
    token, code = identity.link_token(siti), identity.personal_code(siti)
    settings.CODES_KEY = "another"
    assert identity.link_token(siti) != token
    assert identity.personal_code(siti) != code


def test_nothing_secret_is_stored(siti: Signatory):
    proof = identity.link_token(siti).partition("-")[2]
    code = identity.personal_code(siti)
    stored = json.dumps(list(Signatory.objects.values()), default=str)
    assert proof not in stored
    assert code not in stored
    assert code.replace("-", "") not in stored


@pytest.mark.parametrize(
    "token", ["", "-", "1", "1-", "x-y", "1-AAAA", "²-AAAA", "9" * 30 + "-A", "1-\x00", "1-é"]
)
def test_an_unknown_link_is_refused(siti: Signatory, token: str):
    with pytest.raises(UnknownLink):
        identity.by_link(token)


def test_a_link_with_another_persons_number_is_refused(siti: Signatory):
    budi = cast.someone(siti.event, cast.BUDI)
    proof = identity.link_token(siti).partition("-")[2]
    with pytest.raises(UnknownLink):
        identity.by_link(f"{budi.pk}-{proof}")


def test_raising_the_generation_revokes_link_code_and_ticket(siti: Signatory):
    token, code = identity.link_token(siti), identity.personal_code(siti)
    ticket = cast.ticket_of(siti)
    revoke(siti)
    with pytest.raises(UnknownLink):
        identity.by_link(token)
    with pytest.raises(WrongCode):
        identity.by_code(siti.event, identifier=cast.SITI, code=code)
    with pytest.raises(BadTicket):
        identity.signatory_of_ticket(ticket)


def test_a_withdrawn_person_is_told_so_by_link_and_by_code(siti: Signatory):
    token, code = identity.link_token(siti), identity.personal_code(siti)
    withdraw(siti)
    with pytest.raises(Withdrawn):
        identity.by_link(token)
    with pytest.raises(Withdrawn):
        identity.by_code(siti.event, identifier=cast.SITI, code=code)


def test_nobody_else_learns_that_a_person_was_withdrawn(siti: Signatory):
    withdraw(siti)
    with pytest.raises(UnknownLink):
        identity.by_link(f"{siti.pk}-AAAA")
    with pytest.raises(WrongCode):
        identity.by_code(siti.event, identifier=cast.SITI, code=WRONG)


def test_a_link_into_a_draft_gives_a_ticket_that_names_no_text(draft_event: Event):
    _, ticket = identity.by_link(identity.link_token(cast.someone(draft_event)))
    assert ticket.digests == ()


def test_a_link_into_a_draft_without_texts_gives_such_a_ticket_too(draft_event: Event):
    draft_event.pacts.all().delete()
    _, ticket = identity.by_link(identity.link_token(cast.someone(draft_event)))
    assert ticket.digests == ()


# The event's address


def test_an_event_is_found_however_its_code_is_typed(open_event: Event):
    Event.objects.filter(pk=open_event.pk).update(code="A1B20C")
    for typed in ("A1B20C", "a1b20c", " a1b-20c ", "AIB2OC"):
        assert identity.event_at(typed) == open_event


@pytest.mark.parametrize("code", ["", "ZZZZZZ", "%", "A\x00B", "x" * 1000])
def test_an_unknown_event_code_is_refused(open_event: Event, code: str):
    with pytest.raises(UnknownEvent):
        identity.event_at(code)


# NIP and personal code


def test_nip_and_code_give_a_ticket(siti: Signatory):
    code = identity.personal_code(siti)
    person, ticket = identity.by_code(siti.event, identifier=cast.SITI, code=code)
    assert person == siti
    assert ticket.method == "personal_code"
    assert ticket.digests == (siti.event.pacts.get().digest,)


def test_nik_and_code_give_a_non_asn_person_a_ticket(rahmat: Signatory):
    code = identity.personal_code(rahmat)
    person, _ = identity.by_code(rahmat.event, identifier=cast.RAHMAT_NIK, code=code)
    assert person == rahmat


def test_a_code_has_ten_characters_in_two_groups(siti: Signatory):
    one, two = identity.personal_code(siti).split("-")
    assert (len(one), len(two)) == (5, 5)
    assert set(one + two) <= set(keys.ALPHABET)


def test_case_spaces_and_look_alikes_do_not_matter_in_a_code(siti: Signatory):
    code = identity.personal_code(siti).lower().replace("-", "  ")
    for typed in (code, code.replace("0", "o").replace("1", "l")):
        assert identity.by_code(siti.event, identifier=cast.SITI, code=typed)[0] == siti


def test_spaces_in_a_nip_do_not_matter(siti: Signatory):
    code = identity.personal_code(siti)
    assert identity.by_code(siti.event, identifier="19800101 200501 2 001", code=code)[0] == siti


def test_a_code_of_another_event_is_wrong(siti: Signatory, city: City):
    elsewhere = cast.make_open(city)
    with pytest.raises(WrongCode):
        identity.by_code(elsewhere, identifier=cast.SITI, code=identity.personal_code(siti))


def test_unknown_nip_and_wrong_code_answer_alike(siti: Signatory):
    answers = []
    for identifier in (cast.SITI, "199912312020121999"):
        for _ in range(identity.MAX_FAILURES + 1):
            with pytest.raises(identity.NotIdentified) as refused:
                identity.by_code(siti.event, identifier=identifier, code=WRONG)
            answers.append((type(refused.value), str(refused.value)))
    assert answers[:11] == answers[11:]
    assert [kind for kind, _ in answers[:11]] == [WrongCode] * 10 + [CodeEntryLocked]


def test_of_a_known_number_no_more_is_read_than_of_an_unknown_one_until_the_code_is_right(
    siti: Signatory,
):
    with pytest.raises(WrongCode), CaptureQueriesContext(connection) as asked:
        identity.by_code(siti.event, identifier=cast.SITI, code=WRONG)
    assert not [query for query in asked if "JOIN" in query["sql"]]


def test_ten_tries_lock_that_nips_code_entry_for_15_minutes(siti: Signatory):
    code = identity.personal_code(siti)
    fail(siti.event, 10)
    with pytest.raises(CodeEntryLocked) as refused:
        identity.by_code(siti.event, identifier=cast.SITI, code=code)
    assert "Coba lagi 15 menit lagi" in str(refused.value)
    with at(datetime.timedelta(minutes=14, seconds=59)), pytest.raises(CodeEntryLocked) as refused:
        identity.by_code(siti.event, identifier=cast.SITI, code=code)
    assert "Coba lagi 1 menit lagi" in str(refused.value)
    with at(datetime.timedelta(minutes=15, seconds=1)):
        assert identity.by_code(siti.event, identifier=cast.SITI, code=code)[0] == siti


def test_the_lock_stops_typed_codes_only_never_the_link(siti: Signatory):
    fail(siti.event, 10)
    assert identity.by_link(identity.link_token(siti))[0] == siti


def test_one_nips_lock_leaves_everybody_elses_code_entry_open(siti: Signatory):
    fail(siti.event, 10)
    budi = cast.someone(siti.event, cast.BUDI)
    code = identity.personal_code(budi)
    assert identity.by_code(siti.event, identifier=cast.BUDI, code=code)[0] == budi


def test_a_lock_in_one_event_is_no_lock_in_another(siti: Signatory, city: City):
    elsewhere = cast.make_open(city)
    fail(siti.event, 10)
    code = identity.personal_code(cast.someone(elsewhere))
    assert identity.by_code(elsewhere, identifier=cast.SITI, code=code)


def test_spaces_do_not_make_another_nip_of_it(siti: Signatory):
    fail(siti.event, 5)
    fail(siti.event, 5, identifier="19800101 200501 2 001")
    with pytest.raises(CodeEntryLocked):
        identity.by_code(siti.event, identifier=cast.SITI, code=WRONG)


def test_a_right_code_forgets_the_wrong_ones_before_it(siti: Signatory):
    fail(siti.event, 9)
    identity.by_code(siti.event, identifier=cast.SITI, code=identity.personal_code(siti))
    fail(siti.event, 9)
    identity.by_code(siti.event, identifier=cast.SITI, code=identity.personal_code(siti))


def test_a_lock_that_ran_out_counts_from_the_beginning(siti: Signatory):
    fail(siti.event, 10)
    with at(datetime.timedelta(minutes=16)):
        fail(siti.event, 9)
        identity.by_code(siti.event, identifier=cast.SITI, code=identity.personal_code(siti))


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_all_counted(transactional_db: None):
    event = cast.make_open(cast.make_city())
    guess = partial(identity.by_code, event, identifier=cast.SITI, code=WRONG)
    answers = [type(answer) for answer in at_once([guess] * 16)]
    assert sorted(answers, key=str) == [CodeEntryLocked] * 6 + [WrongCode] * 10


def test_attempts_are_kept_under_a_keyed_hash(siti: Signatory, settings: Settings):
    fail(siti.event, 1)
    settings.CODES_KEY = "another"
    fail(siti.event, 1)
    hashes = CodeAttempt.objects.values_list("identifier_hash", flat=True)
    assert len(set(hashes)) == 2
    assert not any(cast.SITI in hashed for hashed in hashes)


# Tickets


def test_a_ticket_comes_back_from_the_page_as_it_went(siti: Signatory):
    ticket = cast.ticket_of(siti)
    assert Ticket.unseal(ticket.seal()) == ticket


def test_two_tickets_of_one_person_have_two_nonces(siti: Signatory):
    assert cast.ticket_of(siti).nonce != cast.ticket_of(siti).nonce


def test_an_altered_ticket_is_refused(siti: Signatory):
    sealed = cast.ticket_of(siti).seal()
    for position in (0, len(sealed) // 2, len(sealed) - 1):
        other = "A" if sealed[position] != "A" else "B"
        with pytest.raises(BadTicket):
            Ticket.unseal(sealed[:position] + other + sealed[position + 1 :])


def test_an_altered_digest_breaks_the_ticket(siti: Signatory):
    ticket = cast.ticket_of(siti)
    forged = replace(ticket, digests=("0" * 64,))
    honest_end = ticket.seal().rpartition(":")[2]
    with pytest.raises(BadTicket):
        Ticket.unseal(forged.seal().rpartition(":")[0] + ":" + honest_end)


@pytest.mark.parametrize("garbage", ["", "x", "a:b:c", "é:ü", "\x00", "9" * 10_000])
def test_garbage_is_no_ticket(garbage: str):
    with pytest.raises(BadTicket):
        Ticket.unseal(garbage)


@pytest.mark.parametrize("payload", [[], "text", {}, {"signatory": 1}])
def test_something_else_that_was_signed_here_is_no_ticket(payload: object):
    with pytest.raises(BadTicket):
        Ticket.unseal(signing.dumps(payload, salt="pledges.ticket"))


def test_what_was_signed_for_another_purpose_is_no_ticket(siti: Signatory):
    ticket = asdict(cast.ticket_of(siti))
    with pytest.raises(BadTicket):
        Ticket.unseal(signing.dumps(ticket, salt="something else", key=settings.SECRET_KEY))


def test_a_ticket_names_its_bearer(siti: Signatory):
    assert identity.signatory_of_ticket(cast.ticket_of(siti)) == siti


def test_a_ticket_older_than_a_void_is_refused(siti: Signatory, admin: User):
    ticket = cast.ticket_of(siti)
    void(cast.sign(siti), reason="Nama salah.", by=admin)
    with pytest.raises(BadTicket):
        identity.signatory_of_ticket(ticket)
    siti.refresh_from_db()
    assert identity.signatory_of_ticket(cast.ticket_of(siti)) == siti


def test_a_ticket_of_before_the_links_were_replaced_is_refused(siti: Signatory):
    ticket = cast.ticket_of(siti)
    revoke(siti)
    with pytest.raises(BadTicket):
        identity.signatory_of_ticket(ticket)


def test_a_withdrawn_persons_ticket_is_refused(siti: Signatory):
    ticket = cast.ticket_of(siti)
    withdraw(siti)
    with pytest.raises(BadTicket):
        identity.signatory_of_ticket(ticket)


# Receipts


def test_a_receipt_token_finds_its_signature(siti: Signatory):
    signature = cast.sign(siti)
    assert identity.signature_of_receipt(identity.receipt_token(signature)) == signature


def test_a_receipt_token_of_another_signature_is_refused(siti: Signatory):
    mine = cast.sign(siti)
    theirs = cast.sign(cast.someone(siti.event, cast.BUDI))
    proof = identity.receipt_token(mine).partition("-")[2]
    for token in (f"{theirs.pk}-{proof}", str(mine.pk), f"{mine.pk}-", "", "x", "1-\x00"):
        with pytest.raises(UnknownLink):
            identity.signature_of_receipt(token)


def test_a_link_token_opens_no_receipt_and_a_receipt_token_no_link(siti: Signatory):
    signature = cast.sign(siti)
    with pytest.raises(UnknownLink):
        identity.signature_of_receipt(identity.link_token(siti))
    with pytest.raises(UnknownLink):
        identity.by_link(identity.receipt_token(signature))


def test_each_audience_gets_its_own_text(city: City):
    event = cast.make_draft(city)
    event.pacts.all().delete()
    asn = cast.make_pact(event, audience=Audience.ASN)
    other = cast.make_pact(event, audience=Audience.NON_ASN, points=["Menjaga netralitas."])
    events.publish(event, by=None)
    asn.refresh_from_db()
    other.refresh_from_db()
    assert cast.ticket_of(cast.someone(event, cast.SITI)).digests == (asn.digest,)
    assert cast.ticket_of(cast.someone(event, cast.RAHMAT_NIK)).digests == (other.digest,)


# What the document will say of it


def test_link_and_code_name_who_distributed_them(siti: Signatory, officer: User):
    officer.first_name, officer.last_name = "Rina", "Contoh"
    officer.save()
    identity.hand_out(Signatory.objects.filter(pk=siti.pk), by=officer)
    code = identity.personal_code(siti)
    _, by_link = identity.by_link(identity.link_token(siti))
    _, by_code = identity.by_code(siti.event, identifier=cast.SITI, code=code)
    assert (by_link.method, by_link.detail) == ("personal_link", "Rina Contoh")
    assert (by_code.method, by_code.detail) == ("personal_code", "Rina Contoh")


def test_revealing_a_code_makes_the_one_who_did_its_distributor(siti: Signatory, officer: User):
    identity.reveal(siti, by=officer)
    assert cast.ticket_of(siti).detail == "petugas@contoh.example"


def test_a_link_that_nobody_handed_out_names_nobody(siti: Signatory):
    assert cast.ticket_of(siti).detail == ""


# Ways that an event does not offer


def test_without_slips_neither_link_nor_code_serves(siti: Signatory):
    Event.objects.update(ways=[Way.EMAIL])
    with pytest.raises(WayNotOffered):
        identity.by_link(identity.link_token(siti))
    siti.event.refresh_from_db()
    with pytest.raises(WayNotOffered):
        identity.by_code(siti.event, identifier=cast.SITI, code=identity.personal_code(siti))


def test_an_outside_witness_has_a_link_whatever_the_event_offers(city: City):
    event = cast.make_draft(city, ways=[Way.DESK])
    guest = cast.make_person(
        event, unit=city.agency, name="Ketua KPU", kind=Kind.OUTSIDE, part=Part.WITNESS
    )
    assert identity.by_link(identity.link_token(guest))[0] == guest


def test_an_outside_witness_is_found_by_no_number(city: City):
    event = cast.make_open(city)
    cast.make_person(
        event, unit=city.agency, name="Ketua KPU", kind=Kind.OUTSIDE, part=Part.WITNESS
    )
    for digits in ("", "0", "0" * 16, "0" * 18):
        assert identity.find(event, digits) is None
