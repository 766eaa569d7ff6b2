"""Photographs of signed sheets: filed under the right person, or in the tray with the reason."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import sys
from unittest import mock

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pikepdf import Dictionary, Name

from pledges import access, books, events, identity, refusals, signing, tasks, waves
from pledges.access import Permission
from pledges.events import WrongState
from pledges.exports import Whose
from pledges.models import (
    AuditEntry,
    Document,
    Event,
    Notice,
    Refusal,
    Role,
    Scan,
    Signatory,
    Signature,
)
from pledges.notices import Sender
from pledges.paper import reader, reading, scans
from pledges.paper.reading import codes_in
from pledges.paper.scans import CannotFile
from pledges.roster import enrol
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, SITI
from tests.pdfs import page_count, sealed, words
from tests.photographs import (
    address_of,
    file,
    jpeg,
    on_desk,
    pages_of,
    pdf,
    photograph,
    printed,
    text_of,
    turned,
    without_code,
    work_through,
)
from tests.test_books import ask as ask_for_book
from tests.test_downloads import ask, sign_and_seal, taken, unzip
from tests.test_evidence import gather
from tests.test_paper_reading import a_bomb, a_thin_bomb, many_pages
from tests.threads import at_once

State, Problem = Scan.State, Scan.Problem


def send(event: Event, *contents: bytes, by: User | None = None) -> list[Scan]:
    """Upload and let the background work; the rows in the order in which they came."""
    files = [file(content, f"lembar-{n}.jpg") for n, content in enumerate(contents, start=1)]
    scans.upload(event, files, by=by)
    work_through(event)
    return list(event.scans.order_by("uploaded_at", "filename", "page"))


def in_care(officer: User, event: Event):
    return access.signatories(officer, event, Permission.CARE)


def photo_of(person: Signatory, **options) -> bytes:
    return jpeg(photograph(person, **options))


@pytest.fixture
def filed(siti: Signatory, officer: User) -> Scan:
    """Siti's sheet, photographed by the officer of her department."""
    [scan] = send(siti.event, photo_of(siti), by=officer)
    return scan


def test_the_code_files_each_sheet_under_the_right_person(open_event, officer):
    people = [cast.someone(open_event, nip) for nip in (SITI, DEWI, AGUS)]

    found = send(open_event, *map(photo_of, people), by=officer)

    assert [(scan.state, scan.signatory) for scan in found] == [
        (State.FILED, person) for person in people
    ]
    assert [scan.signature.signatory for scan in found] == people


def test_a_pdf_of_many_sheets_files_each_of_them(open_event, officer):
    people = [cast.someone(open_event, nip) for nip in (SITI, DEWI, AGUS)]

    found = send(open_event, pdf(list(map(photograph, people))), by=officer)

    assert [(scan.page, scan.state) for scan in found] == [(n, State.FILED) for n in (1, 2, 3)]
    assert {scan.signatory for scan in found} == set(people)


def test_what_is_filed_is_a_signature_on_paper_whose_statement_says_so(filed, officer):
    signature = filed.signature
    statement = json.loads(signature.statement)

    assert signature.method == identity.PAPER == "paper"
    assert statement["identity"] == {
        "method": "paper", "detail": "petugas@contoh.example", "desk": None,
    }  # fmt: skip
    assert statement["mark"] == {"kind": "scan", "sha256": filed.sha256}
    assert statement["consents"] == [1, 2, 3, 4]
    assert statement["claimed_at"] is None
    assert statement["pact"]["digest"] == text_of(filed.event).digest
    assert statement["signatory"]["name"] == "Siti Aminah, S.Pd."
    assert (signature.mark, signature.mark_digest) == (f"scan:{filed.sha256}", filed.sha256)
    assert not signature.is_late


def test_the_picture_is_kept_under_its_hash_and_the_upload_is_gone(siti, officer):
    scans.upload(siti.event, [file(photo_of(siti))], by=officer)
    upload = siti.event.scans.get().file
    work_through(siti.event)
    filed = siti.event.scans.get()

    with default_storage.open(filed.file) as stored:
        picture = stored.read()

    assert hashlib.sha256(picture).hexdigest() == filed.sha256
    assert filed.file == f"scans/{filed.event_id}/{filed.sha256}.jpg"
    assert not default_storage.exists(upload)


def test_uploading_and_filing_are_in_the_audit_log_with_ids_alone(filed, officer):
    entries = AuditEntry.objects.filter(action__startswith="scan.").order_by("pk")

    assert [(entry.action, entry.actor, entry.target, entry.details) for entry in entries] == [
        ("scan.upload", f"user:{officer.pk}", f"scan:{filed.pk}", {}),
        (
            "scan.file", f"user:{officer.pk}", f"scan:{filed.pk}",
            {"signature": filed.signature_id, "is_chosen": False},
        ),
    ]  # fmt: skip
    entry = AuditEntry.objects.get(action__startswith="signature.")
    assert (entry.action, entry.actor) == ("signature.file", f"user:{officer.pk}")
    assert entry.target == f"signature:{filed.signature_id}"


def test_a_sheet_filed_after_the_deadline_is_late_whatever_date_stands_on_it(city, officer):
    event = cast.make_open(city, deadline=timezone.now() - datetime.timedelta(hours=1))

    [scan] = send(event, photo_of(cast.someone(event)), by=officer)

    assert scan.signature.is_late


def test_somebody_with_a_part_still_owes_the_declaration(city, officer):
    event = cast.make_open_ceremony(city)
    siti = cast.someone(event)

    [scan] = send(event, photo_of(siti), by=officer)

    assert scan.signature.pact == text_of(event)
    assert [text.kind for text in signing.unsigned(siti)] == ["declaration"]


def test_who_declined_and_then_signs_on_paper_has_taken_it_back(siti, officer):
    Refusal.objects.create(signatory=siti)

    send(siti.event, photo_of(siti), by=officer)

    assert refusals.standing(siti) is None


def test_a_photographed_sheet_is_in_zip_book_and_evidence(open_event, siti, officer, sealer):
    """The photograph itself: the code on the sheet can be read from each of them."""
    send(open_event, photo_of(siti), by=officer)
    signature = siti.signatures.get()
    pdf = sealed(signature, sealer)
    sign_and_seal(open_event, sealer, BUDI)

    [name] = [n for n in unzip(ask(open_event, whose=Whose.PAPER)).namelist() if SITI in n]
    archived = unzip(ask(open_event)).read(name)
    book = ask_for_book(open_event)
    books.make(book)
    book.refresh_from_db()
    printed_book = taken(book)
    found = gather(siti).read(f"dokumen/pakta-{signature.verification_code}.pdf")

    assert (signature.document.kind, archived, found) == (Document.Kind.SCAN, pdf, pdf)
    assert "Siti Aminah" in words(printed_book, page=3)
    assert "Dokumen aslinya, pindaian yang bersegel" in words(printed_book, page=3)
    sheets = [codes_in(page.convert("RGB")) for page in pages_of(pdf, width=2400)]
    [in_book] = [codes_in(pages_of(printed_book, width=2400)[2].convert("RGB"))]
    assert any(address_of(siti) in codes for codes in sheets)
    assert address_of(siti) in in_book
    assert page_count(printed_book) == 2 + len(sheets) + 1


def test_the_person_is_told_by_email_as_of_every_signature(filed, smtp_server):
    assert Notice.objects.get().signature == filed.signature
    Sender().round()

    [message] = smtp_server.messages
    text = message.get_content()
    assert "Lembar kertas dengan tanda tangan basah atas nama Anda telah dicatat" in text
    assert "tanda tangan basah di kertas, dicatat oleh petugas@contoh.example" in text
    assert "elektronik" not in text


# ------------------------------------------------------------------ what waits for a human


def problem_of(scan: Scan) -> Scan.Problem:
    assert scan.state == State.TRAY
    assert scan.signature is None
    return Scan.Problem(scan.problem)


def test_a_photograph_without_a_code_waits_in_the_tray(siti, officer):
    [scan] = send(siti.event, jpeg(without_code(photograph(siti))), by=officer)

    assert problem_of(scan) == Problem.UNREADABLE
    assert scan.reason.startswith("Tidak ada kode QR lembar pakta yang terbaca")
    assert not Signature.objects.exists()


def test_a_photograph_with_two_codes_waits_in_the_tray(open_event, officer):
    both = on_desk(*(printed(cast.someone(open_event, nip)) for nip in (SITI, AGUS)))

    [scan] = send(open_event, jpeg(both), by=officer)

    assert problem_of(scan) == Problem.SEVERAL
    assert "satu per satu" in scan.reason
    assert scan.signatory is None


def test_a_photograph_with_another_events_code_waits_in_the_tray(city, siti, officer):
    there = cast.someone(cast.make_open(city))

    [scan] = send(siti.event, photo_of(there), by=officer)

    assert problem_of(scan) == Problem.OTHER_EVENT
    assert scan.signatory is None


def test_the_sheet_of_somebody_not_in_the_uploaders_care_waits_for_who_cares(
    open_event, officer, admin
):
    budi = cast.someone(open_event, BUDI)

    [scan] = send(open_event, photo_of(budi), by=officer)

    assert problem_of(scan) == Problem.NOT_IN_CARE
    assert "Budi" not in scan.reason
    scans.file_by_code(scan, people=in_care(admin, open_event), by=admin)
    scan.refresh_from_db()
    assert (scan.state, scan.signature.signatory) == (State.FILED, budi)
    assert json.loads(scan.signature.statement)["identity"]["detail"] == "admin@contoh.example"


def test_the_sheet_of_somebody_who_has_signed_already_waits_with_a_kind_word(siti, officer):
    photo = photo_of(siti)
    cast.sign(siti)

    [scan] = send(siti.event, photo, by=officer)

    assert problem_of(scan) == Problem.SIGNED
    assert "sudah menandatangani" in scan.reason
    assert "Terima kasih" in scan.reason
    assert Signature.objects.count() == 1


def test_a_second_photograph_of_a_filed_sheet_is_not_a_second_signature(siti, officer):
    _, again = send(siti.event, photo_of(siti), photo_of(siti, ink=1), by=officer)

    assert problem_of(again) == Problem.SIGNED
    assert Signature.objects.count() == 1


def test_a_forged_code_waits_in_the_tray(siti, officer, settings):
    settings.CODES_KEY = "the key of somebody else's server"
    photo = photo_of(siti)
    settings.CODES_KEY = "codes-key-of-the-tests"

    [scan] = send(siti.event, photo, by=officer)

    assert problem_of(scan) == Problem.FORGED
    assert scan.signatory is None


def test_a_sheet_with_an_older_text_waits_in_the_tray(siti, officer):
    photo = photo_of(siti)
    event = events.unpublish(siti.event, by=None)
    event.pacts.update(closing="Penutup yang lain.")
    event = events.publish(event, by=None)

    [scan] = send(event, photo, by=officer)

    assert problem_of(scan) == Problem.TEXT_CHANGED
    assert "Cetak lembar baru" in scan.reason


def test_a_sheet_printed_before_a_void_waits_in_the_tray(siti, officer):
    photo = photo_of(siti)
    signing.void(cast.sign(siti), reason="keliru", by=None)

    [scan] = send(siti.event, photo, by=officer)

    assert problem_of(scan) == Problem.OUTDATED


def test_somebody_who_was_withdrawn_waits_in_the_tray(siti, officer):
    photo = photo_of(siti)
    enrol.withdraw(siti, by=None)

    [scan] = send(siti.event, photo, by=officer)

    assert problem_of(scan) == Problem.WITHDRAWN


def test_after_closing_a_sheet_waits_and_goes_in_when_the_event_is_reopened(siti, officer):
    photo = photo_of(siti)
    event = events.close(siti.event, by=None)
    [scan] = send(event, photo, by=officer)
    assert problem_of(scan) == Problem.CLOSED

    events.reopen(event, by=None)
    work_through(event)

    scan.refresh_from_db()
    assert (scan.state, scan.signature.signatory) == (State.FILED, siti)


def test_before_its_wave_a_sheet_waits_and_goes_in_when_the_wave_is_opened(city, officer):
    event = cast.make_draft(city)
    waves.define(event, [waves.Definition("Semua")], by=None)
    event = events.publish(event, by=None)
    [scan] = send(event, photo_of(cast.someone(event)), by=officer)
    assert problem_of(scan) == Problem.NOT_TURN

    waves.open_next(event, 1, by=None)
    work_through(event)

    scan.refresh_from_db()
    assert scan.state == State.FILED


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (a_bomb, Problem.TOO_LARGE),
        (a_thin_bomb, Problem.TOO_LARGE),
        (many_pages, Problem.TOO_LONG),
        (lambda: b"%PDF-1.4 broken", Problem.BROKEN),
        (lambda: reading.JPEG + b"broken", Problem.BROKEN),
    ],
    ids=[
        "a decompression bomb",
        "too long a line",
        "too many pages",
        "a broken PDF",
        "a broken photograph",
    ],
)
def test_a_file_that_cannot_be_opened_waits_with_the_reason_and_holds_up_nothing(
    siti, officer, make, problem
):
    bad, good = send(siti.event, make(), photo_of(siti), by=officer)

    assert problem_of(bad) == problem
    assert bad.file == ""
    assert good.state == State.FILED


def forms_within_forms() -> bytes:
    """A PDF of 2 KB on which a rectangle is drawn 100,000,000 times."""
    document = pikepdf.new()
    drawing = b"0 0 600 800 re f "
    form = document.make_stream(drawing, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    for _ in range(7):
        form = document.make_stream(
            b"/F Do " * 10,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=[0, 0, 9, 9],
            Resources={"/XObject": {"/F": form}},
        )
    page = document.add_blank_page()
    page.Contents = document.make_stream(b"/F Do " * 10)
    page.Resources = Dictionary(XObject={"/F": form})
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def test_a_pdf_that_would_take_all_memory_is_put_into_the_tray_and_holds_up_nobody(siti, officer):
    bomb, good = send(siti.event, forms_within_forms(), photo_of(siti), by=officer)

    assert problem_of(bomb) == Problem.TOO_HARD
    assert "terlalu banyak waktu atau memori" in bomb.reason
    assert bomb.file == ""
    assert good.state == State.FILED
    assert scans.next_to_read(siti.event, after=0) is None


def test_a_reader_that_takes_too_long_is_ended_and_the_file_put_into_the_tray(
    siti, officer, monkeypatch
):
    monkeypatch.setattr(reader, "LONGEST", datetime.timedelta(milliseconds=1))

    [scan] = send(siti.event, photo_of(siti), by=officer)

    assert problem_of(scan) == Problem.TOO_HARD


@pytest.mark.parametrize("end", ["raise MemoryError", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_scan_whose_reader_died_is_not_read_again_by_itself(siti, officer, monkeypatch, end):
    program = (sys.executable, "-c", f"import os, signal; {end}")
    monkeypatch.setattr(reader, "_PROGRAM", program)
    [scan] = send(siti.event, photo_of(siti), by=officer)
    monkeypatch.undo()

    work_through(siti.event)

    scan.refresh_from_db()
    assert problem_of(scan) == Problem.TOO_HARD
    assert not Signature.objects.exists()


def test_a_scan_over_which_the_worker_itself_died_is_not_read_again_by_itself(
    siti, officer, monkeypatch
):
    dies = mock.Mock(side_effect=KeyboardInterrupt)
    monkeypatch.setattr(reader, "read", dies)
    with pytest.raises(KeyboardInterrupt):
        send(siti.event, photo_of(siti), by=officer)

    work_through(siti.event)
    scan = siti.event.scans.get()
    assert scan.is_reading
    siti.event.scans.update(begun_at=timezone.now() - datetime.timedelta(minutes=7))
    work_through(siti.event)

    scan.refresh_from_db()
    assert problem_of(scan) == Problem.INTERRUPTED
    assert scan.file == ""
    assert dies.call_count == 1


def test_the_program_that_reads_is_given_none_of_our_keys(siti, officer, monkeypatch):
    tell = "import json, os; print(json.dumps({'jpeg': '', 'codes': list(os.environ)}))"
    monkeypatch.setattr(reader, "_PROGRAM", (sys.executable, "-c", tell))

    [sheet] = reader.read(b"")

    assert not [name for name in sheet.codes if "KEY" in name or "URL" in name]


def test_an_officer_who_lost_the_role_files_nothing_any_more(siti, officer):
    photo = file(photo_of(siti))
    scans.upload(siti.event, [photo], by=officer)
    officer.is_active = False
    officer.save()

    work_through(siti.event)

    assert problem_of(siti.event.scans.get()) == Problem.NOT_IN_CARE


# ------------------------------------------------------------------ uploading


def test_the_same_photograph_twice_is_told_and_filed_once(siti, officer):
    photo = photo_of(siti)
    first = scans.upload(siti.event, [file(photo)], by=officer)
    at_once = scans.upload(siti.event, [file(photo, "lagi.jpg")], by=officer)
    work_through(siti.event)
    later = scans.upload(siti.event, [file(photo, "lagi.jpg")], by=officer)

    assert (first.taken, first.repeated) == (1, [])
    assert (at_once.taken, at_once.repeated) == (later.taken, later.repeated) == (0, ["lagi.jpg"])
    assert Scan.objects.count() == 1
    assert Signature.objects.count() == 1


def test_the_same_sheet_out_of_another_file_is_dropped(siti, officer):
    picture = photograph(siti)
    pages = [pdf([picture]), pdf([picture]) + b"\n%"]

    first, second = send(siti.event, *pages, by=officer)

    assert (first.state, second.state) == (State.FILED, State.DISCARDED)
    assert second.problem == Problem.REPEATED


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04 a spreadsheet", "x.jpg: bukan foto JPEG atau PNG, dan bukan PDF."),
        (b"\x00\x00\x00\x18ftypheic", "x.jpg: berformat HEIC."),
        (b"", "x.jpg: bukan foto"),
    ],
    ids=["something else", "HEIC", "empty"],
)
def test_what_is_no_photograph_is_refused_by_its_content_whatever_its_name(
    open_event, officer, content, told
):
    refused = scans.upload(open_event, [file(content, "x.jpg")], by=officer)

    assert refused.taken == 0
    assert refused.refused[0].startswith(told)
    assert not Scan.objects.exists()


def test_a_file_too_large_is_refused_by_name(open_event, officer, monkeypatch):
    monkeypatch.setattr(scans, "MAX_BYTES", 1 * 2**20)

    told = scans.upload(open_event, [file(reading.JPEG + bytes(2**20), "besar.jpg")], by=officer)

    assert told.refused == ["besar.jpg: lebih besar dari 1 MB. Foto lagi dengan resolusi biasa."]


def test_nothing_is_uploaded_to_a_draft(draft_event, officer):
    with pytest.raises(WrongState, match="belum diterbitkan"):
        scans.upload(draft_event, [file(b"")], by=officer)


def test_reading_that_was_interrupted_goes_on_without_doubles(open_event, officer, monkeypatch):
    people = [cast.someone(open_event, nip) for nip in (SITI, DEWI, AGUS)]
    scans.upload(open_event, [file(pdf(list(map(photograph, people))))], by=officer)
    settle = scans._settle
    settled: list[None] = []

    def dies_at_the_third(*args):
        if len(settled) == 2:
            raise KeyboardInterrupt
        settled.append(None)
        settle(*args)

    monkeypatch.setattr(scans, "_settle", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        work_through(open_event)
    assert Signature.objects.count() == 2
    monkeypatch.undo()

    work_through(open_event)

    found = open_event.scans.order_by("page")
    assert [(scan.page, scan.state) for scan in found] == [(n, State.FILED) for n in (1, 2, 3)]
    assert {scan.signatory for scan in found} == set(people)


def test_each_upload_has_a_task_of_its_own_which_wakes_the_next_one_first(
    open_event, officer, monkeypatch
):
    photos = [file(photo_of(cast.someone(open_event, nip)), f"{nip}.jpg") for nip in (SITI, AGUS)]
    scans.upload(open_event, photos, by=officer)
    first, second = open_event.scans.order_by("pk")

    def dies(*args, **options):
        raise MemoryError

    monkeypatch.setattr(scans, "read", dies)
    with pytest.raises(MemoryError):
        tasks.work_through_scans.call(open_event.pk)
    monkeypatch.undo()

    [woken] = DBTaskResult.objects.all()
    assert woken.args_kwargs["args"] == [open_event.pk, first.pk]
    tasks.work_through_scans.call(*woken.args_kwargs["args"])
    second.refresh_from_db()
    assert second.state == State.FILED


def test_the_task_files_what_waits_once_everything_is_read(siti, officer):
    photo = photo_of(siti)
    event = events.close(siti.event, by=None)
    [scan] = send(event, photo, by=officer)
    events.reopen(event, by=None)

    tasks.work_through_scans.call(event.pk)

    scan.refresh_from_db()
    assert scan.state == State.FILED
    assert not DBTaskResult.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_file_a_sheet_once(db):
    city = cast.make_city()
    officer = cast.make_user("petugas@contoh.example", (Role.OFFICER, city.education))
    siti = cast.someone(cast.make_open(city))
    scans.upload(siti.event, [file(photo_of(siti))], by=officer)

    assert at_once([lambda: work_through(siti.event)] * 2) == [None, None]
    assert Signature.objects.count() == 1
    assert siti.event.scans.get().state == State.FILED


# ------------------------------------------------------------------ by hand


@pytest.fixture
def unreadable(siti, officer) -> Scan:
    [scan] = send(siti.event, jpeg(without_code(photograph(siti))), by=officer)
    return scan


def test_an_officer_files_an_unreadable_sheet_and_the_statement_says_who_chose(
    unreadable, siti, officer
):
    signature = scans.file_chosen(unreadable, siti, by=officer)

    unreadable.refresh_from_db()
    assert (unreadable.state, unreadable.signature) == (State.FILED, signature)
    assert json.loads(signature.statement)["identity"]["detail"] == (
        "petugas@contoh.example, yang memilih orangnya karena kode QR tidak terbaca"
    )
    assert AuditEntry.objects.get(action="scan.file").details["is_chosen"] is True


def test_nobody_is_chosen_for_a_sheet_whose_code_says_something_else(city, siti, officer):
    there = cast.someone(cast.make_open(city))
    [scan] = send(siti.event, photo_of(there), by=officer)

    with pytest.raises(WrongState, match="tidak menunggu pilihan"):
        scans.file_chosen(scan, siti, by=officer)


def test_choosing_somebody_who_has_signed_meanwhile_is_refused(unreadable, siti, officer):
    cast.sign(siti)

    with pytest.raises(CannotFile, match="sudah menandatangani"):
        scans.file_chosen(unreadable, siti, by=officer)


def test_a_sheet_is_filed_once_by_hand(unreadable, siti, officer):
    scans.file_chosen(unreadable, siti, by=officer)

    with pytest.raises(WrongState, match="sudah dicatat"):
        scans.file_chosen(unreadable, cast.someone(siti.event, AGUS), by=officer)


def test_what_was_discarded_is_deleted_and_may_be_uploaded_again(
    unreadable, officer, django_capture_on_commit_callbacks
):
    picture = unreadable.file
    with django_capture_on_commit_callbacks(execute=True):
        scans.discard(unreadable, by=officer)

    unreadable.refresh_from_db()
    assert (unreadable.state, unreadable.file) == (State.DISCARDED, "")
    assert not default_storage.exists(picture)
    assert AuditEntry.objects.get(action="scan.discard").target == f"scan:{unreadable.pk}"
    again = jpeg(without_code(photograph(cast.someone(unreadable.event))))
    assert scans.upload(unreadable.event, [file(again)], by=officer).taken == 1


def test_an_upload_that_nobody_reads_is_discarded_like_others_and_not_filed_any_more(
    siti, officer, django_capture_on_commit_callbacks
):
    scans.upload(siti.event, [file(photo_of(siti))], by=officer)
    scan = siti.event.scans.get()
    with pytest.raises(WrongState, match="masih dibaca"):
        scans.discard(scan, by=officer)
    siti.event.scans.update(uploaded_at=timezone.now() - datetime.timedelta(minutes=5))

    with django_capture_on_commit_callbacks(execute=True):
        scans.discard(scan, by=officer)
    work_through(siti.event)

    assert not default_storage.exists(scan.file)
    assert not Signature.objects.exists()
    scan.refresh_from_db()
    assert (scan.state, scan.file) == (State.DISCARDED, "")


def test_what_is_discarded_while_it_is_read_is_not_filed(siti, officer, monkeypatch):
    read = reader.read

    def is_late(data):
        siti.event.scans.update(state=State.DISCARDED)
        return read(data)

    monkeypatch.setattr(reader, "read", is_late)

    [scan] = send(siti.event, photo_of(siti), by=officer)

    assert scan.state == State.DISCARDED
    assert not Signature.objects.exists()


def test_a_filed_sheet_is_never_discarded(filed, officer):
    with pytest.raises(WrongState, match="sudah dicatat"):
        scans.discard(filed, by=officer)


def test_a_voided_paper_signature_is_void_and_a_new_sheet_is_filed(filed, siti, officer):
    signing.void(filed.signature, reason="Bukan tanda tangannya", by=None)
    siti = cast.someone(siti.event)

    new = send(siti.event, photo_of(siti, ink=1), by=officer)[-1]

    assert new.state == State.FILED
    assert Signature.objects.live().get() == new.signature


def test_a_sheet_held_sideways_is_filed_like_any_other(siti, officer):
    [scan] = send(siti.event, jpeg(turned(photograph(siti), 90)), by=officer)

    assert scan.state == State.FILED


def test_reading_that_nobody_does_is_told_after_some_minutes(siti, officer):
    scans.upload(siti.event, [file(photo_of(siti))], by=officer)
    assert not scans.stalled(siti.event.scans.all())

    siti.event.scans.update(uploaded_at=timezone.now() - datetime.timedelta(minutes=5))

    assert scans.stalled(siti.event.scans.all())
