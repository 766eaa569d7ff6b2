"""Timestamps by a real authority, and what happens when it hangs, refuses or lies."""

from __future__ import annotations

import asyncio
import datetime
import io
import subprocess
import time
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command
from django.utils import timezone
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.ades import ades_with_time_validation
from pyhanko.sign.validation.policy_decl import SignatureValidationSpec
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from pledges import declaration, health, verification
from pledges.documents import press, seal, timestamps
from pledges.documents.issue import Worker, issue
from pledges.documents.seal import NoSealingKey, Sealer
from pledges.documents.timestamps import AuthorityAway
from pledges.models import Document, Signature
from pledges.verification import FileState
from tests import authorities, cast
from tests.authorities import Authority
from tests.conftest import MANAGE, process_environment
from tests.pdfs import DRAWN, a_certificate, a_text, an_act, pdfsig, stored
from tests.test_command_seal_pending import wait_for
from tests.test_documents_issue import files

EVERYBODY = (cast.SITI, cast.BUDI, cast.DEWI)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(timestamps, "TIMEOUT", 0.5)


def a_sealer() -> Sealer:
    key = ec.generate_private_key(ec.SECP256R1())
    return Sealer(key, [a_certificate(key, days=(-1, 30))], timestamps.load())


def pressed(sealer: Sealer) -> bytes:
    return press.press(a_text(), an_act(), DRAWN, sealer=sealer)


def roots(sealer: Sealer, authority: Authority):
    pems = (sealer.certificate.chain.encode(), authority.real.root.read_bytes())
    return [list(load_certs_from_pemder_data(pem)) for pem in pems]


def embedded(pdf: bytes):
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return signature


def validated(pdf: bytes, sealer: Sealer, authority: Authority):
    own, theirs = (ValidationContext(trust_roots=each) for each in roots(sealer, authority))
    return validate_pdf_signature(embedded(pdf), own, theirs)


def stamp_of(pdf: bytes):
    return timestamps.found_in(embedded(pdf).signer_info)


def is_stamped(pdf: bytes) -> bool:
    return stamp_of(pdf) is not None


def test_with_an_authority_a_pressed_document_is_valid_for_pyhanko_and_pdfsig(authority):
    sealer, before = a_sealer(), press.counted["pressed"]

    pdf = pressed(sealer)

    status = validated(pdf, sealer, authority)
    assert press.counted["pressed"] == before + 1
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert status.timestamp_validity.trusted
    assert abs(status.timestamp_validity.timestamp - timezone.now()) < datetime.timedelta(minutes=1)
    assert "Signature is Valid." in pdfsig(pdf)
    assert "Total document signed" in pdfsig(pdf)


def test_it_passes_as_ades_with_time(authority):
    """ETSI EN 319 102-1, 5.5: what makes a B-T of a B-B."""
    sealer = a_sealer()
    own, theirs = (
        CertValidationPolicySpec(SimpleTrustManager.build(each), CertRevTrustPolicy(NO_REVOCATION))
        for each in roots(sealer, authority)
    )
    signature = embedded(pressed(sealer))

    result = asyncio.run(
        ades_with_time_validation(
            signature.signed_data,
            SignatureValidationSpec(own, ts_cert_validation_policy=theirs),
            raw_digest=signature.compute_digest(),
        )
    )

    assert result.ades_subindic == AdESPassed.OK
    assert abs(result.best_signature_time - timezone.now()) < datetime.timedelta(minutes=1)


def test_one_changed_byte_of_the_timestamp_is_noticed(authority):
    sealer = a_sealer()
    pdf = pressed(sealer)
    stamp = stamp_of(pdf).dump()
    # The last digits of the authority's own signature.
    end = stamp[-20:].hex().encode()

    changed = pdf.replace(end, end[:-1] + (b"1" if end.endswith(b"0") else b"0"))

    assert validated(pdf, sealer, authority).bottom_line
    assert not validated(changed, sealer, authority).bottom_line


def test_32_kb_are_reserved_for_a_seal_with_a_timestamp(authority, settings):
    pdf = pressed(a_sealer())

    assert len(embedded(pdf).pkcs7_content) == 16 * 1024
    assert 55_000 < len(pdf) < 68_000
    settings.TIMESTAMP_URL = ""
    assert len(pressed(a_sealer())) < 35_000


def test_a_form_asks_for_no_timestamp_and_a_document_for_one(authority):
    sealer = a_sealer()

    for _ in range(3):
        pressed(sealer)

    assert len(authority.asked) == 3


def test_a_document_that_is_laid_out_carries_a_timestamp_too(authority):
    sealer = a_sealer()

    pdf = press.press(a_text(), an_act(name="عائشة"), DRAWN, sealer=sealer)

    assert validated(pdf, sealer, authority).bottom_line
    assert is_stamped(pdf)
    assert len(authority.asked) == 1


def test_the_authority_is_asked_as_whom_the_settings_say(authority, settings):
    settings.TIMESTAMP_USER, settings.TIMESTAMP_PASSWORD = "kota", "rahasia"

    a_sealer().cms(b"x" * 32)

    assert authority.asked[0][1] == "Basic a290YTpyYWhhc2lh"


LIES = {
    "hangs": (lambda a: a.hangs, "TimeoutError"),
    "drips": (lambda a: a.drips, "TimeoutError"),
    "refuses": (lambda a: authorities.refuses, "it answers 503"),
    "a page": (lambda a: authorities.shows_a_page, "it answers 200, text/html"),
    "something else": (lambda a: authorities.says_something_else, "ValueError"),
    "nothing": (lambda a: authorities.says_nothing, "ValueError"),
    "a rejection": (lambda a: authorities.rejects, "it says rejection"),
    "too much": (lambda a: authorities.says_more_than_there_is_room_for, "more than 15"),
    "a wrong nonce": (
        lambda a: authorities.answers_another_question(a.real, nonce=1), "another question",
    ),
    "a wrong digest": (
        lambda a: authorities.answers_another_question(a.real, digest=b"x" * 32),
        "what it signed, is wrong",
    ),
    "a redirection": (lambda a: authorities.leads_to(a.real.url), "it answers 307"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_what_an_authority_does_wrong_is_told_and_no_document_is_made_of_it(authority, lie):
    behaves, told = LIES[lie]
    authority.behaves = behaves(authority)
    sealer = a_sealer()
    start = time.monotonic()

    with pytest.raises(AuthorityAway, match=told) as raised:
        sealer.cms(b"x" * 32)

    assert time.monotonic() - start < 5
    assert sealer.lacks_timestamps
    assert "rahasia" not in str(raised.value)


def test_an_authority_that_is_not_trusted_is_none(authority, settings, tmp_path):
    other = a_certificate(ec.generate_private_key(ec.SECP256R1()), days=(-1, 30))
    settings.TIMESTAMP_CA = str(tmp_path / "other.pem")
    (tmp_path / "other.pem").write_bytes(other.public_bytes(Encoding.PEM))

    with pytest.raises(AuthorityAway, match="does not lead to those in TIMESTAMP_CA"):
        a_sealer().cms(b"x" * 32)


def test_an_authority_that_is_not_there_is_told_by_its_host_and_without_the_password(
    authority, settings
):
    settings.TIMESTAMP_URL = "http://kota:rahasia@127.0.0.1:1/stempel"

    with pytest.raises(AuthorityAway) as raised:
        a_sealer().cms(b"x" * 32)

    assert str(raised.value) == "127.0.0.1 gave no timestamp: ClientConnectorError"


@pytest.fixture
def worker(authority, open_event) -> Worker:
    for nip in EVERYBODY:
        cast.sign(cast.someone(open_event, nip))
    return Worker(a_sealer())


def passes(monkeypatch, *, minutes: float) -> None:
    """So much time."""
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 60 * minutes)
    monkeypatch.setattr(timestamps, "time", clock)


def test_each_document_tells_when_the_authority_says_that_it_was_sealed(worker):
    worker.round()

    documents = list(Document.objects.all())
    assert len(documents) == 3
    for document in documents:
        stamp = stamp_of(stored(document))
        told = stamp["encap_content_info"]["content"].parsed["gen_time"].native
        assert document.timestamped_at == told


@pytest.mark.parametrize("wrong", ["hangs", "refuses"])
def test_an_authority_that_hangs_or_refuses_never_stops_signing_and_nothing_is_lost(
    worker, authority, open_event, wrong
):
    authority.behaves = LIES[wrong][0](authority)

    with pytest.raises(AuthorityAway):
        worker.round()
    late = cast.sign(cast.someone(open_event, cast.AGUS))

    assert late.signed_at
    assert not Document.objects.exists()
    authority.behaves = authority.passes_on
    worker.round()
    assert Document.objects.exclude(timestamped_at=None).count() == 4
    assert worker.tally.failed == 0


def test_what_was_made_before_the_authority_went_away_is_kept(worker, authority, monkeypatch):
    monkeypatch.setattr("pledges.documents.issue.PARTS", 1)
    before = set(files())

    def once(handler, question: bytes) -> None:
        authority.behaves = authorities.refuses
        authority.passes_on(handler, question)

    authority.behaves = once

    with pytest.raises(AuthorityAway):
        worker.round()

    document = Document.objects.get()
    assert document.timestamped_at
    assert set(files()) - before == {document.file}


def test_a_document_waits_ten_minutes_for_its_timestamp_and_then_does_without(
    worker, authority, monkeypatch, caplog
):
    authority.behaves = authorities.refuses
    for minutes in (0, 5, 9.9):
        passes(monkeypatch, minutes=minutes)
        with pytest.raises(AuthorityAway):
            worker.round()

    passes(monkeypatch, minutes=10.1)
    worker.round()

    assert Document.objects.filter(timestamped_at=None).count() == 3
    assert not any(is_stamped(stored(document)) for document in Document.objects.all())
    assert caplog.messages[-1] == (
        "documents are sealed without a timestamp: 127.0.0.1 gave no timestamp: "
        "it answers 503, text/plain"
    )
    # Once for each round, and not for each document.
    assert len(authority.asked) == 4


def test_an_authority_that_is_back_is_asked_again_and_nothing_is_sealed_again(
    worker, authority, open_event, monkeypatch
):
    authority.behaves = authorities.refuses
    with pytest.raises(AuthorityAway):
        worker.round()
    passes(monkeypatch, minutes=10.1)
    worker.round()
    before = list(Document.objects.values_list("sha256", flat=True))
    authority.behaves = authority.passes_on
    late = cast.sign(cast.someone(open_event, cast.AGUS))

    passes(monkeypatch, minutes=11.2)
    worker.round()

    assert Document.objects.get(signature=late).timestamped_at
    assert list(Document.objects.exclude(signature=late).values_list("sha256", flat=True)) == before


def test_an_agency_that_wants_to_wait_for_nothing_says_so(authority, settings):
    settings.TIMESTAMP_WAIT = 0
    authority.behaves = authorities.refuses
    sealer = a_sealer()

    pdf = pressed(sealer)

    assert not is_stamped(pdf)
    assert validated(pdf, sealer, authority).bottom_line
    assert "Signature is Valid." in pdfsig(pdf)
    assert sealer.lacks_timestamps


def test_without_an_authority_nobody_is_asked(authority, settings, open_event):
    settings.TIMESTAMP_URL = ""

    document = issue(cast.sign(cast.someone(open_event, cast.SITI)), sealer=a_sealer())

    assert authority.asked == []
    assert document.timestamped_at is None
    assert not is_stamped(stored(document))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TIMESTAMP_URL", "ftp://waktu.example", "TIMESTAMP_URL harus alamat"),
        ("TIMESTAMP_URL", "waktu.example", "TIMESTAMP_URL harus alamat"),
        ("TIMESTAMP_CA", "", "TIMESTAMP_CA belum diisi"),
        ("TIMESTAMP_CA", "/nowhere/root.pem", "TIMESTAMP_CA tidak dapat dibaca.*root.pem"),
    ],
)
def test_an_authority_that_cannot_be_asked_is_refused_at_the_start(
    authority, sealer, settings, name, value, told
):
    setattr(settings, name, value)

    with pytest.raises(NoSealingKey, match=told):
        seal.load()


def test_documents_with_and_without_a_timestamp_verify(worker, authority, monkeypatch, open_event):
    with_one = issue(Signature.objects.all()[0], sealer=a_sealer())
    authority.behaves = authorities.refuses
    monkeypatch.setattr(timestamps, "PAUSE", 0)
    with pytest.raises(AuthorityAway):
        worker.round()
    passes(monkeypatch, minutes=10.1)
    worker.round()
    without = Document.objects.filter(timestamped_at=None)[0]

    for document in (with_one, without):
        pdf = stored(document)
        found = verification.by_file(io.BytesIO(pdf))
        assert found.state == FileState.INTACT
        assert found.document.timestamped_at == document.timestamped_at
        assert verification.seal_holds(pdf)


def test_a_joint_declaration_carries_a_timestamp(authority, city):
    event = cast.make_open_ceremony(city)
    cast.sign(cast.someone(event))

    document = issue(declaration.close(event, by=None), sealer=a_sealer())

    assert document.timestamped_at
    assert verification.seal_holds(stored(document))


def test_watching_it_waits_for_an_authority_visibly_and_then_seals_what_waited(
    authority, transactional_db, sealer, open_event
):
    authority.behaves = authorities.refuses
    cast.sign(cast.someone(open_event, cast.SITI))
    process = subprocess.Popen(
        [*MANAGE, "seal_pending", "--watch", "--interval", "0.2"],
        env=process_environment() | {
            "TIMESTAMP_URL": authority.url, "TIMESTAMP_CA": str(authority.real.root),
        },
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            wait_for(lambda: not health.examine().timestamps)
            assert health.examine().is_ready
            assert not Document.objects.exists()
            authority.behaves = authority.passes_on
            wait_for(Document.objects.exists)
        finally:
            process.terminate()
        told = process.stderr.read()

    assert process.returncode == 0
    assert "127.0.0.1 gave no timestamp: it answers 503" in told
    assert Document.objects.get().timestamped_at


def test_once_it_ends_with_the_reason(authority, sealer, open_event):
    authority.behaves = authorities.refuses
    cast.sign(cast.someone(open_event, cast.SITI))

    with pytest.raises(CommandError, match="gave no timestamp: it answers 503"):
        call_command("seal_pending")
