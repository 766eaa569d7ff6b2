"""The life of a roster file: uploaded, read and shown, confirmed, enrolled.

Reading and enrolling run in the background (`advance`). Whatever interrupts them, the
state says what is still to do, and `advance` may be called again: a task is only a wake-up.
"""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Iterable
from datetime import timedelta

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from pledges import audit, events, keys
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.keys import WrongNikKey
from pledges.models import Event, Import, ImportState, Signatory
from pledges.roster import enrol, report
from pledges.roster.enrol import Plan
from pledges.roster.faulty import bad_rows_workbook
from pledges.roster.files import MAX_BYTES, read_workbook
from pledges.roster.report import Choices, Report
from pledges.roster.sheets import RosterFileError

# Of those who stay as they are, so many are named.
MOST_NAMED = 200
_SECONDS_BETWEEN_PROGRESS = 0.5
_PATIENCE = timedelta(seconds=6)
_PATIENCE_ONCE_BEGUN = timedelta(seconds=60)


class FileTooLarge(RosterFileError):
    def __init__(self) -> None:
        super().__init__(
            f"Berkas ini lebih besar dari {MAX_BYTES >> 20} MB, jadi tidak dibaca. Hapus gambar "
            "dan lembar yang tidak perlu, atau bagi menjadi beberapa berkas."
        )


class HasProblems(Exception):
    def __init__(self, count: int) -> None:
        super().__init__(
            f"Masih ada {count} masalah. Perbaiki berkasnya, atau pilih untuk memasukkan "
            "baris yang lain saja."
        )


class NothingToEnrol(Exception):
    def __init__(self) -> None:
        super().__init__("Tidak ada satu pun baris yang dapat dimasukkan dari berkas ini.")


# ------------------------------------------------------------------ what the admin does


def upload(event: Event, file: File[bytes], *, filename: str, by: Actor) -> Import:
    """Keep a file to be read. Too large a file is refused before anything of it is read."""
    if file.size > MAX_BYTES:
        raise FileTooLarge
    _require_unclosed(event)
    name = _store(file.read())
    with transaction.atomic():
        imported = Import.objects.create(
            event=event, filename=filename[-200:], file=name, uploaded_by_id=by.pk if by else None
        )
        audit.record(by=by, action="roster.upload", target=imported, event=event)
    _forget_older(imported)
    return imported


@transaction.atomic
def choose(imported: Import, choices: Choices, *, by: Actor) -> Import:
    """Have the file read again, other sheets of it or its columns otherwise."""
    imported = _lock(imported)
    if imported.state != ImportState.READ:
        raise WrongState("Berkas ini tidak sedang menunggu keputusan Anda.")
    imported.choices = choices.dump()
    return _move(imported, ImportState.READING, is_begun=False, done=0, total=0)


@transaction.atomic
def confirm(imported: Import, *, skip_bad: bool, by: Actor) -> Import:
    """Have the rows enrolled. A second confirmation changes nothing."""
    imported = _lock(imported)
    if imported.state in {ImportState.ENROLLING, ImportState.ENROLLED}:
        return imported
    if imported.state != ImportState.READ:
        raise WrongState("Berkas ini belum selesai dibaca.")
    _require_unclosed(imported.event)
    if not imported.counts["rows"]:
        raise NothingToEnrol
    if imported.counts["problems"] and not skip_bad:
        raise HasProblems(imported.counts["problems"])
    audit.record(by=by, action="roster.confirm", target=imported, event=imported.event)
    return _move(
        imported,
        ImportState.ENROLLING,
        is_begun=False,
        failure="",
        confirmed_by_id=by.pk if by else None,
    )


def cancel(imported: Import, *, by: Actor) -> None:
    """Forget a file of which nothing was enrolled."""
    with transaction.atomic():
        imported = _lock(imported)
        if imported.state in {ImportState.ENROLLING, ImportState.ENROLLED}:
            raise WrongState("Isi berkas ini sudah dimasukkan, jadi tidak dapat dibatalkan lagi.")
        audit.record(by=by, action="roster.cancel", target=imported, event=imported.event)
        imported.delete()
    _delete(imported.file, imported.report)


# ------------------------------------------------------------------ what the background does


def advance(imported: Import) -> None:
    """Do what is to be done next, if anything. Safe to repeat and to run twice at once."""
    if not imported.is_working:
        return
    _row(imported).update(is_begun=True, failure="", moved_at=timezone.now())
    try:
        if imported.state == ImportState.READING:
            _read(imported)
        elif imported.state == ImportState.ENROLLING:
            _enrol(imported)
    except FileNotFoundError:
        # Somebody cancelled it, or another worker was quicker and deleted what was done with.
        if _row(imported).exists():
            raise
    except WrongNikKey as error:
        _put_off(imported, error)


def _put_off(imported: Import, error: WrongNikKey) -> None:
    """Nothing was enrolled. With the right key it goes on from where it was."""
    state = ImportState.READ if imported.state == ImportState.ENROLLING else imported.state
    _row(imported).update(state=state, is_begun=False, failure=str(error))


def _read(imported: Import) -> None:
    try:
        workbook = read_workbook(io.BytesIO(_load(imported.file)))
    except RosterFileError as error:
        _finish_reading(imported, state=ImportState.FAILED, failure=str(error))
        return
    choices = Choices.load(imported.choices)
    found = report.make(workbook, choices, progress=_Progress(imported))
    if not found.can_be_chosen_from:
        _finish_reading(imported, state=ImportState.FAILED, failure=found.failure)
        return
    planned = enrol.plan(imported.event, found.reading.rows)
    failure = found.failure or enrol.obstacle(imported.event, planned)
    name = _store(report.dump(found))
    is_kept = _finish_reading(
        imported,
        state=ImportState.READ,
        failure=failure,
        report=name,
        counts=_counts(found, planned),
        left_alone=_left_alone(planned),
    )
    _delete(imported.report if is_kept else name)


@transaction.atomic
def _finish_reading(imported: Import, *, state: ImportState, **values: object) -> bool:
    """Only the reading that was asked for last counts, and none of a file that is gone."""
    now = Import.objects.select_for_update().filter(pk=imported.pk).first()
    if now is None or now.state != ImportState.READING or now.choices != imported.choices:
        return False
    _move(now, state, **values)
    return True


def _enrol(imported: Import) -> None:
    try:
        _enrol_rows(imported, report_of(imported))
    except WrongState as error:  # closed since it was confirmed
        _row(imported).update(state=ImportState.READ, failure=str(error))
        return
    imported.refresh_from_db()
    _forget(imported, "file", *(["report"] if not imported.counts["faulty"] else []))


@transaction.atomic
def _enrol_rows(imported: Import, found: Report) -> None:
    """Lock order: the event, then the import."""
    events.hold(imported.event, exclusive=True)
    imported = _lock(imported)
    if imported.state != ImportState.ENROLLING:
        return
    done = enrol.enrol(imported.event, found.reading.rows, by=imported.confirmed_by)
    _move(
        imported,
        ImportState.ENROLLED,
        counts=_counts(found, done),
        left_alone=_left_alone(done),
    )


class _Progress:
    """Writes how far reading is, twice a second."""

    def __init__(self, imported: Import) -> None:
        self._row = _row(imported)
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_PROGRESS:
            self._last = time.monotonic()
            self._row.update(done=done, total=total, moved_at=timezone.now())


# ------------------------------------------------------------------ what the pages show


def is_stalled(imported: Import) -> bool:
    """Whether the background should have moved by now: perhaps it is not running."""
    patience = _PATIENCE_ONCE_BEGUN if imported.is_begun else _PATIENCE
    return imported.is_working and timezone.now() - imported.moved_at > patience


def report_of(imported: Import) -> Report:
    return report.load(_load(imported.report))


def faulty_rows(imported: Import, *, by: Actor) -> bytes:
    """The rows that are not imported, as an XLSX that can be mended and uploaded."""
    reading = report_of(imported).reading
    audit.record(
        by=by, action="export.faulty_rows", target=imported, event=imported.event,
        rows=len(reading.faulty),
    )  # fmt: skip
    return bad_rows_workbook(reading)


def _counts(found: Report, planned: Plan) -> dict[str, int]:
    reading = found.reading
    return {
        "rows": len(reading.rows),
        "faulty": len(reading.faulty),
        "problems": sum(problem.blocking for problem in reading.problems),
        "warnings": sum(not problem.blocking for problem in reading.problems),
        "skipped": len(reading.skipped),
        **planned.counts,
    }


def _left_alone(planned: Plan) -> dict[str, list[int]]:
    return {
        "signed": _first(planned.signed),
        "withdrawn": _first(planned.withdrawn),
        "absent": _first(planned.absent),
    }


def _first(people: Iterable[Signatory]) -> list[int]:
    return [person.pk for person in people][:MOST_NAMED]


# ------------------------------------------------------------------ rows and files


def _require_unclosed(event: Event) -> None:
    if event.is_closed:
        raise WrongState("Acara sudah ditutup; daftarnya tidak dapat diubah lagi.")


def _lock(imported: Import) -> Import:
    return (
        Import.objects.select_for_update(of=("self",))
        .select_related("event__agency", "confirmed_by")
        .get(pk=imported.pk)
    )


def _row(imported: Import) -> QuerySet[Import]:
    """For an update that counts only while the import is still in the state that was seen."""
    return Import.objects.filter(pk=imported.pk, state=imported.state)


def _move(imported: Import, state: ImportState, **values: object) -> Import:
    imported.state = state
    imported.moved_at = timezone.now()
    for name, value in values.items():
        setattr(imported, name, value)
    imported.save()
    return imported


def _forget_older(imported: Import) -> None:
    """Faulty rows can be had, and a failure is remembered, until the next file is uploaded."""
    older = Import.objects.filter(event=imported.event).exclude(pk=imported.pk)
    for row in older.filter(state=ImportState.ENROLLED).exclude(file="", report=""):
        _forget(row, "file", "report")
    for row in older.filter(state=ImportState.FAILED):
        row.delete()
        _delete(row.file)


def _forget(imported: Import, *fields: str) -> None:
    """The files hold personal data that is in the roster now."""
    names = [getattr(imported, field) for field in fields]
    for field in fields:
        setattr(imported, field, "")
    imported.save(update_fields=fields)
    _delete(*names)


def _store(data: bytes) -> str:
    name = f"imports/{secrets.token_hex(16)}"
    return default_storage.save(name, ContentFile(keys.encrypt_file(data)))


def _load(name: str) -> bytes:
    with default_storage.open(name) as file:
        return keys.decrypt_file(file.read())


def _delete(*names: str) -> None:
    for name in filter(None, names):
        default_storage.delete(name)
