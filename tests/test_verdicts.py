"""What anybody may know: of signatures, of joint declarations, of refusals."""

from __future__ import annotations

import datetime
import io

import pytest
from django.utils import timezone

from pledges import declaration, signing
from pledges.documents.issue import issue
from pledges.models import Declaration, Event, Refusal, Signature
from pledges.signing import Delivery
from pledges.verdicts import (
    DeclarationVerdict,
    PlaceVerdict,
    RefusalVerdict,
    State,
    Verdict,
    mask_name,
)
from pledges.verification import FileState, by_code, by_file
from tests import cast
from tests.cast import BUDI, DEWI, SITI
from tests.pdfs import DRAWN, altered, stored


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Siti Aminah, S.Pd.", "S••• A•••"),
        ("Agus", "A•••"),
        ("Dr. Ir. H. Dewi Lestari, S.T., M.Si.", "D••• I••• H••• D••• L•••"),
        ("<b>Siti</b>", "b•••"),
        ("Ma'ruf Ñuño", "M••• Ñ•••"),
    ],
)
def test_a_masked_name_is_initials(name, masked):
    assert mask_name(name) == masked


@pytest.fixture
def ceremony(city) -> Event:
    return cast.make_open_ceremony(city)


@pytest.fixture
def completed(ceremony) -> Declaration:
    """Dewi, Siti and the witness signed; then it was closed without Budi."""
    for person in (cast.someone(ceremony, DEWI), cast.someone(ceremony, SITI)):
        cast.sign(person)
    cast.sign(cast.outsider_of(ceremony))
    return declaration.close(ceremony, by=None)


@pytest.fixture
def pdf(completed, sealer) -> bytes:
    return stored(issue(completed, sealer=sealer))


def on_declaration(completed: Declaration, part: str) -> Signature:
    return Signature.objects.get(pact=completed.pact, signatory__part=part)


def verdict_on(code: str) -> Verdict:
    verdict = by_code(code)
    assert isinstance(verdict, Verdict)
    return verdict


def declaration_verdict_on(completed: Declaration) -> DeclarationVerdict:
    verdict = by_code(completed.verification_code)
    assert isinstance(verdict, DeclarationVerdict)
    return verdict


def test_the_code_of_a_declaration_tells_its_places_in_order_with_masked_names(completed, pdf):
    verdict = declaration_verdict_on(completed)

    assert verdict.state == State.GENUINE
    assert verdict.pact_title == "Ikrar Netralitas Pegawai ASN"
    assert verdict.event == "Apel dan Penandatanganan Pakta Integritas Netralitas ASN"
    assert verdict.is_closed_early
    assert verdict.signed == 3
    assert verdict.completed_at == completed.completed_at
    assert verdict.completed_at.tzname() == "WIB"
    assert [(place.standing, place.name) for place in verdict.places] == [
        ("Pimpinan acara", "D••• D••• L•••"),
        ("Perwakilan Kepala Sekolah SD", "S••• A•••"),
        ("Perwakilan PPPK", "B••• S•••"),
        ("Ketua KPU Kota Contoh", "C••• S•••"),
    ]
    assert verdict.places[2] == PlaceVerdict("Perwakilan PPPK", "B••• S•••", None)
    assert verdict.places[3].signed_at == on_declaration(completed, "witness").signed_at


def test_nothing_the_public_sees_of_a_declaration_names_anybody(completed, pdf):
    shown = repr(declaration_verdict_on(completed))

    for secret in ("Siti", "Dewi", "Budi", "Contoh Saksi", SITI, DEWI, "Kepala Dinas"):
        assert secret not in shown


def test_a_declaration_that_is_not_sealed_yet_is_told_so(completed):
    assert declaration_verdict_on(completed).state == State.UNSEALED


def test_the_file_of_a_declaration_is_intact_as_it_was_issued(completed, pdf):
    verdict = by_file(io.BytesIO(pdf))

    assert verdict.state == FileState.INTACT
    assert verdict.document == declaration_verdict_on(completed)


def test_a_changed_file_of_a_declaration_is_known_by_its_code(completed, pdf):
    for position in (100, len(pdf) // 2, len(pdf) - 3):
        verdict = by_file(io.BytesIO(altered(pdf, position)))
        assert verdict.state == FileState.ALTERED
        assert verdict.document == declaration_verdict_on(completed)


def test_a_voided_declaration_is_void_with_its_time_and_without_its_reason(completed, pdf):
    declaration.void(completed, reason="Alasan rahasia", by=None)
    completed.refresh_from_db()

    verdict = declaration_verdict_on(completed)

    assert verdict.state == State.VOID
    assert verdict.voided_at == completed.voided_at
    assert "Alasan rahasia" not in repr(verdict)
    assert by_file(io.BytesIO(pdf)).document == verdict


def test_a_declaration_of_the_demo_is_an_example(city, sealer):
    event = cast.make_open_ceremony(city, is_example=True)
    cast.sign(cast.someone(event))
    completed = declaration.close(event, by=None)
    issue(completed, sealer=sealer)

    assert declaration_verdict_on(completed).state == State.EXAMPLE


def test_the_document_of_a_signature_on_the_declaration_is_the_declarations(completed, pdf):
    verdict = verdict_on(on_declaration(completed, "representative").verification_code)

    assert verdict.state == State.GENUINE
    assert verdict.is_of_declaration
    assert verdict.declaration_code == completed.verification_code
    assert verdict.standing == "Perwakilan Kepala Sekolah SD"
    assert verdict.file_digest == completed.document.sha256
    assert verdict.sealed_at == completed.document.sealed_at


def test_a_witness_from_outside_has_no_number(completed, pdf):
    verdict = verdict_on(on_declaration(completed, "witness").verification_code)

    assert (verdict.name, verdict.standing) == ("C••• S•••", "Ketua KPU Kota Contoh")
    assert (verdict.identifier_label, verdict.identifier) == ("", "")


def test_a_signature_on_a_declaration_that_is_not_complete_waits_for_it(ceremony):
    cast.sign(cast.someone(ceremony))
    given = Signature.objects.get(pact__kind="declaration")

    verdict = verdict_on(given.verification_code)

    assert (verdict.state, verdict.declaration_code) == (State.UNSEALED, None)


def test_voiding_a_signature_on_the_declaration_makes_both_void(completed, pdf):
    given = on_declaration(completed, "witness")
    signing.void(given, reason="Alasan rahasia", by=None)

    given.refresh_from_db()
    verdict = verdict_on(given.verification_code)
    assert (verdict.state, verdict.voided_at) == (State.VOID, given.voided_at)
    assert verdict.declaration_code == completed.verification_code
    assert declaration_verdict_on(completed).state == State.VOID
    others = verdict_on(on_declaration(completed, "presiding").verification_code)
    assert others.state == State.UNSEALED


def test_a_representatives_own_pact_verifies_as_everybodys_does(completed):
    own = Signature.objects.get(pact__kind="individual", signatory__nip=SITI)

    verdict = verdict_on(own.verification_code)

    assert not verdict.is_of_declaration
    assert verdict.standing == ""


def test_a_signature_that_was_sent_later_verifies_as_sent_later(siti):
    claimed = timezone.now() - datetime.timedelta(days=1)
    signature = signing.sign(
        cast.ticket_of(siti),
        mark=DRAWN,
        consents=range(1, 5),
        delivery=Delivery(device="x", claimed_at=claimed, is_sent_later=True),
    )

    verdict = verdict_on(signature.verification_code)

    assert verdict.is_sent_later
    assert verdict.signed_at == signature.signed_at
    assert not verdict_on_another(siti).is_sent_later


def verdict_on_another(person) -> Verdict:
    return verdict_on(cast.sign(cast.someone(person.event, BUDI)).verification_code)


def test_a_refusal_verifies_as_a_refusal_and_no_pact(siti):
    refusal = Refusal.objects.create(signatory=siti, reason="Alasan rahasia")

    verdict = by_code(refusal.verification_code)

    assert verdict == RefusalVerdict(
        code=refusal.verification_code,
        agency="Pemerintah Kota Contoh",
        event="Apel dan Penandatanganan Pakta Integritas Netralitas ASN",
        name="S••• A•••",
        is_example=False,
        refused_at=refusal.refused_at,
        taken_back_at=None,
        deleted_at=None,
    )
    assert verdict.state == State.DECLINED
    assert "rahasia" not in repr(verdict)


def test_a_refusal_that_was_taken_back_by_signing_says_so(siti):
    refusal = Refusal.objects.create(signatory=siti)
    signature = cast.sign(siti)
    refusal.refresh_from_db()

    verdict = by_code(refusal.verification_code)

    assert isinstance(verdict, RefusalVerdict)
    assert verdict.taken_back_at == refusal.taken_back_at
    assert verdict.taken_back_at is not None
    assert verdict_on(signature.verification_code).state == State.UNSEALED
