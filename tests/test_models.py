"""What the database itself refuses, whatever code asks for it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from pledges import keys
from pledges.models import (
    Agency,
    Audience,
    Event,
    Kind,
    LegalBasis,
    Membership,
    PactKind,
    PledgePoint,
    Role,
    Signatory,
    Signature,
)
from tests import cast
from tests.cast import BUDI, RAHMAT_NIK, SITI


@contextmanager
def refused() -> Iterator[None]:
    """What is done under this, a constraint of the database refuses."""
    with pytest.raises(IntegrityError), transaction.atomic():
        yield


def change(row, **fields):
    """Behind the back of every form and domain function."""
    type(row)._default_manager.filter(pk=row.pk).update(**fields)


def a_signature(person: Signatory, **fields) -> Signature:
    values = {
        "signatory": person, "pact": person.event.pacts.get(), "nonce": keys.random_code(80),
        "mark": "typed:Siti", "statement": "{}", "signed_at": timezone.now(),
    }  # fmt: skip
    return Signature.objects.create(**values | fields)


def test_an_agency_has_a_name(city):
    with refused():
        change(city.agency, name="")


def test_a_role_is_held_once(officer):
    held = officer.memberships.get()
    with refused():
        Membership.objects.create(user=officer, agency=held.agency, role=Role.OFFICER)
    assert Membership.objects.create(user=officer, agency=held.agency, role=Role.OVERSEER)


def test_an_agency_with_an_event_or_a_role_is_not_deleted(city, draft_event, officer):
    for agency in (city.agency, city.education):
        with pytest.raises(ProtectedError), transaction.atomic():
            Agency.objects.get(pk=agency.pk).delete()


def test_two_laws_do_not_share_a_title(db):
    LegalBasis.objects.create(title="UU contoh")
    with refused():
        LegalBasis.objects.create(title="UU contoh")


def test_two_events_do_not_share_a_code(open_event, city):
    with refused():
        cast.make_event(city.agency, code=open_event.code)


def test_an_event_beyond_draft_was_published(draft_event):
    with refused():
        change(draft_event, state=Event.State.OPEN)


def test_a_closed_event_knows_when_it_was_closed_and_no_other_does(open_event):
    with refused():
        change(open_event, state=Event.State.CLOSED)
    with refused():
        change(open_event, closed_at=timezone.now())


@pytest.mark.parametrize(
    ("zone", "offset"), [("Asia/Jakarta", 7), ("Asia/Makassar", 8), ("Asia/Jayapura", 9)]
)
def test_the_deadline_is_2359_of_the_day_in_the_zone_of_the_event(zone, offset):
    agency = Agency(timezone=zone)

    deadline = Event.end_of(datetime.date(2024, 7, 29), agency.zone)

    utc = datetime.datetime(2024, 7, 29, 23, 59, tzinfo=datetime.UTC)
    assert deadline == utc - datetime.timedelta(hours=offset)


def test_an_event_has_one_text_for_each_audience(draft_event):
    with refused():
        cast.make_pact(draft_event)
    assert cast.make_pact(draft_event, audience=Audience.NON_ASN)


def test_an_event_has_at_most_one_declaration(draft_event):
    cast.make_pact(draft_event, kind=PactKind.DECLARATION)
    with refused():
        cast.make_pact(draft_event, kind=PactKind.DECLARATION, audience=Audience.ASN)


def test_a_frozen_text_has_its_digest_and_only_a_frozen_text_has_one(draft_event):
    text = draft_event.pacts.get()
    with refused():
        change(text, content="{}")
    with refused():
        change(text, digest="0" * 64)


@pytest.mark.parametrize("number", [0, 21])
def test_points_are_numbered_from_1_to_20(draft_event, number):
    with refused():
        PledgePoint.objects.create(pact=draft_event.pacts.get(), number=number, text="Butir")


def test_a_number_is_given_to_one_point_of_a_text_only(draft_event):
    with refused():
        PledgePoint.objects.create(pact=draft_event.pacts.get(), number=1, text="Butir")


def test_a_point_has_words(draft_event):
    with refused():
        change(draft_event.pacts.get().points.first(), text="")


def test_a_nip_stands_once_in_an_event_and_may_stand_in_another(open_event, city):
    with refused():
        cast.make_person(open_event, unit=city.clinic, name="Siti Lain", nip=SITI)
    assert cast.make_draft(city).signatories.filter(nip=SITI).exists()


def test_a_nik_stands_once_in_an_event(open_event, city):
    with refused():
        cast.make_person(open_event, unit=city.school, name="Rahmat Lain", nik=RAHMAT_NIK)


def test_a_serial_number_is_given_once_in_an_event(open_event):
    with refused():
        change(cast.someone(open_event, SITI), number=2)


def test_a_person_has_either_a_nip_or_a_nik(open_event):
    with refused():
        change(cast.someone(open_event, SITI), nip=None)
    with refused():
        change(cast.someone(open_event, RAHMAT_NIK), nip="198001012005012009")
    with refused():
        change(cast.someone(open_event, RAHMAT_NIK), nik_cipher=None)


def test_a_person_has_a_name(siti):
    with refused():
        change(siti, name="")


def test_a_nik_is_kept_encrypted_and_never_shown_whole(rahmat):
    stored = Signatory.objects.filter(pk=rahmat.pk).values().get()

    assert not [name for name, value in stored.items() if RAHMAT_NIK in str(value)]
    assert rahmat.identifier == rahmat.masked_identifier == "3273••••••••••01"
    assert rahmat.identifier_label == "NIK"


def test_a_nip_is_masked_in_lists_and_whole_on_the_pact(siti):
    assert siti.masked_identifier == "1980••••••••••2001"
    assert siti.identifier == SITI
    assert siti.identifier_label == "NIP"


def test_who_is_no_civil_servant_signs_the_text_for_others():
    assert Signatory(kind=Kind.NON_ASN).audience == Audience.NON_ASN
    for kind in (Kind.PNS, Kind.PPPK, Kind.PPPK_PART_TIME):
        assert Signatory(kind=kind).audience == Audience.ASN


def test_a_person_has_one_live_signature_under_a_text(siti):
    first = a_signature(siti)
    with refused():
        a_signature(siti)

    change(first, voided_at=timezone.now(), void_reason="Salah orang")
    assert a_signature(siti)


def test_a_signature_is_voided_with_a_reason_only(siti):
    with refused():
        change(a_signature(siti), voided_at=timezone.now())


def test_a_ticket_signs_once(open_event):
    a_signature(cast.someone(open_event, SITI), nonce="N" * 26)
    with refused():
        a_signature(cast.someone(open_event, BUDI), nonce="N" * 26)


def test_a_verification_code_is_given_once(open_event):
    code = a_signature(cast.someone(open_event, SITI)).verification_code
    with refused():
        a_signature(cast.someone(open_event, BUDI), verification_code=code)


def test_who_has_signed_can_not_be_deleted_nor_can_the_event_or_its_text(siti):
    a_signature(siti)

    for row in (siti, siti.event, siti.event.pacts.get()):
        with pytest.raises(ProtectedError), transaction.atomic():
            row.delete()


def test_a_voided_signature_is_no_longer_live_and_its_person_is_missing_again(siti):
    change(a_signature(siti), voided_at=timezone.now(), void_reason="Salah orang")

    assert not Signature.objects.live().exists()
    assert siti in Signatory.objects.missing()
    assert siti not in Signatory.objects.signed()
