"""What goes when an event's time is over, what stays, and what is said of it then."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from pledges import (
    access,
    books,
    declaration,
    disputes,
    events,
    exports,
    identity,
    pact,
    progress,
    refusals,
    reports,
    retention,
    signing,
    verification,
)
from pledges.documents import copies, press
from pledges.documents.issue import Worker, issue
from pledges.events import Purged, WrongState
from pledges.models import (
    AuditEntry,
    CodeAttempt,
    Correction,
    Declaration,
    Dispute,
    Document,
    EmailCode,
    Event,
    Excuse,
    Export,
    Import,
    Notice,
    Refusal,
    Reminder,
    Report,
    Scan,
    Signatory,
    Signature,
)
from pledges.paper import reader, scans
from pledges.retention import StillKept
from pledges.verdicts import PurgedVerdict, RefusalVerdict
from pledges.verification import FileState
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, RAHMAT_NIK, SITI
from tests.pdfs import stored
from tests.photographs import pdf
from tests.test_books import ask as ask_for_book
from tests.test_downloads import ask

LONG_AGO = datetime.date(2010, 7, 29)
SECRETS = (
    SITI, BUDI, "Siti Aminah", "Budi Santoso", "Rahmat Hidayat", "Dewi Lestari", "Contoh Saksi",
    "siti@contoh.example", "08123456789", "Alasan Budi", "Data saya keliru", "Bukan saya",
    "Rawat inap", "Salah orang", "Kepala Dinas", "M100 200",
)  # fmt: skip


def keep_file(name: str, content: bytes = b"secret") -> str:
    return default_storage.save(name, ContentFile(content))


@pytest.fixture
def full(city, sealer, admin) -> Event:
    """A closed event of long ago with one of everything that can be held."""
    event = cast.make_open_ceremony(city, date=LONG_AGO, allows_refusal=True)
    siti, budi, dewi = (cast.someone(event, nip) for nip in (SITI, BUDI, DEWI))
    Signatory.objects.filter(pk=siti.pk).update(phone="08123456789")
    for person in (siti, dewi, cast.someone(event, RAHMAT_NIK)):
        cast.sign(person)
    wrong = cast.sign(cast.someone(event, AGUS))
    signing.void(wrong, reason="Salah orang", by=admin)
    for signature in Signature.objects.live().of_pacts():
        issue(signature, sealer=sealer)
    completed = declaration.close(event, by=admin)
    issue(completed, sealer=sealer)
    of_siti = siti.signatures.of_pacts().get()
    Refusal.objects.create(signatory=budi, reason="Alasan Budi")
    Excuse.objects.create(signatory=budi, code="sick", note="Rawat inap")
    Correction.objects.create(
        event=event, signatory=siti, unit=city.school, message="Data saya keliru"
    )
    Correction.objects.create(
        event=event, unit=city.school, name="Budi Santoso", nip=BUDI, message="x"
    )
    Dispute.objects.create(signature=of_siti, message="Bukan saya")
    Notice.objects.filter(signature=of_siti).update(error="SMTPDataError 550")
    Reminder.objects.create(signatory=budi, channel="email", day=LONG_AGO, error="550")
    EmailCode.objects.create(signatory=budi)
    CodeAttempt.objects.create(event=event, identifier_hash="0" * 64)
    Report.objects.create(
        event=event, unit=city.agency, kind="recap", statement='{"missing": ["Budi Santoso"]}'
    )
    Export.objects.create(
        event=event, unit=city.agency, kind="documents", asked_by=admin, documents=3,
        index=keep_file("exports/index"),
    )  # fmt: skip
    Import.objects.create(
        event=event, filename="Siti Aminah.xlsx", file=keep_file("imports/file"), state="enrolled"
    )
    Scan.objects.create(
        event=event, filename="Siti Aminah.jpg", file=keep_file("scans/one.jpg"), sha256="1" * 64,
        state="tray", problem="signed",
    )  # fmt: skip
    return events.close(event, by=None)


def everything_in_the_database() -> str:
    """Of every table but the frozen texts and the event itself, which name no signer."""
    from django.apps import apps

    kept = {"Event", "Agency", "User", "Pact", "PledgePoint", "Membership"}
    models = [model for model in apps.get_models() if model.__name__ not in kept]
    return "\n".join(str(row) for model in models for row in model._default_manager.values())


# When


def test_data_are_kept_for_five_years_after_the_events_date_unless_set_otherwise(draft_event):
    assert retention.expires_on(draft_event) == datetime.date(2029, 7, 29)
    event = retention.set_years(draft_event, years=10, by=None)
    assert retention.expires_on(event) == datetime.date(2034, 7, 29)
    assert AuditEntry.objects.get(action="retention.set").details == {"years": 10}


def test_an_event_on_a_leap_day_is_kept_until_the_first_of_march(draft_event):
    draft_event.date = datetime.date(2024, 2, 29)
    assert retention.expires_on(draft_event) == datetime.date(2029, 3, 1)


@pytest.mark.parametrize("years", [0, 31])
def test_data_are_kept_for_1_to_30_years(draft_event, years):
    with pytest.raises(IntegrityError), transaction.atomic():
        retention.set_years(draft_event, years=years, by=None)


def test_the_years_can_be_set_after_publication_and_after_closing(open_event):
    assert retention.set_years(open_event, years=2, by=None).retention_years == 2
    events.close(open_event, by=None)
    assert retention.set_years(open_event, years=3, by=None).retention_years == 3


def test_an_event_whose_time_has_not_come_is_not_purged(closed_event):
    closed_event.date = timezone.now().date()
    closed_event.save()
    with pytest.raises(StillKept):
        retention.purge(closed_event, by=None)
    assert cast.someone(closed_event).name == "Siti Aminah, S.Pd."


def test_an_open_event_is_not_purged_however_old_it_is(city):
    event = cast.make_open(city, date=LONG_AGO)
    assert event in retention.expired()
    with pytest.raises(StillKept):
        retention.purge(event, by=None)


# What goes


def test_nothing_of_what_people_signed_wrote_or_are_is_left_in_the_database(full):
    before = everything_in_the_database()
    assert [secret for secret in SECRETS if secret not in before] == []

    retention.purge(full, by=None)

    after = everything_in_the_database()
    assert [secret for secret in SECRETS if secret in after] == []


def test_statement_mark_salt_and_files_are_blanked(full):
    files = [*Document.objects.values_list("file", flat=True), "exports/index", "imports/file"]
    assert all(default_storage.exists(file) for file in files)

    retention.purge(full, by=None)

    assert set(Signature.objects.values_list("statement", "mark", "device")) == {("", "", "")}
    assert set(Declaration.objects.values_list("statement", flat=True)) == {""}
    assert set(Document.objects.values_list("file", flat=True)) == {""}
    assert not any(default_storage.exists(file) for file in [*files, "scans/one.jpg"])


def test_a_file_that_another_event_keeps_is_not_deleted(full, city):
    other = cast.make_open(city)
    shared = Scan.objects.get(event=full).file
    Scan.objects.create(event=other, filename="sama.jpg", file=shared, sha256="1" * 64)

    retention.purge(full, by=None)

    assert default_storage.exists(shared)
    assert Scan.objects.get(event=full).file == ""


def stray(event: Event, kind: str) -> str:
    """What a worker leaves that is killed when it has stored a file and not yet written its row."""
    return default_storage.save(f"{kind}/{event.pk}/ab/{'0' * 64}.pdf", ContentFile(b"Siti"))


def test_a_file_that_no_row_names_goes_with_its_event(full, city):
    other = cast.make_open(city)
    strays = [stray(full, "documents"), stray(full, "scans")]
    of_another = stray(other, "documents")

    assert retention.purge(full, by=None)["strays"] == 2

    assert not any(default_storage.exists(name) for name in strays)
    assert default_storage.exists(of_another)


def test_a_file_that_a_worker_leaves_after_the_purge_goes_with_the_next(full):
    retention.purge(full, by=None)
    late = stray(full, "documents")
    assert retention.left(full) == {"strays": 1}

    assert retention.purge(full, by=None) == {"strays": 1}

    assert not default_storage.exists(late)


def test_what_rows_name_is_no_stray(full, sealer):
    scanned = default_storage.save(f"scans/{full.pk}/one.jpg", ContentFile(b"jpeg"))
    Scan.objects.filter(event=full).update(file=scanned)

    assert "strays" not in retention.left(full)
    assert default_storage.exists(Document.objects.filter(event=full)[0].file)


def test_another_event_loses_nothing(full, city):
    other = cast.make_open(city)
    signature = cast.sign(cast.someone(other))
    retention.purge(full, by=None)

    signature.refresh_from_db()
    assert signature.statement
    assert cast.someone(other).name == "Siti Aminah, S.Pd."


# What stays


def test_counts_and_hashes_stay_as_they_were(full):
    statements = dict(Signature.objects.values_list("pk", "statement"))
    hashes = set(Document.objects.values_list("sha256", "size", "crc32", "sealed_at"))
    marks = set(Signature.objects.values_list("pk", "mark_digest"))
    people = full.signatories.all()
    tallies = [(row.unit.pk, row.tally) for row in progress.by_unit(people, top=full.agency)]
    tally = progress.tally(people, reveals_refusals=True)

    retention.purge(full, by=None)

    digests = dict(Signature.objects.values_list("pk", "statement_digest"))
    assert digests == {pk: pact.sha256(text) for pk, text in statements.items()}
    assert set(Document.objects.values_list("sha256", "size", "crc32", "sealed_at")) == hashes
    assert set(Signature.objects.values_list("pk", "mark_digest")) == marks
    assert progress.tally(people, reveals_refusals=True) == tally
    assert [
        (row.unit.pk, row.tally) for row in progress.by_unit(people, top=full.agency)
    ] == tallies


def test_what_was_void_stays_void(full):
    retention.purge(full, by=None)

    void = Signature.objects.get(voided_at__isnull=False)
    assert void.void_reason == "(dihapus)"


def test_that_it_was_done_is_in_the_audit_log_with_counts_alone(full, admin):
    retention.purge(full, by=admin)

    begin, done = AuditEntry.objects.filter(action__startswith="retention.").order_by("pk")
    assert (begin.actor, begin.details) == (f"user:{admin.pk}", {"years": 5})
    assert done.details["people"] == full.signatories.count()
    assert done.details["signatures"] == Signature.objects.count()


def test_purging_again_finds_nothing_to_do(full):
    retention.purge(full, by=None)
    entries = AuditEntry.objects.count()

    assert retention.purge(full, by=None) == {}
    assert retention.left(full) == {}
    assert AuditEntry.objects.count() == entries


def test_what_a_run_that_was_interrupted_left_is_deleted_by_the_next(full, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(pact, "sha256", killed)
        with pytest.raises(KeyboardInterrupt):
            retention.purge(full, by=None)
    full.refresh_from_db()
    assert full.purged_at is not None
    assert "documents" not in retention.left(full)
    assert "signatures" in retention.left(full)

    retention.purge(full, by=None)

    assert retention.left(full) == {}
    assert not any(secret in everything_in_the_database() for secret in SECRETS)


def test_an_erased_person_has_no_name_and_no_number_left_the_database_says(full):
    retention.purge(full, by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        full.signatories.update(name="Siti Aminah, S.Pd.")


def test_what_was_never_sealed_is_not_sealed_afterwards(full, sealer):
    Document.objects.filter(signature__isnull=False).delete()
    retention.purge(full, by=None)
    worker = Worker(sealer)
    worker.round()
    assert (worker.tally.documents, worker.tally.failed) == (0, 0)


# Whatever is being made when a purge begins is made of names, and would be stored behind it


@pytest.fixture
def deleted_behind(full, monkeypatch):
    """Has the event purged as soon as somebody has called a function of a module."""

    def watch(module, name: str) -> set[Path]:
        original = getattr(module, name)

        def purged_behind(*arguments, **options):
            made = original(*arguments, **options)
            retention.purge(full, by=None)
            return made

        monkeypatch.setattr(module, name, purged_behind)
        return everything_stored()

    return watch


def everything_stored() -> set[Path]:
    return {path for path in Path(default_storage.path("")).rglob("*") if path.is_file()}


def photograph() -> ContentFile[bytes]:
    return ContentFile(b"\xff\xd8\xff\xe0 a photograph", name="Siti Aminah.jpg")


def assert_nothing_is_left(event: Event, before: set[Path]) -> None:
    assert everything_stored() <= before
    written = everything_in_the_database()
    assert [secret for secret in SECRETS if secret in written] == []
    assert retention.left(event).keys() <= {"exports"}


def test_a_book_that_was_being_printed_is_not_kept(full, deleted_behind):
    export = ask_for_book(full)
    before = deleted_behind(copies, "cover")

    books.make(export)

    export.refresh_from_db()
    assert (export.index, "telah dihapus sesuai retensi" in export.failure) == ("", True)
    assert_nothing_is_left(full, before)


def test_a_document_that_was_being_made_is_not_kept(full, deleted_behind, sealer):
    signature = Signature.objects.of_pacts().filter(document__isnull=False)[0]
    signature.document.delete()
    signature.refresh_from_db()
    before = deleted_behind(press, "press")

    with pytest.raises(Purged):
        issue(signature, sealer=sealer)

    assert not Document.objects.exclude(file="").exists()
    assert_nothing_is_left(full, before)


def test_a_report_that_was_being_sealed_is_not_kept(full, deleted_behind, sealer):
    report = reports.make(full, kind=Report.Kind.RECAP, unit=full.agency, by=None)
    before = deleted_behind(press, "press_report")

    with pytest.raises(Purged):
        issue(report, sealer=sealer)

    assert_nothing_is_left(full, before)


def test_an_archive_that_was_being_asked_for_is_not_kept(full, deleted_behind):
    before = deleted_behind(exports, "keep")

    with pytest.raises(Purged):
        ask(full)

    assert_nothing_is_left(full, before)


def test_a_sheet_that_was_being_read_is_not_kept(full, deleted_behind):
    pages = pdf([Image.new("L", (900, 900), shade) for shade in ("white", "black")])
    scans.upload(full, [ContentFile(pages, name="Siti Aminah.pdf")], by=None)
    scan = full.scans.get(state="reading")
    before = deleted_behind(reader, "read")

    with pytest.raises(Purged):
        scans.read(scan, in_care=access.in_care)

    assert_nothing_is_left(full, before)


# What is said of it then


def verdict_by_code(row) -> PurgedVerdict:
    verdict = verification.by_code(row.verification_code)
    assert isinstance(verdict, PurgedVerdict)
    return verdict


def test_a_code_says_that_the_data_were_deleted_after_their_retention(full):
    signature = Signature.objects.live().of_pacts().filter(document__isnull=False).first()
    digest, sealed = pact.sha256(signature.statement), signature.document.sealed_at
    retention.purge(full, by=None)
    full.refresh_from_db()

    verdict = verdict_by_code(signature)

    assert verdict.state == "purged"
    assert verdict.event == full.title
    assert verdict.deleted_at == full.purged_at
    assert verdict.sealed_at == sealed
    assert verdict.statement_digest == digest
    assert not verdict.is_void


def test_a_file_says_that_its_hash_matches_what_was_once_sealed(full):
    document = Document.objects.filter(kind="pact")[0]
    pdf = stored(document)
    retention.purge(full, by=None)

    found = verification.by_file(io.BytesIO(pdf))

    assert found.state == FileState.INTACT
    assert isinstance(found.document, PurgedVerdict)
    assert found.document.file_digest == document.sha256
    assert verification.seal_holds(pdf)


def test_an_altered_file_is_still_found_out(full):
    pdf = stored(Document.objects.filter(kind="pact")[0])
    retention.purge(full, by=None)

    found = verification.by_file(io.BytesIO(pdf + b"%"))

    assert found.state == FileState.ALTERED
    assert isinstance(found.document, PurgedVerdict)


def test_a_declaration_and_a_report_say_so_too(full):
    retention.purge(full, by=None)
    assert verdict_by_code(Declaration.objects.get()).what == "Deklarasi bersama"
    assert verdict_by_code(Report.objects.get()).what == "Rekapitulasi"


def test_a_void_signature_says_that_it_was_void(full):
    retention.purge(full, by=None)
    assert verdict_by_code(Signature.objects.get(voided_at__isnull=False)).is_void


def test_a_refusal_says_so_without_a_name(full):
    retention.purge(full, by=None)
    verdict = verification.by_code(Refusal.objects.get().verification_code)
    assert isinstance(verdict, RefusalVerdict)
    assert (verdict.name, verdict.deleted_at is not None) == ("", True)


def test_nothing_can_be_done_with_a_purged_event_any_more(full):
    signature = Signature.objects.live().of_pacts()[0]
    refusal, completed = Refusal.objects.get(), Declaration.objects.get()
    report, export = Report.objects.get(), Export.objects.get()
    retention.purge(full, by=None)
    full.refresh_from_db()
    before = everything_stored()
    acts = [
        lambda: events.reopen(full, by=None),
        lambda: signing.void(signature, reason="x", by=None),
        lambda: declaration.void(completed, reason="x", by=None),
        lambda: retention.set_years(full, years=30, by=None),
        lambda: identity.signature_of_receipt(identity.receipt_token(signature)),
        lambda: identity.by_link(identity.link_token(cast_person(full))),
        lambda: disputes.signature_of(disputes.token(signature)),
        lambda: refusals.of_receipt(refusals.receipt_token(refusal)),
        lambda: reports.make(full, kind=Report.Kind.RECAP, unit=full.agency, by=None),
        lambda: reports.void(report, reason="x", by=None),
        lambda: reports.export(report, by=None),
        lambda: exports.take(export, by=export.asked_by, goes_on=False),
        lambda: ask(full),
        lambda: ask_for_book(full),
        lambda: scans.upload(full, [photograph()], by=None),
    ]
    for act in acts:
        with pytest.raises(Purged, match="telah dihapus sesuai masa simpannya") as told:
            act()
        assert isinstance(told.value, WrongState)
    assert everything_stored() == before
    assert Report.objects.get().void_reason == ""


def cast_person(event: Event) -> Signatory:
    return event.signatories.select_related("event__agency")[0]
