"""Requests: "my data are wrong", and "my name is not there"."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from pledges import corrections, events, signing
from pledges.corrections import AlreadyAnswered, NotOpen, TooMany
from pledges.identity import BadTicket
from pledges.models import AuditEntry, Correction, Event, Signatory
from pledges.roster.enrol import AlreadyEnrolled
from tests import cast
from tests.cast import BUDI, SITI, City
from tests.test_roster_amend import NEW_NIP, SITI_ROW
from tests.threads import at_once

WRONG_TITLE = "Gelar saya M.Pd."
OPEN, DONE, DECLINED = Correction.State.OPEN, Correction.State.DONE, Correction.State.DECLINED


def ask(person: Signatory, message: str = WRONG_TITLE) -> Correction:
    return corrections.ask(cast.ticket_of(person), message=message)


def report(event: Event, city: City, **fields: Any) -> Correction:
    unit = fields.pop("unit", city.school)
    said = {"name": "Contoh Terlewat", "nip": NEW_NIP, "message": "Baru pindah"} | fields
    return corrections.report_missing(event, unit_id=unit.pk, **said)


# "My data are wrong"


def test_a_request_goes_to_the_own_unit(siti: Signatory):
    request = ask(siti)

    assert (request.signatory, request.unit, request.event) == (siti, siti.unit, siti.event)
    assert (request.message, request.state) == (WRONG_TITLE, OPEN)
    entry = AuditEntry.objects.get(action="correction.ask")
    assert (entry.actor, entry.details) == (f"signatory:{siti.pk}", {})


def test_asking_again_changes_what_is_still_open(siti: Signatory):
    first = ask(siti)
    assert ask(siti, "Jabatan saya juga keliru") == first
    assert Correction.objects.get().message == "Jabatan saya juga keliru"


def test_there_is_one_open_request_per_person(siti: Signatory):
    request = ask(siti)
    with pytest.raises(IntegrityError), transaction.atomic():
        siti.corrections.create(event=siti.event, unit=siti.unit, message="Lagi")
    assert corrections.open_of(siti) == request


def test_after_an_answer_somebody_may_ask_anew(siti: Signatory, officer: User):
    corrections.decline(ask(siti), answer="Sesuai SK", by=officer)
    assert ask(siti).state == OPEN
    assert siti.corrections.count() == 2


def test_the_signer_sees_the_latest_request(siti: Signatory, officer: User):
    assert corrections.latest_of(siti) is None
    corrections.decline(ask(siti), answer="Sesuai SK", by=officer)
    latest = corrections.latest_of(siti)
    assert latest
    assert (latest.state, latest.answer) == (DECLINED, "Sesuai SK")


def test_a_request_needs_a_ticket_that_holds(siti: Signatory):
    ticket = cast.ticket_of(siti)
    signing.void(cast.sign(siti), reason="Keliru", by=None)
    with pytest.raises(BadTicket):
        corrections.ask(ticket, message=WRONG_TITLE)


def test_a_closed_event_takes_no_request(siti: Signatory):
    ticket = cast.ticket_of(siti)
    events.close(siti.event, by=None)
    with pytest.raises(NotOpen, match="tidak dikirim"):
        corrections.ask(ticket, message=WRONG_TITLE)


@pytest.mark.django_db(transaction=True)
def test_many_requests_of_one_person_at_once_leave_one():
    ticket = cast.ticket_of(cast.someone(cast.make_open(cast.make_city())))

    results = at_once([lambda: corrections.ask(ticket, message=WRONG_TITLE)] * 8)

    request = Correction.objects.get()
    assert all(result == request for result in results)


# "My name is not there"


def test_a_missing_name_goes_to_the_unit_that_was_chosen(city: City, open_event: Event):
    request = report(open_event, city)

    assert (request.signatory, request.unit) == (None, city.school)
    assert (request.name, request.nip) == ("Contoh Terlewat", NEW_NIP)
    entry = AuditEntry.objects.get(action="correction.report_missing")
    assert (entry.actor, entry.details) == ("system", {})


def test_a_second_report_of_one_nip_finds_the_first_and_changes_nothing(
    city: City, open_event: Event
):
    first = report(open_event, city)
    assert report(open_event, city, name="Orang Lain", message="Timpa", unit=city.clinic) == first
    first.refresh_from_db()
    assert (first.name, first.message, first.unit) == (
        "Contoh Terlewat", "Baru pindah", city.school,
    )  # fmt: skip


def test_without_a_nip_name_and_unit_tell_who_it_is(city: City, open_event: Event):
    first = report(open_event, city, nip="")
    assert report(open_event, city, nip="") == first
    assert report(open_event, city, nip="", unit=city.clinic) != first
    assert report(open_event, city, nip="", name="Orang Lain") != first


def test_there_is_one_open_request_per_nip(city: City, open_event: Event):
    report(open_event, city)
    with pytest.raises(IntegrityError), transaction.atomic():
        open_event.corrections.create(name="X", nip=NEW_NIP, unit=city.school, message="Lagi")


def test_a_nip_that_is_on_the_roster_is_answered_as_any_other(city: City, open_event: Event):
    assert report(open_event, city, nip=SITI).state == OPEN


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_an_event_that_is_not_open_takes_no_report(city: City, state: str):
    event = cast.make_draft(city) if state == "draft" else cast.make_closed(city)
    with pytest.raises(NotOpen):
        report(event, city)


def test_a_flood_of_reports_fills_one_unit_and_leaves_the_others_free(
    city: City, open_event: Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(corrections, "MAX_OPEN_IN_UNIT", 3)
    for number in range(3):
        report(open_event, city, nip="", name=f"Contoh {number}")

    with pytest.raises(TooMany, match="Hubungi langsung pengelola kepegawaian"):
        report(open_event, city)
    # Who is among them already hears what they heard before; other units are free.
    assert report(open_event, city, nip="", name="Contoh 0")
    assert report(open_event, city, unit=city.clinic)
    # An answer makes room again.
    corrections.decline(open_event.corrections.earliest("pk"), answer="Iseng", by=None)
    assert report(open_event, city, nip="", name="Contoh Sungguhan")


def test_a_flood_over_all_units_ends_at_the_cap_of_the_event(
    city: City, open_event: Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(corrections, "MAX_OPEN_IN_EVENT", 2)
    report(open_event, city, nip="", unit=city.school)
    report(open_event, city, nip="", unit=city.clinic)
    with pytest.raises(TooMany):
        report(open_event, city, unit=city.health)


def test_a_flood_of_reports_keeps_nobody_from_signing_or_asking(
    city: City, siti: Signatory, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(corrections, "MAX_OPEN_IN_EVENT", 1)
    report(siti.event, city)
    assert ask(siti)
    assert cast.sign(siti)


@pytest.mark.django_db(transaction=True)
def test_many_reports_of_one_nip_at_once_leave_one():
    city = cast.make_city()
    event = cast.make_open(city)

    results = at_once([lambda: report(event, city)] * 8)

    request = Correction.objects.get()
    assert all(result == request for result in results)
    assert AuditEntry.objects.filter(action="correction.report_missing").count() == 1


# The officer answers


def test_mending_answers_the_request(siti: Signatory, officer: User):
    request = ask(siti)
    row = dataclasses.replace(SITI_ROW, name="Siti Aminah, M.Pd.")

    changed = corrections.mend(siti, row, unit=siti.unit, answer="Sudah", by=officer)

    request.refresh_from_db()
    assert changed == ["name"]
    assert (request.state, request.answer, request.answered_by) == (DONE, "Sudah", officer)
    assert request.answered_at is not None
    assert AuditEntry.objects.get(action="correction.done").target == f"correction:{request.pk}"


def test_data_are_mended_without_a_request_too(siti: Signatory, officer: User):
    row = dataclasses.replace(SITI_ROW, position="Guru")
    assert corrections.mend(siti, row, unit=siti.unit, by=officer) == ["position"]
    assert not Correction.objects.exists()


def test_a_declined_request_keeps_its_answer(siti: Signatory, officer: User):
    request = ask(siti)
    corrections.decline(request, answer="Sesuai SK pangkat", by=officer)
    request.refresh_from_db()
    assert (request.state, request.answer) == (DECLINED, "Sesuai SK pangkat")


def test_adding_who_was_missing_answers_the_request(city: City, open_event: Event, officer: User):
    request = report(open_event, city)
    row = dataclasses.replace(SITI_ROW, name="Contoh Terlewat", nip=NEW_NIP)

    person = corrections.add(request, row, answer="Selamat datang", by=officer)

    request.refresh_from_db()
    assert (person.nip, person.unit) == (NEW_NIP, city.school)
    assert (request.state, request.signatory) == (DONE, person)
    assert cast.sign(person)


def test_who_is_on_the_roster_already_is_not_added_and_the_request_stays(
    city: City, open_event: Event
):
    request = report(open_event, city, nip=BUDI)
    with pytest.raises(AlreadyEnrolled):
        corrections.add(request, dataclasses.replace(SITI_ROW, nip=BUDI), by=None)
    request.refresh_from_db()
    assert request.state == OPEN


def test_a_request_is_answered_once(city: City, open_event: Event):
    request = report(open_event, city)
    corrections.decline(request, answer="Bukan pegawai unit ini", by=None)
    with pytest.raises(AlreadyAnswered, match="sudah dijawab"):
        corrections.decline(request, answer="Lagi", by=None)
    with pytest.raises(AlreadyAnswered):
        corrections.add(request, dataclasses.replace(SITI_ROW, nip=NEW_NIP), by=None)
    assert not open_event.signatories.filter(nip=NEW_NIP).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_answer_at_once_one_is_told_so():
    city = cast.make_city()
    event = cast.make_open(city)
    request = report(event, city)
    row = dataclasses.replace(SITI_ROW, nip=NEW_NIP)

    results = at_once(
        [
            lambda: corrections.decline(request, answer="Bukan", by=None),
            lambda: corrections.add(request, row, by=None),
        ]
    )

    assert [isinstance(result, AlreadyAnswered) for result in results].count(True) == 1
    is_added = event.signatories.filter(nip=NEW_NIP).exists()
    assert Correction.objects.get().state == (DONE if is_added else DECLINED)


def test_who_says_they_are_missing_may_be_there_after_all(city: City, open_event: Event):
    requests = [report(open_event, city), report(open_event, city, nip=BUDI)]
    found = corrections.already_there(open_event, requests)
    assert found == {BUDI: cast.someone(open_event, BUDI)}


# Changed e-mail addresses


def test_changed_email_addresses_are_listed_with_who_changed_them(siti: Signatory, officer: User):
    row = dataclasses.replace(SITI_ROW, email="lain@contoh.example")
    corrections.mend(siti, row, unit=siti.unit, by=officer)

    [change] = corrections.changed_emails(siti.event)

    assert (change.person, change.by) == (siti, officer)


def test_the_list_of_changed_addresses_takes_as_many_queries_for_one_as_for_many(
    open_event: Event, officer: User, django_assert_num_queries: DjangoAssertNumQueries
):
    for number, person in enumerate(open_event.signatories.filter(kind="pns")):
        row = dataclasses.replace(SITI_ROW, email=f"baru{number}@contoh.example")
        corrections.mend(person, row, unit=person.unit, by=officer)
    with django_assert_num_queries(3):
        assert len(corrections.changed_emails(open_event)) == 2
