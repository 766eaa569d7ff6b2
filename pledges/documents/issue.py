"""From signatures to their sealed documents in the storage, once and for ever.

Nothing is claimed or marked: what has no document is to be made, and where two workers
make the same one the first row wins. So nothing can be left half done. No lock is held and
no transaction open while a page is made or stored: a storage that hangs holds up no signer.
"""

from __future__ import annotations

import hashlib
import logging
import math
import random
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction
from django.forms.models import model_to_dict

from pakta.storage import StorageAway
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

# Documents whose rows are written together. The signatures that wait the longest are looked up
# so many at a time, and a worker takes them in a random order of twentieths: two of them seldom
# meet at the same one.
BATCH, WINDOW, PARTS = 20, 1000, 20
# So many days before the certificate expires it is warned of, once a day.
WARNING_DAYS, WARN_EVERY = 30, 24 * 60 * 60
# What failed is tried again after so many seconds, so that it takes no time from the others.
RETRY_AFTER = 60


# What a document is made of.
Pending = Signature | Declaration | Report


class BrokenEvidence(Exception):
    """Statement, marks and text of a document do not belong together any more."""


def issue(row: Pending, *, sealer: Sealer) -> Document:
    """The sealed document of a signature under a person's own pact, of a completed declaration or
    of a report; made if it is not there yet."""
    if document := Document.objects.filter(**{str(row._meta.model_name): row}).first():
        return document
    return _keep_one(_made(row, sealer), sealer.certificate)


def _made(row: Pending, sealer: Sealer) -> Document:
    """Stored, and without a row yet."""
    if isinstance(row, Declaration):
        return _made_of_declaration(row, sealer)
    if isinstance(row, Report):
        return _made_of_report(row, sealer)
    return _made_of_signature(row, sealer)


def _made_of_signature(signature: Signature, sealer: Sealer) -> Document:
    """Reads statement, mark and frozen text, nothing else; of a sheet that was signed with a pen
    the mark is its picture."""
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
    return _stored(pdf, row)


def _picture(signature: Signature, mark: Mark) -> bytes:
    """The JPEG that a scan's mark names by its SHA-256."""
    with default_storage.open(signature.scan.file) as file:
        jpeg: bytes = file.read()
    if hashlib.sha256(jpeg).hexdigest() != mark.data:
        raise BrokenEvidence(f"signature {signature.pk}: its scan")
    return jpeg


def _made_of_declaration(declaration: Declaration, sealer: Sealer) -> Document:
    """Reads its statement and frozen text, and of each signature that it names the statement and
    the mark, which must be those that it names."""
    declared, text = Declared.of(declaration.statement), pact.load(declaration.pact.content)
    if declared.pact_digest != text.digest:
        raise BrokenEvidence(f"declaration {declaration.pk}")
    signings = _signings(declaration, declared)
    pdf = press.press_declaration(text, declared, signings, sealer=sealer)
    row = Document(
        kind=Document.Kind.DECLARATION, declaration=declaration, event_id=declaration.event_id
    )
    return _stored(pdf, row)


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


def _made_of_report(report: Report, sealer: Sealer) -> Document:
    """Reads its statement alone."""
    told = Reported.of(report.statement)
    if (told.verification_code, told.kind) != (report.verification_code, report.kind):
        raise BrokenEvidence(f"report {report.pk}")
    pdf = press.press_report(told, sealer=sealer)
    row = Document(kind=Document.Kind.REPORT, report=report, event_id=report.event_id)
    return _stored(pdf, row)


def _stored(pdf: bytes, document: Document) -> Document:
    digest = hashlib.sha256(pdf).hexdigest()
    name = f"documents/{document.event_id}/{digest[:2]}/{digest}.pdf"
    document.file = default_storage.save(name, ContentFile(pdf))
    document.sha256, document.size, document.crc32 = digest, len(pdf), zlib.crc32(pdf)
    document.timestamped_at = timestamps.time_in(pdf)
    return document


def _keep_one(document: Document, certificate: SealCertificate) -> Document:
    for kept in _keep([document], certificate):
        return kept
    return Document.objects.get(
        signature=document.signature, declaration=document.declaration, report=document.report
    )


def _keep(documents: Sequence[Document], certificate: SealCertificate) -> list[Document]:
    """Write the rows of one event's stored documents, and return those that were written: where
    another worker was faster, its row is the one. Raises Purged, and leaves nothing stored, where
    people's data were deleted while they were made."""
    try:
        with transaction.atomic():
            events.hold_kept(documents[0].event_id)
            number = _row(certificate)
            for document in documents:
                document.certificate_id = number
            Document.objects.bulk_create(documents, ignore_conflicts=True)
    except Purged:
        _delete(documents)
        raise
    # Only now: after a lost connection the rows may be there, and their files must stay.
    kept = Document.objects.in_bulk([each.sha256 for each in documents], field_name="sha256")
    _delete([document for document in documents if document.sha256 not in kept])
    return list(kept.values())


def _delete(documents: Sequence[Document]) -> None:
    for document in documents:
        default_storage.delete(document.file)


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


_event = attrgetter("event_id")


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
        them all: a database or a storage that is away, a certificate that has expired.
        """
        self._warn_of_expiry()
        for batch in self._waiting():
            made: list[Document] = []
            try:
                for document in self._make(batch, stopping):
                    made.append(document)
            finally:
                # Whatever ends the round: these are stored, and sealed once.
                for _, rows in groupby(sorted(made, key=_event), key=_event):
                    self._keep(list(rows))
            if stopping():
                return

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

    def _waiting(self) -> Iterator[Sequence[Pending]]:
        """The oldest first, roughly.

        Declarations go before each batch: the whole plaza waits for them. Reports, for which
        one office waits, come next.
        """
        last = 0
        while True:
            yield from self._first()
            window = list(pending().filter(pk__gt=last).values_list("pk", flat=True)[:WINDOW])
            if not window:
                return
            last, size = window[-1], min(BATCH, 1 + len(window) // PARTS)
            parts = [window[at : at + size] for at in range(0, len(window), size)]
            random.shuffle(parts)
            for part in parts:
                yield list(pending().filter(pk__in=part))
                yield from self._first()

    def _first(self) -> Iterator[Sequence[Pending]]:
        """One by one: each takes seconds."""
        for declaration in pending_declarations():
            yield [declaration]
        for report in pending_reports():
            yield [report]

    def _make(self, batch: Sequence[Pending], stopping: Callable[[], bool]) -> Iterator[Document]:
        for row in batch:
            if stopping():
                return
            if self._not_before.get(row, 0) <= time.monotonic():
                with self._tried([row]):
                    yield _made(row, self._sealer)

    def _keep(self, documents: Sequence[Document]) -> None:
        rows = [each.signature or each.declaration or each.report for each in documents]
        with self._tried([row for row in rows if row]):
            self.tally.documents += len(_keep(documents, self._sealer.certificate))

    @contextmanager
    def _tried(self, rows: Sequence[Pending]) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError, StorageAway, *seal.CONCERNING_ALL):
            raise
        except Exception:
            # Whatever is wrong with these: they must not hold up the others.
            for row in rows:
                logger.exception("%s %s could not be sealed", type(row).__name__.lower(), row.pk)
                self._not_before[row] = time.monotonic() + RETRY_AFTER
            self.tally.failed += len(rows)
        else:
            for row in rows:
                self._not_before.pop(row, None)
