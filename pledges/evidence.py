"""What is on record of one person in one event, as a ZIP for those who check it."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import timezone

from pledges import audit, declaration, events, filenames, trails, zips
from pledges.models import Declaration, Document, PactKind, Signatory, Signature
from pledges.zips import Member

_README = "README.txt"
_VOID = "-DIBATALKAN"


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of the evidence: made here, or a sealed document as it is stored."""

    path: str
    size: int
    crc32: int
    sha256: str
    content: bytes = b""
    stored: str = ""

    @property
    def member(self) -> Member:
        return Member(self.path, self.size, self.crc32, self.stored)


@dataclass(frozen=True, slots=True)
class Evidence:
    """`size` in bytes, like the archive's."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        return zips.size(self._members)

    def chunks(self) -> Iterator[bytes]:
        return zips.read(self._members, self._open)

    @property
    def _members(self) -> list[Member]:
        return [piece.member for piece in self.pieces]

    def _open(self, member: Member) -> AbstractContextManager[IO[bytes]]:
        if member.stored:
            return default_storage.open(member.stored)
        return io.BytesIO(next(p.content for p in self.pieces if p.path == member.path))


def gather(
    person: Signatory, *, with_declaration: bool, reveals_refusals: bool, by: AbstractUser
) -> Evidence:
    """Sealed documents, void ones among them, with the statements and texts they were made of,
    and what the log tells of the person. `by` is told of in the log, and in the README."""
    events.require_kept(person.event)
    signatures = list(
        person.signatures.select_related("pact", "document__certificate").order_by("pk")
    )
    trail = trails.of_person(person, reveals_refusals=reveals_refusals)
    pieces = [
        *(piece for signature in signatures for piece in _of_signature(signature)),
        *_texts(signatures),
        *(_declarations(signatures) if with_declaration else ()),
        _made("jejak-audit.csv", trails.as_csv(trail, person.event)),
    ]
    pieces.insert(0, _readme(person, signatures, pieces, by))
    audit.record(
        by=by, action="export.evidence", target=person, event=person.event, files=len(pieces)
    )
    known_by = person.nip or f"Non-ASN-{person.number:05}"
    name = filenames.safe(f"Bukti {person.event.code} {known_by} {person.name}")
    return Evidence(f"{name}.zip", tuple(pieces))


def _of_signature(signature: Signature) -> Iterator[Piece]:
    """The statement and the document, as far as they have not been deleted."""
    name = signature.verification_code + (_VOID if signature.voided_at else "")
    if signature.statement:
        yield _made(f"pernyataan/{name}.json", signature.statement.encode())
    document = getattr(signature, "document", None)
    if document and document.file:
        yield _sealed(f"dokumen/pakta-{name}.pdf", document)


def _texts(signatures: list[Signature]) -> Iterator[Piece]:
    """What was signed, each text once."""
    for content, digest in {s.pact.content: s.pact.digest for s in signatures}.items():
        yield _made(f"naskah/{digest}.json", content.encode())


def _declarations(signatures: list[Signature]) -> Iterator[Piece]:
    """The joint declarations that name one of these signatures."""
    named: dict[int, Declaration] = {}
    for signature in signatures:
        if signature.pact.kind == PactKind.DECLARATION:
            row = declaration.naming(signature)
            named |= {row.pk: row} if row else {}
    for row in named.values():
        name = row.verification_code + (_VOID if row.voided_at else "")
        document = getattr(row, "document", None)
        if document and document.file:
            yield _sealed(f"dokumen/deklarasi-bersama-{name}.pdf", document)


def _made(path: str, content: bytes) -> Piece:
    digest = hashlib.sha256(content).hexdigest()
    return Piece(path, len(content), zlib.crc32(content), digest, content=content)


def _sealed(path: str, document: Document) -> Piece:
    return Piece(path, document.size, document.crc32, document.sha256, stored=document.file)


def _readme(
    person: Signatory, signatures: list[Signature], pieces: list[Piece], by: AbstractUser
) -> Piece:
    context: dict[str, Any] = {
        "person": person,
        "event": person.event,
        "signatures": signatures,
        "pieces": pieces,
        "by": by,
        "at": timezone.now(),
        "site": settings.BASE_URL,
    }
    text = render_to_string("evidence/README.txt", context)
    # For the Notepad of every Windows.
    return _made(_README, text.replace("\n", "\r\n").encode("utf-8-sig"))
