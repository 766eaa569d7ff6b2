import datetime
import hashlib
import logging
import threading
import time
import zlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pakta.storage import names_in
from pledges import declaration, identity, marks, signing
from pledges.demo.sources import SOURCES
from pledges.documents import issue as issuing
from pledges.documents.issue import (
    BrokenEvidence,
    Worker,
    issue,
    pending,
    pending_declarations,
)
from pledges.documents.seal import Sealer
from pledges.models import Declaration, Document, Event, SealCertificate, Signatory, Signature
from tests import cast
from tests.pdfs import a_certificate, pdfsig, stored, words
from tests.real_events import POINTS

EVERYBODY = (cast.SITI, cast.BUDI, cast.DEWI, cast.AGUS, cast.RAHMAT_NIK)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.key)
def test_every_point_of_each_of_the_five_events_is_found_in_the_sealed_pdf(source, city, sealer):
    told = source.data["event"]
    event = cast.make_open(
        city,
        points=source.points,
        title=told["title"],
        election=told["election"],
        is_example=True,
    )

    pdf = stored(issue(cast.sign(cast.someone(event)), sealer=sealer))

    text = words(pdf)
    for number, point in enumerate(POINTS[source.code], start=1):
        assert f"{number}. {point}" in text
    assert len(source.points) == len(POINTS[source.code])
    assert told["title"] in text
    assert "CONTOH – BUKAN DOKUMEN RESMI" in text
    assert "Signature is Valid." in pdfsig(pdf)


@pytest.mark.parametrize(
    ("method", "detail", "told"),
    [
        (identity.PERSONAL_LINK, "Contoh Petugas", "tautan pribadi yang dibagikan oleh Contoh"),
        (identity.PERSONAL_LINK, "", "melalui tautan pribadi yang dibagikan instansi"),
        (identity.PERSONAL_CODE, "Contoh Petugas", "dengan NIP dan kode pribadi yang dibagikan"),
        (identity.EMAIL_CODE, "s•••@x.example", "kode sekali pakai yang dikirim ke surel s•••@x"),
        (identity.LOGIN, "Login Contoh", "melalui login Login Contoh"),
        (identity.DESK, "Contoh Petugas", "diperiksa oleh petugas Contoh Petugas di meja petugas"),
    ],
)
def test_each_way_to_prove_who_one_is_ends_in_a_sealed_pdf_that_names_it(
    siti, sealer, method, detail, told
):
    ticket = identity.issue(siti, method=method, detail=detail)
    signature = signing.sign(ticket, mark=marks.typed("Siti Aminah"), consents=range(1, 5))

    assert told in words(stored(issue(signature, sealer=sealer)))


def test_what_was_sent_later_ends_in_a_sealed_pdf_that_says_so(siti, sealer):
    claimed = datetime.datetime(2024, 7, 28, 1, 30, tzinfo=datetime.UTC)
    signature = signing.sign(
        cast.ticket_of(siti),
        mark=marks.typed("Siti Aminah"),
        consents=range(1, 5),
        delivery=signing.Delivery(claimed_at=claimed, is_sent_later=True),
    )

    text = words(stored(issue(signature, sealer=sealer)))

    assert "dikirim menyusul dan diterima server pada" in text
    assert "yang tidak diperiksa, ditandatangani 28 Juli 2024 pukul 08.30.00 WIB." in text


def test_a_document_is_stored_under_its_own_hash_with_its_size_and_checksum(siti, sealer):
    document = issue(cast.sign(siti), sealer=sealer)

    pdf = stored(document)
    digest = hashlib.sha256(pdf).hexdigest()
    assert document.sha256 == digest
    assert document.file == f"documents/{document.event_id}/{digest[:2]}/{digest}.pdf"
    assert document.size == len(pdf)
    assert document.crc32 == zlib.crc32(pdf)
    assert document.event == siti.event
    assert document.kind == "pact"


def test_issuing_twice_gives_the_same_document(siti, sealer):
    signature = cast.sign(siti)

    first, second = issue(signature, sealer=sealer), issue(signature, sealer=sealer)

    assert first == second
    assert Document.objects.count() == 1


def test_the_certificate_is_kept_once_for_all_documents(open_event, sealer):
    documents = [
        issue(cast.sign(cast.someone(open_event, nip)), sealer=sealer) for nip in EVERYBODY[:2]
    ]

    certificate = SealCertificate.objects.get()
    assert [document.certificate for document in documents] == [certificate, certificate]
    assert certificate.fingerprint == sealer.certificate.fingerprint
    assert certificate.chain == sealer.certificate.chain
    assert certificate.is_development


def test_the_document_tells_what_was_signed_and_not_what_the_roster_says_today(siti, sealer):
    signature = cast.sign(siti)
    Signatory.objects.filter(pk=siti.pk).update(name="Nama Baru", position="Jabatan Baru")

    text = words(stored(issue(Signature.objects.get(pk=signature.pk), sealer=sealer)))

    assert "Siti Aminah, S.Pd." in text
    assert "Baru" not in text


@pytest.mark.parametrize(
    "change",
    [{"mark": marks.typed("Orang Lain").stored}, {"statement": "changed"}],
    ids=["mark", "text"],
)
def test_a_mark_or_text_that_is_not_the_one_signed_is_never_sealed(siti, sealer, change):
    signature = cast.sign(siti)
    if change == {"statement": "changed"}:
        change = {"statement": signature.statement.replace(signature.pact.digest, "0" * 64)}
    Signature.objects.filter(pk=signature.pk).update(**change)

    with pytest.raises(BrokenEvidence):
        issue(Signature.objects.get(pk=signature.pk), sealer=sealer)

    assert not Document.objects.exists()


def files() -> list[str]:
    """Every document in the storage."""
    return list(names_in("documents/"))


def at_once(*calls) -> None:
    """Run each in a thread and on a database connection of its own, all started together."""
    start = threading.Barrier(len(calls))

    def run(call) -> None:
        start.wait()
        try:
            call()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_workers_that_make_the_same_document_at_once_leave_one_row_and_one_file(siti, sealer):
    signature = cast.sign(siti)
    before, got = files(), []

    at_once(*[lambda: got.append(issue(signature, sealer=sealer))] * 4)

    document = Document.objects.get()
    assert got == [document] * 4
    assert set(files()) - set(before) == {document.file}
    assert "Signature is Valid." in pdfsig(stored(document))


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_what_is_pending_and_seal_everybody_once(open_event, sealer):
    for nip in EVERYBODY:
        cast.sign(cast.someone(open_event, nip))
    before = files()

    at_once(Worker(sealer).round, Worker(sealer).round)

    assert Document.objects.count() == 5
    assert len(set(files()) - set(before)) == 5
    assert not pending().exists()


def test_a_round_seals_all_that_is_pending(open_event, sealer):
    for nip in EVERYBODY:
        cast.sign(cast.someone(open_event, nip))
    worker = Worker(sealer)

    worker.round()

    assert (worker.tally.documents, worker.tally.failed) == (5, 0)
    assert set(Document.objects.values_list("signature", flat=True)) == set(
        Signature.objects.values_list("pk", flat=True)
    )


def test_more_than_a_batch_is_sealed_in_one_round(open_event, sealer, monkeypatch):
    monkeypatch.setattr(issuing, "BATCH", 2)
    monkeypatch.setattr(issuing, "WINDOW", 4)
    for nip in EVERYBODY:
        cast.sign(cast.someone(open_event, nip))

    Worker(sealer).round()

    assert Document.objects.count() == 5


def test_rows_are_written_by_the_batch_and_not_one_by_one(open_event, sealer, monkeypatch):
    monkeypatch.setattr(issuing, "PARTS", 1)
    for nip in EVERYBODY:
        cast.sign(cast.someone(open_event, nip))
    worker = Worker(sealer)

    with CaptureQueriesContext(connection) as asked:
        worker.round()

    inserts = [each["sql"] for each in asked if 'INTO "pledges_document"' in each["sql"]]
    assert (len(inserts), worker.tally.documents) == (1, 5)


def test_of_a_batch_only_the_documents_of_a_purged_event_are_not_kept(
    open_event, city, sealer, monkeypatch, caplog
):
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(issuing, "PARTS", 1)
    other = cast.make_open(city)
    for nip in EVERYBODY[:2]:
        cast.sign(cast.someone(open_event, nip))
        cast.sign(cast.someone(other, nip))
    Event.objects.filter(pk=other.pk).update(purged_at=timezone.now())
    before, worker = files(), Worker(sealer)

    worker.round()

    assert (worker.tally.documents, worker.tally.failed) == (2, 2)
    assert set(Document.objects.values_list("event", flat=True)) == {open_event.pk}
    assert len(set(files()) - set(before)) == 2


def test_one_signature_that_cannot_be_sealed_holds_up_no_other(open_event, sealer, caplog):
    signatures = [cast.sign(cast.someone(open_event, nip)) for nip in EVERYBODY]
    Signature.objects.filter(pk=signatures[0].pk).update(statement="{}")
    worker = Worker(sealer)

    worker.round()

    assert (worker.tally.documents, worker.tally.failed) == (4, 1)
    assert [signature.pk for signature in pending()] == [signatures[0].pk]
    assert f"signature {signatures[0].pk} could not be sealed" in caplog.text


def test_what_failed_is_not_tried_again_at_once(siti, sealer, caplog):
    caplog.set_level(logging.CRITICAL)
    Signature.objects.filter(pk=cast.sign(siti).pk).update(statement="{}")
    worker = Worker(sealer)

    worker.round()
    worker.round()

    assert worker.tally.failed == 1


def test_what_failed_is_tried_again_later(siti, sealer, monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(issuing, "RETRY_AFTER", 0)
    signature = cast.sign(siti)
    Signature.objects.filter(pk=signature.pk).update(statement="{}")
    worker = Worker(sealer)
    worker.round()

    Signature.objects.filter(pk=signature.pk).update(statement=signature.statement)
    worker.round()

    assert (worker.tally.documents, worker.tally.failed) == (1, 1)


def test_a_broken_storage_loses_nothing(open_event, sealer, settings, tmp_path):
    for nip in EVERYBODY:
        cast.sign(cast.someone(open_event, nip))
    good = settings.STORAGES
    (tmp_path / "file").write_text("a file where a folder should be")
    broken = good["default"] | {"OPTIONS": {"location": tmp_path / "file" / "files"}}
    settings.STORAGES = good | {"default": broken}
    worker = Worker(sealer)
    worker.round()
    assert (worker.tally.documents, worker.tally.failed) == (0, 5)

    settings.STORAGES = good
    Worker(sealer).round()

    assert Document.objects.count() == 5


def test_a_database_that_is_away_is_no_failure_of_one_signature(siti, sealer):
    cast.sign(siti)
    worker = Worker(sealer)

    def away(execute, sql, params, many, context):
        if "INSERT" in sql:
            raise OperationalError("the connection was lost")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        worker.round()

    assert worker.tally.failed == 0
    worker.round()
    assert worker.tally.documents == 1


def test_a_round_stops_between_two_documents_when_asked_to(open_event, sealer):
    for nip in EVERYBODY:
        cast.sign(cast.someone(open_event, nip))
    worker = Worker(sealer)

    worker.round(stopping=lambda: worker.tally.documents == 2)

    assert Document.objects.count() == 2


def test_a_voided_signature_gets_no_document(siti, sealer):
    signature = cast.sign(siti)
    signature.voided_at, signature.void_reason = timezone.now(), "salah orang"
    signature.save()

    Worker(sealer).round()

    assert not Document.objects.exists()


def test_no_transaction_is_open_while_a_page_is_made(transactional_db, siti, sealer, monkeypatch):
    signature = cast.sign(siti)
    seen, cms = [], sealer.cms

    def watched(digest):
        seen.append(connection.in_atomic_block)
        return cms(digest)

    monkeypatch.setattr(sealer, "cms", watched)

    issue(signature, sealer=sealer)

    assert seen == [False]


# The joint declaration


@pytest.fixture
def completed(city) -> Declaration:
    """Signed by three of four, then closed: Budi's place is blank."""
    event = cast.make_open_ceremony(city)
    for person in (cast.someone(event, cast.DEWI), cast.someone(event), cast.outsider_of(event)):
        cast.sign(person)
    return declaration.close(event, by=None)


def test_a_completed_declaration_becomes_one_sealed_document(completed, sealer):
    document = issue(completed, sealer=sealer)

    pdf = stored(document)
    text = words(pdf)
    assert (document.kind, document.declaration, document.signature) == (
        "declaration", completed, None,
    )  # fmt: skip
    assert "Dr. Dewi Lestari, S.Pd., M.Pd." in text
    assert "Perwakilan Kepala Sekolah SD," in text
    assert "Ketua KPU Kota Contoh," in text
    assert text.count("(tidak menandatangani)") == 1
    assert "Ditutup oleh admin sebelum semua menandatangani" in text
    assert f"http://localhost:8000/v/{completed.verification_code}" in text
    assert "Signature is Valid." in pdfsig(pdf)


def test_sealing_a_declaration_twice_gives_the_same_document(completed, sealer):
    first = issue(completed, sealer=sealer)

    assert issue(completed, sealer=sealer) == first
    assert Document.objects.count() == 1


def test_a_representative_draws_once_and_the_mark_is_on_both_documents(completed, sealer):
    siti = cast.someone(completed.event)
    given = siti.signatures.all()

    assert len({signature.mark for signature in given}) == 1
    assert len({signature.nonce for signature in given}) == 1
    own = issue(given.get(pact__kind="individual"), sealer=sealer)
    both = (words(stored(own)), words(stored(issue(completed, sealer=sealer))))
    assert all("Siti Aminah, S.Pd." in text for text in both)


@pytest.mark.parametrize("change", ["mark", "statement", "gone", "text"])
def test_a_declaration_whose_evidence_was_changed_is_never_sealed(completed, sealer, change):
    given = Signature.objects.filter(pact__kind="declaration")
    if change == "mark":
        given.update(mark=marks.typed("Orang Lain").stored)
    if change == "statement":
        for signature in given:
            signature.statement = signature.statement.replace("Siti", "Sita")
            signature.save()
    if change == "gone":
        Declaration.objects.update(statement=completed.statement.replace(
            given.first().verification_code, "0" * 16
        ))  # fmt: skip
    if change == "text":
        digest = completed.pact.digest
        Declaration.objects.update(statement=completed.statement.replace(digest, "0" * 64))

    with pytest.raises(BrokenEvidence):
        issue(Declaration.objects.get(), sealer=sealer)

    assert not Document.objects.filter(kind="declaration").exists()


def test_a_round_seals_declarations_with_the_pacts_and_counts_them(completed, sealer):
    worker = Worker(sealer)

    worker.round()

    assert (worker.tally.documents, worker.tally.failed) == (3, 0)
    assert not pending_declarations().exists()
    assert Document.objects.filter(kind="declaration").count() == 1
    assert Document.objects.filter(kind="pact").count() == 2


def test_a_declaration_that_cannot_be_sealed_holds_up_no_pact(completed, sealer, caplog):
    Declaration.objects.update(statement="{}")
    worker = Worker(sealer)

    worker.round()
    worker.round()

    assert (worker.tally.documents, worker.tally.failed) == (2, 1)
    assert f"declaration {completed.pk} could not be sealed" in caplog.text


def test_a_pact_that_cannot_be_sealed_holds_up_no_declaration(completed, sealer, caplog):
    caplog.set_level(logging.CRITICAL)
    Signature.objects.filter(pact__kind="individual").update(statement="{}")

    Worker(sealer).round()

    assert Document.objects.get().declaration == completed


def test_a_declaration_that_is_completed_during_a_round_is_sealed_in_that_round(
    city, sealer, monkeypatch
):
    monkeypatch.setattr(issuing, "WINDOW", 1)
    event = cast.make_open_ceremony(city)
    cast.sign(cast.someone(event))
    worker = Worker(sealer)

    def closes_it() -> bool:
        if declaration.current(event) is None:
            declaration.close(event, by=None)
        return False

    worker.round(stopping=closes_it)

    assert Document.objects.filter(kind="declaration").count() == 1


def test_a_declaration_voided_before_it_was_sealed_gets_no_document(completed, sealer):
    declaration.void(completed, reason="Salah tempat", by=None)

    Worker(sealer).round()

    assert not Document.objects.filter(kind="declaration").exists()


def test_a_sealed_declaration_that_is_voided_keeps_its_document(completed, sealer):
    document = issue(completed, sealer=sealer)
    given = Signature.objects.get(pact__kind="declaration", signatory__part="witness")
    signing.void(given, reason="Salah orang", by=None)

    Worker(sealer).round()

    assert Document.objects.get(kind="declaration") == document


@pytest.mark.django_db(transaction=True)
def test_workers_that_make_the_same_declaration_at_once_leave_one_row_and_one_file(
    completed, sealer
):
    before, got = files(), []

    at_once(*[lambda: got.append(issue(completed, sealer=sealer))] * 4)

    document = Document.objects.get()
    assert got == [document] * 4
    assert set(files()) - set(before) == {document.file}


# The certificate's end


@pytest.mark.parametrize(("days", "warns"), [(29.5, True), (31.5, False)])
def test_a_certificate_is_warned_of_from_thirty_days_before_it_expires_once_a_day(
    db, days, warns, caplog, monkeypatch
):
    key = ec.generate_private_key(ec.SECP256R1())
    worker = Worker(Sealer(key, [a_certificate(key, days=(-1, days))]))
    now = time.monotonic()

    said = []
    for later in (0, 60, 24 * 60 * 60 + 1):
        monkeypatch.setattr(time, "monotonic", lambda later=later: now + later)
        worker.round()
        said.append(caplog.text.count("berakhir dalam 29 hari"))

    assert said == ([1, 1, 2] if warns else [0, 0, 0])
