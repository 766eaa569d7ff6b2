"""From signatures to their sealed documents in the storage, once and for ever.

Nothing is claimed or marked: what has no document is to be made, and where two workers
make the same one the first row wins. So nothing can be left half done.
"""

from __future__ import annotations

import hashlib
import logging
import math
import random
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.forms.models import model_to_dict

from pledges import events, marks, pact
from pledges.documents import press, seal, timestamps
from pledges.documents.declaration_form import Declared, Named, Signing, Signings
from pledges.documents.pact_form import Act
from pledges.documents.reported import Reported
from pledges.documents.seal import Sealer
from pledges.events import Purged
from pledges.marks import Mark
from pledges.models import Declaration, Document, Report, SealCertificate, Signature
from pledges.models.collected import ReportQuerySet
from pledges.models.document import DeclarationQuerySet
from pledges.models.signatory import SignatureQuerySet

logger = logging.getLogger(__name__)

BATCH = 200
# So many days before the certificate expires it is warned of, once a day.
WARNING_DAYS, WARN_EVERY = 30, 24 * 60 * 60
# What failed is tried again after so many seconds, so that it takes no time from the others.
RETRY_AFTER = 60


class BrokenEvidence(Exception):
    """Statement, marks and text of a document do not belong together any more."""


def issue(signature: Signature, *, sealer: Sealer) -> Document:
    """The sealed document of a signature under a person's own pact, made if it is not there yet.

    Reads statement, mark and frozen text, nothing else; of a sheet that was signed with a pen
    the mark is its picture.
    """
    if document := Document.objects.filter(signature=signature).first():
        return document
    act, mark = Act.of(signature.statement), marks.load(signature.mark)
    text = pact.load(signature.pact.content)
    if (act.pact_digest, act.mark_digest) != (text.digest, mark.digest):
        raise BrokenEvidence(f"signature {signature.pk}")
    row = Document(signature=signature, event_id=signature.signatory.event_id)
    if mark.kind == Mark.SCAN:
        row.kind = Document.Kind.SCAN
        pdf = press.press_scan(text, act, _picture(signature, mark), sealer=sealer)
    else:
        pdf = press.press(text, act, mark, sealer=sealer)
    return _keep(pdf, row, sealer.certificate)


def _picture(signature: Signature, mark: Mark) -> bytes:
    """The JPEG that a scan's mark names by its SHA-256."""
    with default_storage.open(signature.scan.file) as file:
        jpeg: bytes = file.read()
    if hashlib.sha256(jpeg).hexdigest() != mark.data:
        raise BrokenEvidence(f"signature {signature.pk}: its scan")
    return jpeg


def issue_declaration(declaration: Declaration, *, sealer: Sealer) -> Document:
    """The sealed document of a completed declaration, made if it is not there yet.

    Reads its statement and frozen text, and of each signature that it names the statement
    and the mark, which must be those that it names.
    """
    if document := Document.objects.filter(declaration=declaration).first():
        return document
    declared, text = Declared.of(declaration.statement), pact.load(declaration.pact.content)
    if declared.pact_digest != text.digest:
        raise BrokenEvidence(f"declaration {declaration.pk}")
    signings = _signings(declaration, declared)
    pdf = press.press_declaration(text, declared, signings, sealer=sealer)
    row = Document(
        kind=Document.Kind.DECLARATION, declaration=declaration, event_id=declaration.event_id
    )
    return _keep(pdf, row, sealer.certificate)


def _signings(declaration: Declaration, declared: Declared) -> Signings:
    """The signatures that a declaration names, by their codes."""
    codes = [named.verification_code for named in declared.named]
    found = {
        signature.verification_code: signature
        for signature in declaration.pact.signatures.filter(verification_code__in=codes)
    }
    signings = {}
    for named in declared.named:
        signature = found.get(named.verification_code)
        if signature is None or not _is_the_one(signature, named):
            raise BrokenEvidence(f"declaration {declaration.pk}: {named.verification_code}")
        act, mark = Act.of(signature.statement), marks.load(signature.mark)
        signings[named.verification_code] = Signing(act, mark)
    return signings


def _is_the_one(signature: Signature, named: Named) -> bool:
    statement, mark = pact.sha256(signature.statement), marks.load(signature.mark).digest
    return (statement, mark) == (named.statement_digest, named.mark_digest)


def issue_report(report: Report, *, sealer: Sealer) -> Document:
    """The sealed document of a report, made if it is not there yet. Reads its statement alone."""
    if document := Document.objects.filter(report=report).first():
        return document
    told = Reported.of(report.statement)
    if (told.verification_code, told.kind) != (report.verification_code, report.kind):
        raise BrokenEvidence(f"report {report.pk}")
    pdf = press.press_report(told, sealer=sealer)
    row = Document(kind=Document.Kind.REPORT, report=report, event_id=report.event_id)
    return _keep(pdf, row, sealer.certificate)


def _keep(pdf: bytes, document: Document, certificate: SealCertificate) -> Document:
    """Store a file and its row; where another worker was faster, its row is the one. Raises
    Purged, and stores nothing, where people's data were deleted while it was made."""
    digest = hashlib.sha256(pdf).hexdigest()
    document.file = default_storage.save(f"documents/{digest[:2]}/{digest}.pdf", ContentFile(pdf))
    document.sha256, document.size, document.crc32 = digest, len(pdf), zlib.crc32(pdf)
    document.timestamped_at = timestamps.time_in(pdf)
    try:
        with transaction.atomic():
            events.hold_kept(document.event_id)
            document.certificate_id = _row(certificate)
            document.save(force_insert=True)
    except Purged:
        default_storage.delete(document.file)
        raise
    except IntegrityError:
        # Only now: after a lost connection the row may be there, and its file must stay.
        default_storage.delete(document.file)
        return Document.objects.get(
            signature=document.signature, declaration=document.declaration, report=document.report
        )
    return document


def _row(certificate: SealCertificate) -> int:
    """Its primary key; the row is there from the first document on."""
    known = SealCertificate.objects.filter(fingerprint=certificate.fingerprint)
    for number in known.values_list("pk", flat=True):
        return number
    facts = model_to_dict(certificate, exclude=["id", "fingerprint"])
    row, _ = SealCertificate.objects.get_or_create(
        fingerprint=certificate.fingerprint, defaults=facts
    )
    return row.pk


def pending() -> SignatureQuerySet:
    """Signatures without a document, in the order in which they were given.

    A signature, declaration or report that was voided before it was sealed gets no document:
    what is void is proved by what stands on record, and nobody needs a new paper of it.
    """
    return Signature.objects.live().unsealed().select_related("pact", "signatory").order_by("pk")


def pending_declarations() -> DeclarationQuerySet:
    return Declaration.objects.live().unsealed().select_related("pact").order_by("pk")


def pending_reports() -> ReportQuerySet:
    return Report.objects.live().unsealed().order_by("pk")


Pending = Signature | Declaration | Report


@dataclass(slots=True)
class Tally:
    documents: int = 0
    failed: int = 0


class Worker:
    """Seals what is pending, round after round."""

    def __init__(self, sealer: Sealer) -> None:
        self.tally = Tally()
        self._sealer = sealer
        self._warned_at = -math.inf
        # Models hash by primary key and compare by table too.
        self._not_before: dict[Pending, float] = {}

    def round(self, *, stopping: Callable[[], bool] = lambda: False) -> None:
        """Once through all that is pending; `stopping` is asked between two documents.

        What cannot be sealed is counted, and holds up nothing else. Raises what concerns
        them all: a database that is away, a certificate that has expired.
        """
        self._warn_of_expiry()
        for row in self._waiting():
            if stopping():
                return
            if self._not_before.get(row, 0) <= time.monotonic():
                self._try(row)

    def _warn_of_expiry(self) -> None:
        days, now = self._sealer.days_left, time.monotonic()
        if days <= WARNING_DAYS and now - self._warned_at >= WARN_EVERY:
            self._warned_at = now
            logger.warning(
                "Sertifikat segel “%s” berakhir dalam %d hari. Pasang yang baru sebelum itu: "
                "sesudahnya tidak ada yang disegel. Dokumen lama tetap sah.",
                self._sealer.certificate.subject,
                days,
            )

    def _waiting(self) -> Iterator[Pending]:
        """The oldest first, roughly: at random within a batch, so that workers share it.

        Declarations go before each batch: the whole plaza waits for them. Reports, for which
        one office waits, come next.
        """
        last = 0
        while True:
            yield from list(pending_declarations())
            yield from list(pending_reports())
            batch = list(pending().filter(pk__gt=last)[:BATCH])
            if not batch:
                return
            last = batch[-1].pk
            random.shuffle(batch)
            yield from batch

    def _try(self, row: Pending) -> None:
        try:
            if isinstance(row, Declaration):
                issue_declaration(row, sealer=self._sealer)
            elif isinstance(row, Report):
                issue_report(row, sealer=self._sealer)
            else:
                issue(row, sealer=self._sealer)
        except (OperationalError, InterfaceError, *seal.CONCERNING_ALL):
            raise
        except Exception:
            # Whatever is wrong with this one: it must not hold up the others.
            name = type(row).__name__.lower()
            logger.exception("%s %s could not be sealed", name, row.pk)
            self._not_before[row] = time.monotonic() + RETRY_AFTER
            self.tally.failed += 1
        else:
            self._not_before.pop(row, None)
            self.tally.documents += 1
