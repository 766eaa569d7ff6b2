"""Is this document genuine? By its code, by its file, and by the number that stands on it.

A file is compared by its hash. Nothing here takes a foreign PDF apart, but for
`seal_holds`, which only the command `verify_pdf` calls, and only with a known file.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import IO

from django.db import transaction
from django.utils import timezone

from pledges import keys, nip, pact
from pledges.documents.form import IDENTIFIER, Act
from pledges.models import Document, MatchAttempt, Signature
from pledges.models.signatory import SignatureQuerySet

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


class State(StrEnum):
    GENUINE = "genuine"
    EXAMPLE = "example"
    VOID = "void"
    UNSEALED = "unsealed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What anybody may know of a signed document; people are masked."""

    code: str
    agency: str
    event: str
    unit: str
    name: str
    identifier_label: str
    identifier: str
    signed_at: datetime
    zone_name: str
    is_late: bool
    is_example: bool
    is_void: bool
    pact_title: str
    pact_digest: str
    # None while it is not sealed yet.
    sealed_at: datetime | None
    file_digest: str | None
    is_development_seal: bool

    @property
    def state(self) -> State:
        if self.is_example:
            return State.EXAMPLE
        if self.is_void:
            return State.VOID
        return State.GENUINE if self.sealed_at else State.UNSEALED


class FileState(StrEnum):
    INTACT = "intact"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """`document` is the one that the file is, or once was; None if it is not from here."""

    state: FileState
    document: Verdict | None = None


def by_code(code: str) -> Verdict | None:
    """The verdict on a verification code, however it was typed; None if it was never given."""
    signature = _signatures().filter(verification_code=keys.normalise(code)).first()
    return _verdict(signature) if signature else None


def by_file(file: IO[bytes]) -> FileVerdict:
    data = _read(file)
    digest = hashlib.sha256(data).hexdigest()
    if signature := _signatures().filter(document__sha256=digest).first():
        return FileVerdict(FileState.INTACT, _verdict(signature))
    if signature := _signatures().filter(verification_code__in=_codes(data)).first():
        return FileVerdict(FileState.ALTERED, _verdict(signature))
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


def _signatures() -> SignatureQuerySet:
    return Signature.objects.select_related("pact", "document__certificate")


def _verdict(signature: Signature) -> Verdict:
    act, text = Act.of(signature.statement), pact.load(signature.pact.content)
    document: Document | None = getattr(signature, "document", None)
    return Verdict(
        code=act.verification_code,
        agency=text.letterhead.agency,
        event=text.event.title,
        unit=act.unit[-1],
        name=mask_name(act.name),
        identifier_label=act.identifier_label,
        identifier=nip.mask_nip(act.identifier) if _has_nip(act) else act.identifier,
        signed_at=act.signed_at.astimezone(text.event.zone),
        zone_name=text.event.zone_name,
        is_late=act.is_late,
        is_example=text.event.is_example,
        is_void=signature.voided_at is not None,
        pact_title=text.title,
        pact_digest=act.pact_digest,
        sealed_at=document.sealed_at if document else None,
        file_digest=document.sha256 if document else None,
        is_development_seal=document.certificate.is_development if document else False,
    )


def _has_nip(act: Act) -> bool:
    """A NIK is masked in the statement already."""
    return act.identifier_label == "NIP"


def mask_name(name: str) -> str:
    """Initials: "Siti Aminah, S.Pd." becomes "S••• A•••"."""
    words = re.findall(r"[^\W\d_][^\s,]*", name.partition(",")[0])
    return " ".join(f"{word[0]}•••" for word in words)


@transaction.atomic
def matches_identifier(signature: Signature, typed: str) -> bool:
    """Whether this NIP or NIK is the signer's. Ten tries an hour for one document.

    So a reader of a paper finds out a QR code that was copied from somebody else's, and
    nobody finds out a number by trying.
    """
    _count_try(signature)
    digits = "".join(c for c in typed if c.isdigit())
    act = Act.of(signature.statement)
    if _has_nip(act):
        return keys.same(act.identifier, digits)
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
    expired since.
    """
    # Half a second and much memory: nothing on the web parses a PDF.
    from pyhanko.keys import load_certs_from_pemder_data
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    document = Document.objects.select_related("certificate").get(
        sha256=hashlib.sha256(pdf).hexdigest()
    )
    chain = list(load_certs_from_pemder_data(document.certificate.chain.encode()))
    context = ValidationContext(trust_roots=chain[-1:], moment=document.sealed_at)
    [embedded] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    status = validate_pdf_signature(embedded, context)
    return status.bottom_line and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
