"""Photographed sheets on their way to their people: uploaded, read, filed, or in the tray.

Reading and filing run in the background (`read`, `file_what_waits`). Whatever interrupts
them, the state says what is still to do, and they may be called again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import IO

from django.contrib.auth.models import AbstractUser
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from PIL import Image

from pakta.storage import StorageAway
from pledges import audit, events, identity, marks, pact, signing
from pledges.audit import Actor
from pledges.events import Purged, WrongState
from pledges.identity import BadTicket, Ticket
from pledges.models import Event, Scan, Signatory, Signature
from pledges.models import Pact as PactRow
from pledges.models.signatory import SignatoryQuerySet
from pledges.paper import codes, reader, reading
from pledges.paper.codes import Printed
from pledges.paper.reading import CannotRead, Sheet
from pledges.signing import NotYourTurn

MAX_BYTES = 20 * 2**20
MAX_FILES = 50
# Of one upload together.
MAX_TOTAL = 300 * 2**20
_PATIENCE = timedelta(minutes=3)
# Whoever has been reading for longer is not alive any more.
_LONGEST = reader.LONGEST + timedelta(minutes=1)
_THUMBNAIL = (180, 180)

State, Problem = Scan.State, Scan.Problem
# What may have ended since: it is tried again whenever the background is woken.
_MAY_END = (Problem.READY, Problem.CLOSED, Problem.NOT_TURN, Problem.WITHDRAWN, Problem.SIGNED)
# For an officer whose choice is refused; the sheet waits for another one, and not by itself.
_IF_CHOSEN = {
    Problem.SIGNED: "Orang ini sudah menandatangani. Bila lembar ini milik orang lain, pilih orang "
    "itu; bila tidak, fotonya boleh dibuang.",
    Problem.CLOSED: "Acara sedang tidak dibuka. Pilih orangnya lagi bila acara sudah dibuka.",
    Problem.NOT_TURN: "Gelombang orang ini belum dibuka. Pilih lagi orangnya sesudah gelombangnya "
    "dibuka.",
    Problem.WITHDRAWN: Problem.WITHDRAWN.label,
}
# The people for whom a user cares in an event.
InCare = Callable[[AbstractUser, Event], SignatoryQuerySet]


class CannotFile(Exception):
    """The sheet stays in the tray; `person` is whom its code names, if it names anybody here."""

    def __init__(
        self, problem: Scan.Problem, person: Signatory | None = None, *, told: str = ""
    ) -> None:
        super().__init__(told or problem.label)
        self.problem = problem
        self.person = person


@dataclass(slots=True)
class Uploaded:
    """What became of several files: how many are being read, and by name what was not taken,
    because the same user or a colleague had uploaded it before, or for the reason told."""

    taken: int = 0
    repeated: list[str] = field(default_factory=list)
    by_colleagues: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


# ------------------------------------------------------------------ what the officer does


def upload(event: Event, files: Sequence[File[bytes]], *, by: Actor) -> Uploaded:
    """Keep files to be read. What cannot be a sheet is refused by name, and the rest is taken.

    Raises WrongState, or Purged.
    """
    if event.is_draft:
        raise WrongState("Acara ini belum diterbitkan, jadi belum ada lembar yang dapat dicatat.")
    told = Uploaded()
    for file in files:
        name = (file.name or "")[-200:]
        if problem := _problem_of(file):
            told.refused.append(f"{name}: {problem}")
        elif _take(event, file, name, by=by):
            told.taken += 1
        elif _is_own(event, file, by):
            told.repeated.append(name)
        else:
            told.by_colleagues.append(name)
    return told


def _problem_of(file: File[bytes]) -> str:
    if file.size > MAX_BYTES:
        return f"lebih besar dari {MAX_BYTES >> 20} MB. Foto lagi dengan resolusi biasa."
    head = file.read(12)
    file.seek(0)
    if head.startswith(reading.KINDS):
        return ""
    if head[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1"}:
        return "berformat HEIC. Pada ponsel pilih format JPEG, atau simpan sebagai JPEG."
    return "bukan foto JPEG atau PNG, dan bukan PDF."


def _take(event: Event, file: File[bytes], name: str, *, by: Actor) -> bool:
    """False for a file that was uploaded before and not thrown away."""
    digest = _digest(file)
    standing = event.scans.exclude(state=State.DISCARDED)
    if standing.filter(source=digest).exists():
        return False
    stored = default_storage.save(f"scans/{event.pk}/unggahan-{digest}", file)
    try:
        with transaction.atomic():
            events.require_kept(events.hold(event))
            scan = Scan.objects.create(
                event=event,
                uploaded_by_id=by.pk if by else None,
                filename=name,
                source=digest,
                file=stored,
                sha256=digest,
            )
            audit.record(by=by, action="scan.upload", target=scan, event=event)
    except IntegrityError:  # somebody else's upload of the same file, at the same moment
        default_storage.delete(stored)
        return False
    except Purged:
        default_storage.delete(stored)
        raise
    return True


def _is_own(event: Event, file: File[bytes], by: Actor) -> bool:
    """Of a file that was uploaded before: whether by the same user, who then finds it."""
    own = event.scans.exclude(state=State.DISCARDED).filter(uploaded_by=by.pk if by else None)
    return own.filter(source=_digest(file)).exists()


def _digest(file: File[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def file_by_code(scan: Scan, *, people: SignatoryQuerySet, by: AbstractUser | None) -> Signature:
    """File a sheet for the one whom its code names, if that is one of these people.

    Raises CannotFile, and WrongState where it waits for nobody any more.
    """
    printed = codes.printed(scan.code)
    if printed is None:
        raise CannotFile(Problem.FORGED)
    if printed.person.event_id != scan.event_id:
        raise CannotFile(Problem.OTHER_EVENT)
    if not people.filter(pk=printed.person.pk).exists():
        raise CannotFile(Problem.NOT_IN_CARE, printed.person)
    return _file(scan, printed.person, printed=printed, detail=_name(by), by=by)


def file_chosen(scan: Scan, person: Signatory, *, by: AbstractUser) -> Signature:
    """File a sheet whose code nobody could read for the one whom the officer sees on it.

    Raises WrongState, and CannotFile, after which somebody may be chosen again.
    """
    if not scan.may_be_chosen_for or person.is_outside:
        raise WrongState("Lembar ini tidak menunggu pilihan Anda.")
    detail = f"{_name(by)}, yang memilih orangnya karena kode QR tidak terbaca"
    try:
        return _file(scan, person, printed=None, detail=detail, by=by)
    except CannotFile as error:
        raise CannotFile(error.problem, told=_IF_CHOSEN[error.problem]) from error


def _name(officer: AbstractUser | None) -> str:
    return identity.name_of(officer) if officer else ""


@transaction.atomic
def _file(
    scan: Scan, person: Signatory, *, printed: Printed | None, detail: str, by: Actor
) -> Signature:
    """The signature of a sheet, with its statement, in one transaction. Lock order: event,
    signatory, scan."""
    try:
        ticket = _ticket(person, detail)
        person = signing.lock(ticket)
    except BadTicket as error:
        raise CannotFile(Problem.WITHDRAWN, person) from error
    scan = Scan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if not scan.waits:
        raise WrongState("Lembar ini sudah dicatat atau dibuang.")
    text = pact.texts_of(person)[0]
    _require_validity(printed, person, text)
    try:
        signature = signing.sign(
            replace(ticket, digests=(text.digest,)),
            mark=marks.scanned(scan.sha256),
            consents=range(1, len(pact.of(text).points) + 1),
            filed_by=by,
        )
    except NotYourTurn as error:
        raise CannotFile(Problem.NOT_TURN, person) from error
    scan.state, scan.problem = State.FILED, ""
    scan.signatory, scan.signature = person, signature
    scan.save(update_fields=["state", "problem", "signatory", "signature"])
    audit.record(
        by=by, action="scan.file", target=scan, event=person.event, signature=signature.pk,
        is_chosen=printed is None,
    )  # fmt: skip
    return signature


def _ticket(person: Signatory, detail: str) -> Ticket:
    """Of the own pact alone: the joint declaration is not on the sheet."""
    return identity.issue(person, method=identity.PAPER, detail=detail)


def _require_validity(printed: Printed | None, person: Signatory, text: PactRow) -> None:
    """Under the locks: of what was printed nothing that matters has changed."""
    if person.signatures.live().filter(pact=text).exists():
        raise CannotFile(Problem.SIGNED, person)
    if not person.event.is_open:
        raise CannotFile(Problem.CLOSED, person)
    if printed and printed.is_outdated(person):
        raise CannotFile(Problem.OUTDATED, person)
    if printed and not printed.is_of(text):
        raise CannotFile(Problem.TEXT_CHANGED, person)


@transaction.atomic
def discard(scan: Scan, *, by: Actor) -> None:
    """Forget a sheet that was not filed; its picture is deleted."""
    scan = Scan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if not may_be_discarded(scan):
        raise WrongState("Lembar ini sudah dicatat, sudah dibuang, atau masih dibaca.")
    picture, scan.file, scan.state = scan.file, "", State.DISCARDED
    scan.save(update_fields=["file", "state"])
    audit.record(by=by, action="scan.discard", target=scan, event=scan.event)
    if picture:
        transaction.on_commit(lambda: default_storage.delete(picture))


# ------------------------------------------------------------------ what the background does


def next_to_read(event: Event, *, after: int) -> Scan | None:
    """The first upload of an event that is still to be read, by primary key."""
    unread = _waiting(event).filter(_nobody_reads(), state=State.READING, pk__gt=after)
    # What has no file is a page of an upload that was interrupted, and comes with it.
    return unread.exclude(file="").order_by("pk").first()


def file_what_waits(event: Event, *, in_care: InCare) -> None:
    """File the sheets whose codes were read and that may be filed by now."""
    for scan in _waiting(event).filter(state=State.TRAY, problem__in=_MAY_END).exclude(code=""):
        _try_to_file(scan, in_care)


def _waiting(event: Event) -> QuerySet[Scan]:
    return event.scans.select_related("event__agency", "uploaded_by")


def _nobody_reads() -> Q:
    return Q(begun_at=None) | Q(begun_at__lt=timezone.now() - _LONGEST)


def read(scan: Scan, *, in_care: InCare) -> None:
    """Read one upload, and file its sheets or say why not. Safe to repeat and to run twice at
    once: of a PDF the first page is settled last, and the upload kept until then. Raises Purged
    where the event's data were deleted meanwhile."""
    if not _begin(scan):
        return
    upload = scan.file
    try:
        with default_storage.open(upload) as file:
            sheets = reader.read(file.read())
    except CannotRead as error:
        _give_up(scan, Problem(error.fault))
    except FileNotFoundError:  # another worker was quicker
        return
    except StorageAway:  # which is no fault of the upload's
        _row(scan).update(begun_at=None)
        raise
    else:
        if _row(scan).update(begun_at=None):
            _settle_all(scan, sheets, in_care)
        default_storage.delete(upload)


def _begin(scan: Scan) -> bool:
    """Whether to read it now. Where a worker died over it, it is not tried by another one."""
    now = timezone.now()
    if _row(scan).filter(begun_at=None).update(begun_at=now):
        return True
    if _row(scan).filter(begun_at__lt=now - _LONGEST).exists():
        _give_up(scan, Problem.INTERRUPTED)
    return False


def _give_up(scan: Scan, problem: Scan.Problem) -> None:
    """An upload that cannot be read, with what an earlier attempt left unfinished of it."""
    unread = scan.event.scans.filter(source=scan.source, state=State.READING)
    unread.update(state=State.TRAY, problem=problem, file="")
    default_storage.delete(scan.file)


def _settle_all(scan: Scan, sheets: list[Sheet], in_care: InCare) -> None:
    first, *others = sheets
    for number, sheet in enumerate(others, start=2):
        if page := _page(scan, number, sheet):
            _settle(page, sheet, in_care)
    _settle(scan, first, in_care)


@transaction.atomic
def _page(scan: Scan, number: int, sheet: Sheet) -> Scan | None:
    """The row of a further page; None where the same sheet was read before."""
    digest = hashlib.sha256(sheet.jpeg).hexdigest()
    officer = scan.uploaded_by
    with transaction.atomic():
        events.require_kept(events.hold(scan.event))
        page, is_new = Scan.objects.exclude(state=State.DISCARDED).get_or_create(
            event=scan.event,
            sha256=digest,
            defaults={
                "uploaded_by": officer,
                "uploaded_at": scan.uploaded_at,
                "filename": scan.filename,
                "page": number,
                "source": scan.source,
                "file": "",
            },
        )
        if is_new:
            audit.record(by=officer, action="scan.upload", target=page, event=scan.event)
    return page if is_new or page.is_reading else None


def _settle(scan: Scan, sheet: Sheet, in_care: InCare) -> None:
    """Keep a sheet's picture, and file it or say why not."""
    found = codes.tokens_in(sheet.codes)
    digest = hashlib.sha256(sheet.jpeg).hexdigest()
    name = f"scans/{scan.event_id}/{digest}.jpg"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(sheet.jpeg))
    problem = Problem.READY if len(found) == 1 else Problem.UNREADABLE
    if len(found) > 1:
        problem = Problem.SEVERAL
    try:
        with transaction.atomic():
            events.require_kept(events.hold(scan.event))
            _row(scan).update(
                state=State.TRAY,
                problem=problem,
                file=name,
                sha256=digest,
                code=found.pop() if len(found) == 1 else "",
            )
    except IntegrityError:  # the same sheet, out of another file
        _row(scan).update(state=State.DISCARDED, problem=Problem.REPEATED, file="")
        return
    except Purged:
        default_storage.delete(name)
        raise
    scan.refresh_from_db(fields=["state", "problem", "file", "sha256", "code"])
    if scan.problem == Problem.READY:
        _try_to_file(scan, in_care)


def _try_to_file(scan: Scan, in_care: InCare) -> None:
    """For the one who uploaded it."""
    officer = scan.uploaded_by
    people = in_care(officer, scan.event) if officer else Signatory.objects.none()
    try:
        file_by_code(scan, people=people, by=officer)
    except CannotFile as error:
        note(scan, error)
    except WrongState:  # another worker, or an officer, was quicker
        return


def note(scan: Scan, refusal: CannotFile) -> None:
    """Write down why a sheet with a code was not filed; one without waits for a choice still."""
    Scan.objects.filter(pk=scan.pk, state=State.TRAY).exclude(code="").update(
        problem=refusal.problem, signatory=refusal.person
    )


def _row(scan: Scan) -> QuerySet[Scan]:
    """For an update that counts only while it is still being read."""
    return Scan.objects.filter(pk=scan.pk, state=State.READING)


# ------------------------------------------------------------------ what the pages show


def opened(scan: Scan, *, by: Actor) -> IO[bytes]:
    """The picture of a sheet. It shows a whole number, so that it was looked at is recorded."""
    audit.record(by=by, action="scan.view", target=scan, event=scan.event)
    return default_storage.open(scan.file)


def thumbnail(scan: Scan) -> bytes:
    """Small enough that nobody reads what stands on the sheet."""
    output = io.BytesIO()
    with default_storage.open(scan.file) as file, Image.open(file, formats=["JPEG"]) as image:
        image.thumbnail(_THUMBNAIL)
        image.save(output, "JPEG", quality=70)
    return output.getvalue()


def may_be_filed(scan: Scan) -> bool:
    """Whether trying again, by somebody who cares for the person, may end otherwise."""
    worth_a_try = {*_MAY_END, Problem.NOT_IN_CARE} - {Problem.SIGNED}
    return scan.waits and scan.problem in worth_a_try


@dataclass(frozen=True, slots=True)
class Counts:
    reading: int
    tray: int
    filed: int


def counts(scans: QuerySet[Scan]) -> Counts:
    return Counts(
        **scans.aggregate(
            reading=Count("pk", filter=Q(state=State.READING)),
            tray=Count("pk", filter=Q(state=State.TRAY)),
            filed=Count("pk", filter=Q(state=State.FILED)),
        )
    )


def stalled(scans: QuerySet[Scan]) -> QuerySet[Scan]:
    """What the background should have read by now: perhaps it is not running."""
    late = timezone.now() - _PATIENCE
    return scans.filter(_nobody_reads(), state=State.READING, uploaded_at__lt=late)


def is_stalled(scan: Scan) -> bool:
    return stalled(scan.event.scans.filter(pk=scan.pk)).exists()


def may_be_discarded(scan: Scan) -> bool:
    return scan.waits or is_stalled(scan)
