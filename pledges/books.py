"""A unit's book: copies of its people's pacts as one PDF, to be printed.

A seal does not survive being merged, so nothing sealed goes in: every page is laid out anew
from the same statement, mark and frozen text, is marked as a copy, and names the code by
which its sealed original is found. The background makes it, piece by piece on the disk.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any

import pikepdf
from django.contrib.auth.models import AbstractUser
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from pledges import events, exports, marks, pact
from pledges.documents import copies
from pledges.documents.copies import Copy, Line
from pledges.documents.pact_form import Act
from pledges.downloads import NothingSealed
from pledges.exports import Whose
from pledges.models import Agency, Document, Event, Export, Signature
from pledges.models.signatory import SignatureQuerySet

# Sheets for five binders; a printer wants a unit's book, not a city's.
MOST = 2500
_BATCH = 25
_OPEN_AT_ONCE = 50
# After which it is likely that a book is not being made any more.
_PATIENCE = datetime.timedelta(minutes=2)
_PATIENCE_A_PERSON = datetime.timedelta(seconds=0.5)
_DELETED = "Dokumennya telah dihapus sesuai retensi, jadi tidak dapat dicetak lagi."


class TooThick(Exception):
    def __init__(self, people: int) -> None:
        super().__init__(
            f"Buku ini akan memuat {people} pakta; paling banyak {MOST}. Pilih unit yang lebih "
            "kecil, atau unduh ZIP."
        )


class Unprintable(Exception):
    """A book cannot be made; the message is for who asked for it."""


def ask(event: Event, *, unit: Agency, whose: Whose, by: AbstractUser) -> Export:
    """A book of what is sealed now, still to be made; or the same that was just asked for."""
    events.require_kept(event)
    exports.delete_expired()
    now = timezone.now()
    chosen = exports.signatures(event, unit, whose, at=now)
    waiting = chosen.unsealed().count()
    documents = chosen.filter(document__file__gt="").count()
    if not documents:
        raise NothingSealed(waiting)
    if documents > MOST:
        raise TooThick(documents)
    same: dict[str, Any] = {"event": event, "unit": unit, "kind": Export.Kind.BOOK}
    same |= {"status": whose, "documents": documents, "waiting": waiting}
    with transaction.atomic():
        events.require_kept(events.hold(event))
        if export := exports.just_asked(by, **same):
            return export
        export = Export.objects.create(asked_by_id=by.pk, asked_at=now, **same)
        exports.record(export, action="export.book", by=by)
    return export


def again(export: Export) -> None:
    """Forget how a book failed, before the background makes it anew."""
    Export.objects.filter(pk=export.pk, index="").update(done=0, failure="")


def is_stalled(export: Export) -> bool:
    patience = _PATIENCE + export.documents * _PATIENCE_A_PERSON
    return _is_due(export) and export.asked_at + patience < timezone.now()


def _is_due(export: Export) -> bool:
    return export.kind == Export.Kind.BOOK and not export.index and not export.failure


def make(export: Export) -> None:
    """Print a book that is due. May be called again whatever interrupted it."""
    if not _is_due(export):
        return
    with tempfile.TemporaryDirectory(prefix="pakta-book-") as folder:
        try:
            _keep(export, _print(export, Path(folder)))
        except Unprintable as error:
            Export.objects.filter(pk=export.pk, index="").update(failure=str(error))


def _keep(export: Export, book: Path) -> None:
    """The first book stays, should two have been made; and none that names people who were
    deleted while it was printed."""
    with book.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        stored = exports.keep("buku.pdf", File(file))
    with transaction.atomic():
        is_kept = events.hold(export.event).purged_at is None
        is_first = is_kept and Export.objects.filter(pk=export.pk, index="").update(
            index=stored, sha256=digest, size=book.stat().st_size, done=export.documents
        )
    if not is_first:
        default_storage.delete(stored)
    if not is_kept:
        raise Unprintable(_DELETED)


def _print(export: Export, folder: Path) -> Path:
    """In pieces of a few people, so that no more is ever in the memory than one of these."""
    pieces: list[Path] = []
    contents: list[Line] = []
    for batch in _batches(_signatures(export)):
        numbered = [
            (signature, Line(len(contents) + at, Act.of(signature.statement)))
            for at, signature in enumerate(batch, start=1)
        ]
        pieces += _pieces(numbered, folder)
        contents += [line for _, line in numbered]
        Export.objects.filter(pk=export.pk).update(done=len(contents))
    if not contents:
        raise Unprintable(_DELETED)
    cover = folder / "cover.pdf"
    cover.write_bytes(copies.cover(export.event, export.unit, contents, at=export.asked_at))
    return _merged([cover, *pieces], folder / "book.pdf")


def _signatures(export: Export) -> SignatureQuerySet:
    chosen = exports.signatures(
        export.event, export.unit, Whose(export.status), at=export.asked_at
    ).filter(document__sealed_at__lte=export.asked_at)
    return (
        chosen.exclude(document__file="")
        .select_related("pact", "document")
        .order_by("signatory__unit__path", "signatory__number")
    )


def _batches(chosen: SignatureQuerySet) -> Iterator[Sequence[Signature]]:
    """By number first: nothing is held open while pages are laid out."""
    numbers = list(chosen.values_list("pk", flat=True))
    for start in range(0, len(numbers), _BATCH):
        yield list(chosen.filter(pk__in=numbers[start : start + _BATCH]))


def _pieces(numbered: Sequence[tuple[Signature, Line]], folder: Path) -> Iterator[Path]:
    for is_scan, group in groupby(numbered, key=lambda pair: _is_scan(pair[0])):
        some = list(group)
        if is_scan:
            yield from (_scan(*pair, folder) for pair in some)
        else:
            piece = folder / f"{some[0][1].number:06}.pdf"
            piece.write_bytes(copies.lay_out([_copy(*pair) for pair in some]))
            yield piece


def _is_scan(signature: Signature) -> bool:
    return bool(signature.document.kind == Document.Kind.SCAN)


def _copy(signature: Signature, line: Line) -> Copy:
    mark, text = marks.load(signature.mark), pact.load(signature.pact.content)
    if (line.act.pact_digest, line.act.mark_digest) != (text.digest, mark.digest):
        raise Unprintable(
            f"Pernyataan, tanda tangan, dan naskah nomor {line.act.serial} tidak cocok satu sama "
            "lain, jadi buku ini tidak dicetak. Hubungi pengelola server."
        )
    return Copy(line.number, line.act, text, mark)


def _scan(signature: Signature, line: Line, folder: Path) -> Path:
    """Of what was signed on paper the scan is the evidence: its own pages, under a band that
    says that they are a copy."""
    piece = folder / f"{line.number:06}.pdf"
    with (
        default_storage.open(signature.document.file) as file,
        pikepdf.open(io.BytesIO(file.read())) as scan,
        pikepdf.open(io.BytesIO(copies.band(line))) as band,
    ):
        for page in scan.pages:
            # Links, and the field of the seal, which holds no more.
            if "/Annots" in page:
                del page.Annots
            page.add_overlay(band.pages[0], None)
        if "/AcroForm" in scan.Root:
            del scan.Root.AcroForm
        scan.save(piece)
    return piece


def _merged(pieces: Sequence[Path], target: Path) -> Path:
    """Some at a time: each stays open until what it goes into is saved, and a process may have
    only so many files open."""
    while len(pieces) > _OPEN_AT_ONCE:
        parts = range(0, len(pieces), _OPEN_AT_ONCE)
        pieces = [_joined(pieces[at : at + _OPEN_AT_ONCE], pieces[at]) for at in parts]
    return _joined(pieces, target)


def _joined(pieces: Sequence[Path], target: Path) -> Path:
    """`target` may be one of the pieces."""
    whole = target.with_suffix(".whole")
    with pikepdf.new() as book, ExitStack() as opened:
        for piece in pieces:
            book.pages.extend(opened.enter_context(pikepdf.open(piece)).pages)
        book.save(whole)
    return whole.replace(target)
