from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Event as Signal

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import declaration, events, marks, pact, signing, waves
from pledges.identity import BadTicket, Ticket
from pledges.models import AuditEntry, Event, Part, Signatory, Signature, rows
from pledges.signing import Delivery, EventNotOpen, NotAffirmed, NotYourTurn, TextChanged
from tests import cast
from tests.cast import City
from tests.threads import at_once

ALL = [1, 2, 3, 4]
MARK = marks.drawn(cast.DRAWING)


def nothing_written() -> bool:
    signed = AuditEntry.objects.filter(action="signature.sign")
    return not Signature.objects.exists() and not signed.exists()


# What is recorded


def test_a_signature_asks_the_database_four_times(siti: Signatory):
    """All that is under the locks, the unit above, the signature; the log with the notice, which
    on SQLite are two."""
    ticket = cast.ticket_of(siti)
    cast.sign(cast.someone(siti.event, cast.BUDI))
    with CaptureQueriesContext(connection) as asked:
        signing.sign(ticket, mark=MARK, consents=ALL)

    statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    expected = 4 if connection.vendor == "postgresql" else 5
    assert len([sql for sql in statements if sql not in {"BEGIN", "COMMIT"}]) == expected


def test_the_statement_holds_everything_the_document_says(siti: Signatory):
    before = timezone.now()
    signature = cast.sign(siti)
    statement = json.loads(signature.statement)
    salt, signed_at = statement.pop("salt"), statement.pop("signed_at")
    assert statement == {
        "version": 2,
        "event": {
            "code": siti.event.code,
            "title": "Apel dan Penandatanganan Pakta Integritas Netralitas ASN",
            "agency": "Pemerintah Kota Contoh",
        },
        "pact": {
            "digest": siti.event.pacts.get().digest,
            "kind": "individual",
            "title": "Pakta Integritas Netralitas Pegawai ASN",
        },
        "signatory": {
            "number": 1,
            "name": "Siti Aminah, S.Pd.",
            "identifier_label": "NIP",
            "identifier": "198001012005012001",
            "kind": "pns",
            "rank": "Penata",
            "grade": "III/c",
            "position": "Guru Kelas",
            "part": "signer",
            "capacity": "",
            "unit": ["Dinas Pendidikan", "SDN 1 Contoh"],
        },
        "consents": [1, 2, 3, 4],
        "identity": {"method": "personal_link", "detail": "", "desk": None},
        "mark": {"kind": "drawn", "sha256": MARK.digest},
        "claimed_at": None,
        "is_late": False,
        "is_sent_later": False,
        "is_example": False,
        "verification_code": signature.verification_code,
    }
    assert len(bytes.fromhex(salt)) == 32
    assert before <= datetime.datetime.fromisoformat(signed_at) <= timezone.now()
    assert signed_at.endswith("+00:00")
    assert signature.statement == pact.canonical(json.loads(signature.statement))


def test_a_non_asn_persons_nik_is_masked_in_the_statement(rahmat: Signatory):
    signature = cast.sign(rahmat)
    assert json.loads(signature.statement)["signatory"]["identifier"] == "3273••••••••••01"
    assert cast.RAHMAT_NIK not in signature.statement


def test_the_signature_keeps_the_mark(siti: Signatory):
    assert marks.load(cast.sign(siti).mark) == MARK
    typed = marks.typed("Budi Santoso")
    assert marks.load(cast.sign(cast.someone(siti.event, cast.BUDI), mark=typed).mark) == typed


def test_a_verification_code_has_80_random_bits(siti: Signatory):
    codes = {
        cast.sign(cast.someone(siti.event, nip)).verification_code
        for nip in (cast.SITI, cast.BUDI, cast.DEWI)
    }
    assert len(codes) == 3
    assert {len(code) for code in codes} == {16}


def test_the_act_is_in_the_audit_log_without_personal_data(siti: Signatory):
    signature = cast.sign(siti)
    entry = AuditEntry.objects.get(action="signature.sign")
    assert (entry.actor, entry.target) == (f"signatory:{siti.pk}", f"signature:{signature.pk}")
    assert entry.event_id == siti.event.pk
    assert entry.details == {"method": "personal_link"}


def test_a_signature_and_its_audit_row_stand_or_fall_together(
    siti: Signatory, monkeypatch: pytest.MonkeyPatch
):
    def full_disk(*new: Model) -> None:
        append(*new)
        raise OSError("no space left on device")

    append = rows.append
    monkeypatch.setattr(rows, "append", full_disk)
    with pytest.raises(OSError, match="no space left"):
        cast.sign(siti)
    assert nothing_written()


def test_a_signature_before_the_deadline_is_not_late(siti: Signatory):
    assert not cast.sign(siti).is_late


def test_a_signature_after_the_deadline_counts_as_late_and_is_not_refused(siti: Signatory):
    Event.objects.update(deadline=timezone.now() - datetime.timedelta(minutes=1))
    signature = cast.sign(siti)
    assert signature.is_late
    assert json.loads(signature.statement)["is_late"] is True


def test_a_person_directly_under_the_agency_has_the_agency_as_unit(siti: Signatory):
    siti.unit = siti.event.agency
    siti.save(update_fields=["unit"])
    assert json.loads(cast.sign(siti).statement)["signatory"]["unit"] == ["Pemerintah Kota Contoh"]


def test_the_signature_of_a_person_is_found_until_it_is_voided(siti: Signatory):
    assert signing.signature_of(siti) is None
    signature = cast.sign(siti)
    assert signing.signature_of(siti) == signature
    Signature.objects.update(voided_at=timezone.now(), void_reason="Salah orang")
    assert signing.signature_of(siti) is None


# Signing twice


def test_signing_twice_returns_the_first_signature(siti: Signatory):
    ticket = cast.ticket_of(siti)
    first = signing.sign(ticket, mark=MARK, consents=ALL)
    again = signing.sign(ticket, mark=marks.typed("Siti Aminah"), consents=ALL)
    assert again == first
    assert marks.load(again.mark) == MARK
    assert AuditEntry.objects.filter(action="signature.sign").count() == 1


def test_signing_again_with_a_new_ticket_returns_the_first_signature(siti: Signatory):
    assert cast.sign(siti) == cast.sign(siti)
    assert Signature.objects.count() == 1


def test_signing_again_after_closing_returns_the_first_signature(siti: Signatory):
    first = cast.sign(siti)
    ticket = cast.ticket_of(siti)
    events.close(siti.event, by=None)
    assert signing.sign(ticket, mark=MARK, consents=ALL) == first


def test_sending_a_pact_again_after_a_declaration_is_asked_too_returns_the_first_signature(
    city: City,
):
    person = cast.give_part(cast.someone(cast.make_open_ceremony(city)), Part.SIGNER)
    ticket = cast.ticket_of(person)
    first = signing.sign(ticket, mark=MARK, consents=ALL)
    cast.give_part(person, Part.REPRESENTATIVE, sequence=1)
    assert signing.sign(ticket, mark=MARK, consents=ALL) == first
    assert AuditEntry.objects.filter(action="signature.sign").count() == 1


# Two texts, one mark


@pytest.fixture
def representative(city: City) -> Signatory:
    return cast.someone(cast.make_open_ceremony(city))


def test_a_representative_draws_once_and_signs_both_texts(representative: Signatory):
    ticket = cast.ticket_of(representative)
    answer = signing.sign(ticket, mark=MARK, consents=range(1, 8))
    own, declared = signing.signatures_of(representative)
    assert answer == own
    assert [one.pact.kind for one in (own, declared)] == ["individual", "declaration"]
    assert own.mark == declared.mark == MARK.stored
    assert own.verification_code != declared.verification_code
    assert own.nonce == declared.nonce == ticket.nonce
    assert json.loads(own.statement)["consents"] == [1, 2, 3, 4]
    assert json.loads(declared.statement)["consents"] == [1, 2, 3]


def test_the_statement_names_the_capacity_in_which_a_representative_signs(
    representative: Signatory,
):
    statement = json.loads(cast.sign(representative).statement)
    assert statement["signatory"]["part"] == "representative"
    assert statement["signatory"]["capacity"] == "Perwakilan Kepala Sekolah SD"


@pytest.mark.parametrize(("consents", "missing"), [([1, 2, 3, 4], [5, 6, 7]), ([5, 6, 7], ALL)])
def test_a_representative_affirms_every_point_of_both_texts(
    representative: Signatory, consents: list[int], missing: list[int]
):
    with pytest.raises(NotAffirmed) as refused:
        signing.sign(cast.ticket_of(representative), mark=MARK, consents=consents)
    assert refused.value.missing == missing
    assert nothing_written()


def test_who_has_to_sign_the_declaration_anew_is_asked_for_that_alone(representative: Signatory):
    own = cast.sign(representative)
    declared = signing.signatures_of(representative)[1]
    signing.void(declared, reason="Salah gambar", by=None)
    representative.refresh_from_db()
    ticket = cast.ticket_of(representative)
    assert [text.kind for text in signing.texts_of(ticket, representative)] == ["declaration"]
    signing.sign(ticket, mark=MARK, consents=[1, 2, 3])
    assert next(iter(signing.signatures_of(representative))) == own
    assert Signature.objects.count() == 3


def test_a_witness_from_outside_signs_the_declaration_alone(city: City):
    witness = cast.outsider_of(cast.make_open_ceremony(city))
    signature = cast.sign(witness)
    assert signature.pact.kind == "declaration"
    assert json.loads(signature.statement)["signatory"]["identifier"] == ""


# Sent later


def test_a_signature_that_was_kept_is_recorded_as_sent_later_with_the_claimed_time(
    siti: Signatory,
):
    claimed = timezone.now() - datetime.timedelta(hours=3)
    before = timezone.now()
    signature = signing.sign(
        cast.ticket_of(siti), mark=MARK, consents=ALL,
        delivery=Delivery(device="c0ffee", claimed_at=claimed, is_sent_later=True),
    )  # fmt: skip
    statement = json.loads(signature.statement)
    assert signature.is_sent_later
    assert statement["is_sent_later"] is True
    assert statement["claimed_at"] == claimed.isoformat()
    assert before <= signature.signed_at <= timezone.now()


def test_a_device_is_kept_as_a_keyed_hash_and_not_in_the_statement(siti: Signatory):
    delivery = Delivery(device="c0ffee")
    signature = signing.sign(cast.ticket_of(siti), mark=MARK, consents=ALL, delivery=delivery)
    assert len(signature.device) == 32
    assert signature.device not in signature.statement
    assert "c0ffee" not in signature.device


# The texts of a ticket


def test_the_texts_of_a_ticket_are_those_that_were_shown_in_their_order(
    representative: Signatory,
):
    ticket = cast.ticket_of(representative)
    shown = signing.texts_of(ticket, representative)
    assert tuple(text.digest for text in shown) == ticket.digests
    assert [text.kind for text in shown] == ["individual", "declaration"]


def test_the_texts_of_a_ticket_stay_known_when_the_declaration_is_complete(
    representative: Signatory,
):
    ticket = cast.ticket_of(representative)
    cast.sign(cast.someone(representative.event, cast.DEWI))
    declaration.close(representative.event, by=None)
    assert len(signing.texts_of(ticket, representative)) == 2
    signing.sign(ticket, mark=MARK, consents=range(1, 8))
    assert [one.pact.kind for one in signing.signatures_of(representative)] == ["individual"]


def test_a_ticket_for_a_text_that_is_gone_has_no_texts(siti: Signatory):
    with pytest.raises(TextChanged):
        signing.texts_of(replace(cast.ticket_of(siti), digests=("0" * 64,)), siti)


# What is refused


def test_whoever_comes_before_their_wave_is_refused_until_it_opens(city: City):
    event = cast.make_draft(city)
    first, second = waves.Definition("Eselon II", ("II",)), waves.Definition("Semua")
    waves.define(event, [first, second], by=None)
    events.publish(event, by=None)
    dewi, siti = cast.someone(event, cast.DEWI), cast.someone(event)
    tickets = {person: cast.ticket_of(person) for person in (dewi, siti)}
    for person in (dewi, siti):
        with pytest.raises(NotYourTurn, match=f"Giliran Anda adalah gelombang {person.wave}"):
            signing.sign(tickets[person], mark=MARK, consents=ALL)
    waves.open_next(event, 1, by=None)
    assert signing.sign(tickets[dewi], mark=MARK, consents=ALL).signatory == dewi
    with pytest.raises(NotYourTurn):
        signing.sign(tickets[siti], mark=MARK, consents=ALL)
    waves.open_next(event, 2, by=None)
    assert signing.sign(tickets[siti], mark=MARK, consents=ALL).signatory == siti


def test_a_closed_event_takes_no_signature(siti: Signatory):
    ticket = cast.ticket_of(siti)
    events.close(siti.event, by=None)
    with pytest.raises(EventNotOpen, match="sudah ditutup"):
        signing.sign(ticket, mark=MARK, consents=ALL)
    assert nothing_written()


def test_a_ticket_kept_through_closing_signs_when_the_event_is_reopened(siti: Signatory):
    ticket = cast.ticket_of(siti)
    events.close(siti.event, by=None)
    events.reopen(siti.event, by=None)
    assert signing.sign(ticket, mark=MARK, consents=ALL).signatory == siti


def test_a_draft_takes_no_signature(draft_event: Event):
    with pytest.raises(EventNotOpen, match="belum dibuka"):
        cast.sign(cast.someone(draft_event))
    assert nothing_written()


def test_an_event_taken_back_to_draft_takes_no_signature(siti: Signatory):
    ticket = cast.ticket_of(siti)
    events.unpublish(siti.event, by=None)
    with pytest.raises(EventNotOpen, match="belum dibuka"):
        signing.sign(ticket, mark=MARK, consents=ALL)


def test_a_text_that_was_published_anew_must_be_read_anew(siti: Signatory):
    ticket = cast.ticket_of(siti)
    events.unpublish(siti.event, by=None)
    siti.event.pacts.get().points.filter(number=4).update(text="Menolak politik uang.")
    events.publish(siti.event, by=None)
    with pytest.raises(TextChanged):
        signing.sign(ticket, mark=MARK, consents=ALL)
    assert nothing_written()


def test_the_same_text_published_anew_needs_no_new_reading(siti: Signatory):
    ticket = cast.ticket_of(siti)
    events.unpublish(siti.event, by=None)
    events.publish(siti.event, by=None)
    assert signing.sign(ticket, mark=MARK, consents=ALL)


def test_an_altered_digest_is_refused(siti: Signatory):
    forged = replace(cast.ticket_of(siti), digests=("0" * 64,))
    with pytest.raises(TextChanged):
        signing.sign(forged, mark=MARK, consents=ALL)
    assert nothing_written()


def test_a_ticket_that_names_a_text_of_no_such_event_beside_the_own_one_is_refused(
    siti: Signatory,
):
    ticket = cast.ticket_of(siti)
    forged = replace(ticket, digests=(*ticket.digests, "0" * 64))
    with pytest.raises(TextChanged):
        signing.sign(forged, mark=MARK, consents=ALL)
    assert nothing_written()


@pytest.mark.parametrize(
    ("consents", "missing"), [([], [1, 2, 3, 4]), ([1, 2, 3], [4]), ([4, 2, 5, 99], [1, 3])]
)
def test_every_point_must_be_affirmed(siti: Signatory, consents: list[int], missing: list[int]):
    with pytest.raises(NotAffirmed) as refused:
        signing.sign(cast.ticket_of(siti), mark=MARK, consents=consents)
    assert refused.value.missing == missing
    assert nothing_written()


def test_a_withdrawn_person_cannot_sign(siti: Signatory):
    ticket = cast.ticket_of(siti)
    Signatory.objects.update(withdrawn_at=timezone.now())
    with pytest.raises(BadTicket):
        signing.sign(ticket, mark=MARK, consents=ALL)


def test_a_revoked_ticket_cannot_sign(siti: Signatory):
    ticket = cast.ticket_of(siti)
    Signatory.objects.update(generation=2)
    with pytest.raises(BadTicket):
        signing.sign(ticket, mark=MARK, consents=ALL)


def test_a_ticket_of_nobody_cannot_sign(siti: Signatory):
    nobody = replace(cast.ticket_of(siti), signatory=siti.pk + 1000)
    with pytest.raises(BadTicket):
        signing.sign(nobody, mark=MARK, consents=ALL)


# At once


@pytest.fixture
def crowd(transactional_db: None) -> list[Ticket]:
    """An open event, and a ticket of each of its 200 people."""
    city = cast.make_city()
    event = cast.make_event(city.agency)
    cast.make_pact(event)
    for number in range(1, 201):
        nip = f"198001012005011{number:03}"
        cast.make_person(event, unit=city.school, name=f"Pegawai {number}", nip=nip)
    events.publish(event, by=None)
    return [cast.ticket_of(person) for person in event.signatories.all()]


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_leave_one_signature(transactional_db: None):
    siti = cast.someone(cast.make_open(cast.make_city()))
    same = cast.ticket_of(siti)
    other = cast.ticket_of(siti)
    for tickets in ([same, same], [same, other] * 4):
        acts = [partial(signing.sign, ticket, mark=MARK, consents=ALL) for ticket in tickets]
        assert at_once(acts) == [Signature.objects.get()] * len(acts)
    assert AuditEntry.objects.filter(action="signature.sign").count() == 1


def test_each_of_200_signers_has_signed_before_a_closing_or_is_refused(crowd: list[Ticket]):
    event = Event.objects.get()
    enough, closed = Signal(), Signal()

    def sign(ticket: Ticket, number: int) -> Signature:
        if number == 60:
            enough.set()
        if number >= 190:  # certain to come after the closing
            closed.wait(30)
        return signing.sign(ticket, mark=MARK, consents=ALL)

    def close() -> Event:
        enough.wait(30)
        try:
            return events.close(event, by=None)
        finally:
            closed.set()

    signers: list[Callable[[], Signature | Event]] = [
        partial(sign, ticket, number) for number, ticket in enumerate(crowd)
    ]
    answer, *answers = at_once([close, *signers], threads=16)
    assert isinstance(answer, Event)
    assert answer.closed_at is not None

    signed = [one for one in answers if isinstance(one, Signature)]
    refused = [one for one in answers if isinstance(one, EventNotOpen)]
    assert len(signed) + len(refused) == 200
    assert len(signed) >= 60 - 16
    assert len(refused) >= 10
    assert set(Signature.objects.all()) == set(signed)
    assert AuditEntry.objects.filter(action="signature.sign").count() == len(signed)
    assert all(one.signed_at <= answer.closed_at for one in signed)
    with pytest.raises(EventNotOpen):
        cast.sign(event.signatories.missing().select_related("event__agency", "unit")[0])
