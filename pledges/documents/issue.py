"""From a signature to its sealed document in the storage, once and for ever.

Nothing is claimed or marked: what has no document is to be made, and where two workers
make the same one the first row wins. So nothing can be left half done.
"""

from __future__ import annotations

import hashlib
import logging
import random
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.forms.models import model_to_dict

from pledges import marks, pact
from pledges.documents import press
from pledges.documents.form import Act
from pledges.documents.seal import OutsideValidity, Sealer
from pledges.models import Document, SealCertificate, Signature
from pledges.models.signatory import SignatureQuerySet

logger = logging.getLogger(__name__)

BATCH = 200
# What failed is tried again after so many seconds, so that it takes no time from the others.
RETRY_AFTER = 60


class BrokenEvidence(Exception):
    """Statement, mark and text of a signature do not belong together any more."""


def issue(signature: Signature, *, sealer: Sealer) -> Document:
    """The signature's sealed document, made if it is not there yet.

    Reads statement, mark and frozen text, nothing else.
    """
    if document := Document.objects.filter(signature=signature).first():
        return document
    act, mark = Act.of(signature.statement), marks.load(signature.mark)
    text = pact.load(signature.pact.content)
    if (act.pact_digest, act.mark_digest) != (text.digest, mark.digest):
        raise BrokenEvidence(f"signature {signature.pk}")
    page = press.press(text, act, mark, certificate=sealer.certificate)
    pdf = sealer.seal(page, place=text.event.city, url=act.url)
    return _keep(pdf, signature, sealer.certificate)


def _keep(pdf: bytes, signature: Signature, certificate: SealCertificate) -> Document:
    digest = hashlib.sha256(pdf).hexdigest()
    name = default_storage.save(f"documents/{digest[:2]}/{digest}.pdf", ContentFile(pdf))
    try:
        with transaction.atomic():
            return Document.objects.create(
                event_id=signature.signatory.event_id,
                signature=signature,
                certificate=_row(certificate),
                file=name,
                sha256=digest,
                size=len(pdf),
                crc32=zlib.crc32(pdf),
            )
    except IntegrityError:
        # Only now: after a lost connection the row may be there, and its file must stay.
        default_storage.delete(name)
        return Document.objects.get(signature=signature)


def _row(certificate: SealCertificate) -> SealCertificate:
    facts = model_to_dict(certificate, exclude=["id", "fingerprint"])
    row, _ = SealCertificate.objects.get_or_create(
        fingerprint=certificate.fingerprint, defaults=facts
    )
    return row


def pending() -> SignatureQuerySet:
    """Signatures without a document, in the order in which they were given."""
    return Signature.objects.live().unsealed().select_related("pact", "signatory").order_by("pk")


@dataclass(slots=True)
class Tally:
    documents: int = 0
    failed: int = 0


class Worker:
    """Seals what is pending, round after round."""

    def __init__(self, sealer: Sealer) -> None:
        self.tally = Tally()
        self._sealer = sealer
        self._not_before: dict[int, float] = {}

    def round(self, *, stopping: Callable[[], bool] = lambda: False) -> None:
        """Once through all that is pending; `stopping` is asked between two documents.

        A signature that cannot be sealed is counted, and holds up no other. Raises what
        concerns them all: a database that is away, a certificate that has expired.
        """
        for signature in self._waiting():
            if stopping():
                return
            if self._not_before.get(signature.pk, 0) <= time.monotonic():
                self._try(signature)

    def _waiting(self) -> Iterator[Signature]:
        """The oldest first, roughly: at random within a batch, so that workers share it."""
        last = 0
        while batch := list(pending().filter(pk__gt=last)[:BATCH]):
            last = batch[-1].pk
            random.shuffle(batch)
            yield from batch

    def _try(self, signature: Signature) -> None:
        try:
            issue(signature, sealer=self._sealer)
        except (OperationalError, InterfaceError, OutsideValidity):
            raise
        except Exception:
            # Whatever is wrong with this one: it must not hold up the others.
            logger.exception("signature %s could not be sealed", signature.pk)
            self._not_before[signature.pk] = time.monotonic() + RETRY_AFTER
            self.tally.failed += 1
        else:
            self._not_before.pop(signature.pk, None)
            self.tally.documents += 1
