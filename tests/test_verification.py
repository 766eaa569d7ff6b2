import datetime
import io
import random
import time

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from pledges import verification
from pledges.documents.issue import issue
from pledges.documents.seal import OutsideValidity, Sealer
from pledges.models import MatchAttempt, Signature
from pledges.verdicts import (
    DeclarationVerdict,
    State,
    Verdict,
)
from pledges.verification import (
    FileState,
    FileTooLarge,
    NotAPdf,
    OnDocument,
    TooManyTries,
    by_code,
    by_file,
    matches_identifier,
    seal_holds,
)
from tests import cast
from tests.pdfs import a_certificate, altered, sealed


@pytest.fixture
def signature(siti) -> Signature:
    return cast.sign(siti)


@pytest.fixture
def pdf(signature, sealer) -> bytes:
    return sealed(signature, sealer)


def verdict_on(signature: Signature) -> Verdict:
    verdict = by_code(signature.verification_code)
    assert isinstance(verdict, Verdict)
    return verdict


def document_in(pdf: bytes) -> OnDocument:
    document = by_file(io.BytesIO(pdf)).document
    assert isinstance(document, Verdict | DeclarationVerdict)
    return document


def test_a_code_tells_event_time_unit_and_masked_person(signature, pdf):
    verdict = verdict_on(signature)

    assert verdict.state == State.GENUINE
    assert verdict.agency == "Pemerintah Kota Contoh"
    assert verdict.event == "Apel dan Penandatanganan Pakta Integritas Netralitas ASN"
    assert verdict.unit == "SDN 1 Contoh"
    assert verdict.name == "S••• A•••"
    assert (verdict.identifier_label, verdict.identifier) == ("NIP", "1980••••••••••2001")
    assert verdict.signed_at == signature.signed_at
    assert verdict.signed_at.tzname() == "WIB"
    assert verdict.pact_digest == signature.pact.digest
    assert verdict.sealed_at == signature.document.sealed_at
    assert verdict.is_development_seal
    assert not verdict.is_late


def test_nothing_that_the_public_sees_names_the_person(signature, pdf):
    shown = repr(by_code(signature.verification_code))

    for secret in ("Siti", "Aminah", cast.SITI, "19800101", "Guru", "siti@contoh.example"):
        assert secret not in shown


def test_a_code_may_be_typed_in_groups_small_and_with_look_alikes(signature):
    code = signature.verification_code
    typed = "-".join(code[at : at + 4] for at in range(0, 16, 4)).lower()
    typed = typed.replace("0", "o").replace("1", "l")

    assert by_code(f" {typed} ") == by_code(code)


@pytest.mark.parametrize("code", ["", "0000000000000000", "<script>", "x" * 5000])
def test_a_code_that_was_never_given_has_no_verdict(code, signature):
    assert by_code(code) is None


def test_a_signature_that_is_not_sealed_yet_is_told_so(signature):
    verdict = verdict_on(signature)

    assert verdict.state == State.UNSEALED
    assert verdict.sealed_at is None


def test_a_voided_document_is_void(signature, pdf):
    signature.voided_at, signature.void_reason = timezone.now(), "salah orang"
    signature.save()

    assert verdict_on(signature).state == State.VOID
    assert document_in(pdf).state == State.VOID


def test_a_document_of_the_demo_is_an_example_even_when_intact(city, sealer):
    event = cast.make_open(city, is_example=True)
    signature = cast.sign(cast.someone(event))
    assert verdict_on(signature).state == State.EXAMPLE

    pdf = sealed(signature, sealer)

    assert by_file(io.BytesIO(pdf)).state == FileState.INTACT
    assert document_in(pdf).state == State.EXAMPLE


def test_a_late_signature_is_told_as_late(city, sealer):
    event = cast.make_open(city, deadline=timezone.now() - datetime.timedelta(days=1))

    assert verdict_on(cast.sign(cast.someone(event))).is_late


def test_a_nik_stays_masked(rahmat):
    verdict = verdict_on(cast.sign(rahmat))

    assert (verdict.identifier_label, verdict.identifier) == ("NIK", "3273••••••••••01")


def test_a_file_as_it_was_issued_is_intact(signature, pdf):
    verdict = by_file(io.BytesIO(pdf))

    assert verdict.state == FileState.INTACT
    assert verdict.document == by_code(signature.verification_code)


def test_one_changed_byte_anywhere_makes_it_altered(signature, pdf):
    positions = random.Random(2).sample(range(len(pdf)), 210)
    marks = [match.start(1) for match in verification._MARKS.finditer(pdf)]
    marks += [match.start(1) for match in verification._HEX_MARKS.finditer(pdf)]

    # Beside those of the seal and of the /ID there are those of link and picture.
    assert len(marks) == 6
    for position in [0, len(pdf) - 1, *marks, *positions]:
        changed = altered(pdf, position)
        assert by_file(io.BytesIO(changed)).state == FileState.ALTERED, position
        assert document_in(changed) == verdict_on(signature)


def test_a_byte_added_at_the_end_makes_it_altered(pdf):
    assert by_file(io.BytesIO(pdf + b"\n")).state == FileState.ALTERED


def test_a_truncated_file_is_altered(pdf):
    assert by_file(io.BytesIO(pdf[: len(pdf) - 2000])).state == FileState.ALTERED


def test_a_file_that_another_program_saved_again_is_altered(signature, pdf):
    again = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(again, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    assert by_file(io.BytesIO(again.getvalue())).state == FileState.ALTERED
    assert document_in(again.getvalue()) == verdict_on(signature)


def another_pdf() -> bytes:
    output = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(output)
    return output.getvalue()


def test_a_pdf_from_elsewhere_was_not_issued_here(pdf):
    verdict = by_file(io.BytesIO(another_pdf()))

    assert verdict.state == FileState.UNKNOWN
    assert verdict.document is None


def test_a_pdf_with_a_code_that_was_never_given_was_not_issued_here(pdf):
    other = another_pdf() + b"pakta:0000000000000000 /v/ZZZZZZZZZZZZZZZZ"

    assert by_file(io.BytesIO(other)).state == FileState.UNKNOWN


def test_a_file_full_of_codes_is_looked_up_in_few_short_queries(pdf, django_assert_num_queries):
    other = another_pdf() + b"".join(b"pakta:%016d " % number for number in range(20_000))

    with django_assert_num_queries(4):
        assert by_file(io.BytesIO(other)).state == FileState.UNKNOWN


@pytest.mark.parametrize("data", [b"", b"a photograph", b"PK\x03\x04 a ZIP"])
def test_an_upload_that_is_no_pdf_is_told_what_to_send(data, pdf):
    with pytest.raises(NotAPdf, match="bukan PDF"):
        by_file(io.BytesIO(data))


def test_an_enormous_upload_is_read_no_further_than_ten_megabytes(db):
    class Endless(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert size >= 0, "never all of it"
            self.taken += size
            return b"x" * size

    file = Endless()
    with pytest.raises(FileTooLarge, match="10 MB"):
        by_file(file)

    assert file.taken <= verification.MAX_BYTES + 1


def test_the_nip_on_the_paper_matches_and_another_does_not(signature):
    assert matches_identifier(signature, cast.SITI)
    assert matches_identifier(signature, "19800101 200501 2 001")
    assert not matches_identifier(signature, cast.BUDI)
    assert not matches_identifier(signature, "")
    assert not matches_identifier(signature, "19800101200501200¹")


def test_a_nik_matches_though_it_is_kept_as_a_hash(rahmat):
    signature = cast.sign(rahmat)

    assert matches_identifier(signature, cast.RAHMAT_NIK)
    assert not matches_identifier(signature, "3273010505900002")
    assert not matches_identifier(signature, "3273••••••••••01")


def test_ten_numbers_an_hour_may_be_compared_with_one_document(signature):
    for _ in range(10):
        matches_identifier(signature, "1")

    with pytest.raises(TooManyTries, match="Coba lagi 60 menit lagi"):
        matches_identifier(signature, cast.SITI)


def test_comparing_with_one_document_locks_no_other(signature, open_event):
    other = cast.sign(cast.someone(open_event, cast.BUDI))
    for _ in range(10):
        matches_identifier(signature, "1")

    assert matches_identifier(other, cast.BUDI)


def test_after_an_hour_numbers_may_be_compared_again(signature):
    for _ in range(10):
        matches_identifier(signature, "1")
    MatchAttempt.objects.update(since=timezone.now() - datetime.timedelta(minutes=61))

    assert matches_identifier(signature, cast.SITI)


def test_the_seal_of_an_intact_document_holds(pdf):
    assert seal_holds(pdf)


def test_a_document_still_verifies_when_its_certificate_has_expired_and_was_replaced(
    signature, open_event, sealer
):
    key = ec.generate_private_key(ec.SECP256R1())
    old = Sealer(key, [a_certificate(key, days=(-1, 9 / 86_400))])
    pdf = sealed(signature, old)
    while timezone.now() <= old.certificate.not_after:
        time.sleep(0.1)
    with pytest.raises(OutsideValidity):
        old.require_validity()
    issue(cast.sign(cast.someone(open_event, cast.BUDI)), sealer=sealer)

    assert by_file(io.BytesIO(pdf)).state == FileState.INTACT
    assert seal_holds(pdf)
