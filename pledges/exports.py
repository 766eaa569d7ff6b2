"""Documents to take away, fixed at the moment they are asked for.

Asking writes an index into the storage, which holds the manifests and names every file that
goes in; with it each byte of the archive is known, and stays so whatever is signed, voided or
renamed afterwards.
Taking reads the index line by line and the files one by one, from any byte on.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Any, Protocol

from django.contrib.auth.models import AbstractUser, User
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, TextChoices
from django.utils import timezone

from pledges import audit, downloads, events, filenames, keys, zips
from pledges.events import Purged
from pledges.models import Agency, AuditEntry, Document, Event, Export, Signature
from pledges.models.signatory import SignatureQuerySet
from pledges.zips import BrokenMember, Member

# Whoever needs it later asks again; the files of an export hold personal data.
KEPT_FOR = datetime.timedelta(days=7)
# Within which asking for the same again is a second click.
_MOMENT = datetime.timedelta(minutes=1)
_CHUNK = 64 * 1024


class Whose(TextChoices):
    """Whose documents an export holds, of those who have signed."""

    EVERYBODY = "", "Semua yang sudah menandatangani"
    IN_TIME = "signed", "Yang tepat waktu"
    LATE = "late", "Yang terlambat"
    PAPER = "paper", "Yang bertanda tangan basah"


_OF_WHOM = {
    Whose.EVERYBODY: Q(),
    Whose.IN_TIME: Q(is_late=False),
    Whose.LATE: Q(is_late=True),
    Whose.PAPER: Q(document__kind=Document.Kind.SCAN),
}


class Gone(Exception):
    """An export can no longer be taken; the message is for who asked for it."""

    def __init__(self) -> None:
        super().__init__(
            "Unduhan ini tidak ada lagi: sudah lewat tujuh hari, atau berkasnya telah dihapus "
            "sesuai retensi. Bila masih perlu, minta unduhan yang baru."
        )


class Content(Protocol):
    """What is taken: the same bytes at every time."""

    @property
    def size(self) -> int: ...

    def read(self, start: int, stop: int) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class _Index:
    """The members of an archive, read from the storage anew each time they are gone through.

    The file begins with a line about the manifests and with these; a line for each document
    follows. So an export has one file of its own, and deleting that deletes all of it.
    """

    stored: str

    def __iter__(self) -> Iterator[Member]:
        with default_storage.open(self.stored) as file:
            manifests = json.loads(file.readline())
            yield from (Member(path, size, crc32, "") for path, size, crc32 in manifests)
            file.seek(sum(size for _, size, _ in manifests), io.SEEK_CUR)
            yield from (Member(*json.loads(line)) for line in iter(file.readline, b""))

    def open(self, member: Member) -> AbstractContextManager[IO[bytes]]:
        if member.stored:
            return _opened(member.stored)
        with default_storage.open(self.stored) as file:
            for path, size, _ in json.loads(file.readline()):
                if path == member.path:
                    break
                file.seek(size, io.SEEK_CUR)
            return io.BytesIO(file.read(member.size))


def _opened(stored: str) -> IO[bytes]:
    try:
        return default_storage.open(stored)
    except FileNotFoundError as error:
        raise BrokenMember(stored) from error


def _written(manifests: Mapping[str, bytes], members: Iterable[Member]) -> bytes:
    """The file of an index, see there."""
    own = [(path, len(content), zlib.crc32(content)) for path, content in manifests.items()]
    lines = [[each.path, each.size, each.crc32, each.stored] for each in members]
    head, *rest = [f"{json.dumps(line)}\n".encode() for line in (own, *lines)]
    return b"".join([head, *manifests.values(), *rest])


@dataclass(frozen=True, slots=True)
class _Archive:
    members: _Index
    size: int

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        return zips.read(self.members, self.members.open, start=start, stop=stop)


@dataclass(frozen=True, slots=True)
class _Stored:
    """One file of the storage as it is."""

    name: str
    size: int

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        with default_storage.open(self.name) as file:
            file.seek(start)
            for at in range(start, stop, _CHUNK):
                yield file.read(min(_CHUNK, stop - at))


def signatures(
    event: Event, unit: Agency, whose: Whose, *, at: datetime.datetime
) -> SignatureQuerySet:
    """The signatures in a unit and below it that stood at a moment."""
    people = event.signatories.in_unit(unit)
    stood = Q(voided_at__isnull=True) | Q(voided_at__gt=at)
    of_pacts = Signature.objects.of_pacts().filter(stood, signed_at__lte=at, signatory__in=people)
    return of_pacts.filter(_OF_WHOM[whose])


def ask(
    event: Event, *, unit: Agency, whose: Whose, with_declaration: bool, by: AbstractUser
) -> Export:
    """Fix what is sealed now of a unit's people and all below it, with its manifests.

    Where the user has just asked for the same, it is that one.
    """
    delete_expired()
    now = timezone.now()
    found = downloads.bundle(
        signatures(event, unit, whose, at=now), event=event, with_declaration=with_declaration
    )
    members = [Member(each.path, each.size, each.crc32, each.stored) for each in found.entries]
    index = _written(found.manifests(), members)
    stored = keep("index", ContentFile(index))
    same: dict[str, Any] = {"event": event, "unit": unit, "kind": Export.Kind.DOCUMENTS}
    same |= {"status": whose, "documents": len(found.entries), "waiting": found.waiting}
    export = Export(
        **same,
        asked_by_id=by.pk,
        asked_at=now,
        index=stored,
        sha256=hashlib.sha256(index).hexdigest(),
        size=zips.size(_Index(stored)),
    )
    try:
        asked = _write(export, same, by=by)
    except Purged:
        default_storage.delete(stored)
        raise
    if asked is not export:
        default_storage.delete(stored)
    return asked


@transaction.atomic
def _write(export: Export, same: dict[str, Any], *, by: AbstractUser) -> Export:
    """The export, or the same that was asked for a moment ago."""
    events.require_kept(events.hold(export.event))
    if asked := just_asked(by, **same):
        return asked
    export.save(force_insert=True)
    record(export, action="export.documents", by=by)
    return export


def just_asked(by: AbstractUser, **facts: Any) -> Export | None:
    """What a user asked for a moment ago, in a transaction in which the next asking waits."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    asked = Export.objects.filter(asked_by=by.pk, asked_at__gt=timezone.now() - _MOMENT, failure="")
    return asked.filter(**facts).order_by("-pk").first()


def record(export: Export, *, action: str, by: AbstractUser) -> None:
    """That documents of a unit were asked for, or taken."""
    audit.record(
        by=by, action=action, target=export.unit, event=export.event,
        export=export.pk, documents=export.documents, kind=export.kind,
    )  # fmt: skip


def keep(name: str, content: File[bytes]) -> str:
    """Store a file of an export where nobody guesses it."""
    return default_storage.save(f"exports/{keys.random_code(80)}-{name}", content)


def take(export: Export, *, by: AbstractUser, goes_on: bool) -> Content:
    """An export's content. The log tells of each taking, but not of the pieces with which one
    goes on that it has told of.

    Of an archive of which a file is gone the download breaks off there: its length was told
    before, so whoever takes it sees that it is not whole.
    """
    events.require_kept(export.event)
    found = content(export)
    if not (goes_on and _was_taken(export, by)):
        record(export, action="export.take", by=by)
    return found


def _was_taken(export: Export, by: AbstractUser) -> bool:
    since = AuditEntry.objects.filter(event_id=export.event_id, at__gte=export.asked_at)
    taken = since.filter(action="export.take", details__export=export.pk)
    return taken.filter(actor=f"user:{by.pk}").exists()


def content(export: Export) -> Content:
    """Nothing is given of an archive of which something is gone."""
    if is_expired(export) or not export.index or not default_storage.exists(export.index):
        raise Gone
    if export.kind == Export.Kind.BOOK:
        return _Stored(export.index, export.size)
    return _Archive(_Index(export.index), export.size)


def is_expired(export: Export) -> bool:
    return export.asked_at + KEPT_FOR < timezone.now()


def name(export: Export) -> str:
    """What the file is called at home."""
    title = f"{export.event.code} {export.unit}"
    if export.kind == Export.Kind.BOOK:
        return f"{filenames.safe(f'{title} buku salinan')}.pdf"
    return f"{filenames.safe(title)}.zip"


def delete_expired() -> int:
    """Delete the exports that were asked for more than a week ago, with their files."""
    expired = Export.objects.filter(asked_at__lt=timezone.now() - KEPT_FOR)
    return sum(map(delete, expired))


def delete(export: Export) -> int:
    """Delete an export and its file; documents stay where they are. How many were deleted."""
    if export.index:
        default_storage.delete(export.index)
    deleted, _ = Export.objects.filter(pk=export.pk).delete()
    return deleted
