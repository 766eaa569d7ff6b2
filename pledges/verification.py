"""Is this document genuine? By its code, by its file, and by the number that stands on it.

Codes are of signatures, of joint declarations, of reports, and of refusals, which are no
documents.

A file is compared by its hash. Nothing here takes a foreign PDF apart, but for
`seal_holds`, which only commands call, and only with a known file.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import IO

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from pledges import keys, niks, verdicts
from pledges.documents.pact_form import Act
from pledges.documents.page import IDENTIFIER
from pledges.models import Declaration, Document, MatchAttempt, Refusal, Report, Signature
from pledges.verdicts import (
    DeclarationVerdict,
    PurgedVerdict,
    RefusalVerdict,
    ReportVerdict,
    Verdict,
)

MAX_BYTES = 10 * 1024 * 1024
CODE_LENGTH = 16
MAX_TRIES = 10
TRIES_WITHIN = timedelta(hours=1)

# Every document carries its code in plain bytes: in the file's /ID twice, once as hex digits,
# and in the seal, where slashes are written as octal numbers.
_CODE = f"[{keys.ALPHABET}]{{{CODE_LENGTH}}}"
_MARKS = re.compile(rf"(?:{IDENTIFIER}|/v/|\\057v\\057)({_CODE})".encode())
_HEX_MARKS = re.compile(
    f"{IDENTIFIER.encode().hex()}((?:[0-9a-f]{{2}}){{{CODE_LENGTH}}})".encode(), re.IGNORECASE
)


OnDocument = Verdict | DeclarationVerdict | ReportVerdict | PurgedVerdict


class CannotCheck(Exception):
    """Base of what makes a file uncheckable; the message says what to send instead."""


class FileTooLarge(CannotCheck):
    def __init__(self) -> None:
        super().__init__(
            "Berkas ini lebih besar dari 10 MB; dokumen dari sini tidak pernah sebesar itu. "
            "Pilih berkas PDF pakta yang Anda terima."
        )


class NotAPdf(CannotCheck):
    def __init__(self) -> None:
        super().__init__(
            "Berkas ini bukan PDF. Pilih berkas PDF pakta yang Anda terima, bukan foto, "
            "pindaian, atau tangkapan layarnya."
        )


class TooManyTries(Exception):
    def __init__(self, until: datetime) -> None:
        minutes = max(1, round((until - timezone.now()).total_seconds() / 60))
        super().__init__(
            f"Nomor untuk dokumen ini sudah {MAX_TRIES} kali dicocokkan. "
            f"Coba lagi {minutes} menit lagi."
        )


class FileState(StrEnum):
    INTACT = "intact"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """`document` is the one that the file is, or once was; None if it is not from here."""

    state: FileState
    document: OnDocument | None = None


def by_code(code: str) -> OnDocument | RefusalVerdict | None:
    """The verdict on a verification code, however it was typed; None if it was never given."""
    code = keys.normalise(code)
    if document := _of_codes({code}):
        return document
    refusals = Refusal.objects.select_related("signatory__event__agency")
    refusal = refusals.filter(verification_code=code).first()
    return verdicts.of_refusal(refusal) if refusal else None


def by_file(file: IO[bytes]) -> FileVerdict:
    data = _read(file)
    digest = hashlib.sha256(data).hexdigest()
    if document := _documents().filter(sha256=digest).first():
        return FileVerdict(FileState.INTACT, _of_file(document))
    if original := _of_codes(_codes(data)):
        return FileVerdict(FileState.ALTERED, original)
    if b"%PDF-" not in data[:1024]:
        raise NotAPdf
    return FileVerdict(FileState.UNKNOWN)


def _read(file: IO[bytes]) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FileTooLarge
    return data


def _codes(data: bytes) -> set[str]:
    """The codes of documents that these bytes say they are. Few: a file names one."""
    plain = {match[1] for match in _MARKS.finditer(data)}
    written_anew = {bytes.fromhex(match[1].decode()) for match in _HEX_MARKS.finditer(data)}
    return {code.decode("latin-1") for code in sorted(plain | written_anew)[:100]}


def _documents() -> QuerySet[Document]:
    return Document.objects.select_related(
        "signature__pact", "declaration__pact", "report", "certificate"
    )


def _of_file(document: Document) -> OnDocument:
    if document.report is not None:
        return verdicts.of_report(document.report)
    if document.declaration is not None:
        return verdicts.of_declaration(document.declaration)
    assert document.signature is not None  # noqa: S101 (a constraint of the table)
    return verdicts.of_signature(document.signature)


def _of_codes(codes: Collection[str]) -> OnDocument | None:
    signatures = Signature.objects.select_related("pact", "document__certificate")
    if signature := signatures.filter(verification_code__in=codes).first():
        return verdicts.of_signature(signature)
    declarations = Declaration.objects.select_related("pact", "document__certificate")
    if declaration := declarations.filter(verification_code__in=codes).first():
        return verdicts.of_declaration(declaration)
    reports = Report.objects.select_related("event__agency", "document__certificate")
    if report := reports.filter(verification_code__in=codes).first():
        return verdicts.of_report(report)
    return None


@transaction.atomic
def matches_identifier(signature: Signature, typed: str) -> bool:
    """Whether this NIP or NIK is the signer's. Ten tries an hour for one document.

    So a reader of a paper finds out a QR code that was copied from somebody else's, and
    nobody finds out a number by trying. Raises WrongNikKey rather than say that a NIK is wrong.
    """
    _count_try(signature)
    digits = "".join(c for c in typed if c.isdigit())
    act = Act.of(signature.statement)
    if verdicts.has_nip(act):
        return keys.same(act.identifier, digits)
    niks.require_key()
    return keys.same(signature.signatory.nik_hash or "", keys.nik_hash(digits))


def _count_try(signature: Signature) -> None:
    attempt, _ = MatchAttempt.objects.select_for_update().get_or_create(signature=signature)
    now = timezone.now()
    if attempt.since + TRIES_WITHIN <= now:
        attempt.since, attempt.tries = now, 0
    if attempt.tries >= MAX_TRIES:
        raise TooManyTries(attempt.since + TRIES_WITHIN)
    attempt.tries += 1
    attempt.save(update_fields=["since", "tries"])


def seal_holds(pdf: bytes) -> bool:
    """Whether the seal of a document of ours covers the whole file, unbroken.

    Its certificate is the one on record, judged at the time of sealing: it may have
    expired since. Whether to trust the authority of a timestamp was judged before the file
    was ours.
    """
    # Half a second and much memory: nothing on the web parses a PDF.
    from pyhanko.keys import load_certs_from_pemder_data
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    from pledges.documents import timestamps

    document = Document.objects.select_related("certificate").get(
        sha256=hashlib.sha256(pdf).hexdigest()
    )
    chain = list(load_certs_from_pemder_data(document.certificate.chain.encode()))
    [embedded] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    stamp = timestamps.found_in(embedded.signer_info)
    authority = [each.chosen for each in stamp["certificates"]] if stamp else []
    sealing, stamping = (
        ValidationContext(trust_roots=roots, moment=document.sealed_at)
        for roots in (chain[-1:], authority)
    )
    status = validate_pdf_signature(embedded, sealing, stamping)
    return status.bottom_line and status.coverage == SignatureCoverageLevel.ENTIRE_FILE


class Kept(StrEnum):
    """What became of the file that a document's row names."""

    INTACT = "intact"
    MISSING = "missing"
    ALTERED = "altered"
    UNSEALED = "unsealed"


def kept() -> QuerySet[Document]:
    """Documents whose files must be there: their retention is not over."""
    return Document.objects.exclude(file="")


def all_kept(storage: Storage) -> Iterator[tuple[Document, Kept]]:
    """Every document's file, held against its row: its bytes, and its seal."""
    for document in kept().order_by("pk").iterator():
        yield document, _state(document, storage)


def _state(document: Document, storage: Storage) -> Kept:
    try:
        with storage.open(document.file) as file:
            data: bytes = file.read()
    except FileNotFoundError:
        return Kept.MISSING
    if hashlib.sha256(data).hexdigest() != document.sha256:
        return Kept.ALTERED
    return Kept.INTACT if seal_holds(data) else Kept.UNSEALED
