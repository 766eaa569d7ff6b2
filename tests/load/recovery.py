"""What stands on record, compared with the receipts that people got."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection

from pledges import identity, keys, verification
from pledges.documents import issue
from pledges.models import AuditEntry, Document, Event, Signature

Told = Iterable[tuple[int, str]]


def wait(*, patience: float) -> None:
    """Until the database is there again and nothing waits for its seal."""
    end = time.monotonic() + patience
    while _waits() and time.monotonic() < end:
        time.sleep(0.5)


def _waits() -> bool:
    try:
        return issue.pending().exists()
    except (OperationalError, InterfaceError):
        connection.close_if_unusable_or_obsolete()
        return True


def check(event: Event, acknowledged: Told) -> dict[str, int]:
    """Once everything runs again."""
    unsealed = sum(not is_sealed(signature) for signature in _standing(event))
    return compare(event, acknowledged) | {"unsealed_after_recovery": unsealed}


def compare(event: Event, acknowledged: Told) -> dict[str, int]:
    told, standing = set(acknowledged), _standing(event)
    return {
        "people": len({person for person, _ in told}),
        "signatures": len(standing),
        "lost": lost(told, standing),
        "doubled": doubled(told, standing),
    }


def _standing(event: Event) -> list[Signature]:
    return list(Signature.objects.live().filter(signatory__event=event))


def lost(told: Told, standing: list[Signature]) -> int:
    """How many receipts are of no signature that stands, with one entry in the audit log."""
    entries = Counter(
        AuditEntry.objects.filter(action="signature.sign").values_list("target", flat=True)
    )
    there = {
        (signature.signatory_id, signature.pk)
        for signature in standing
        if entries[f"signature:{signature.pk}"] == 1
    }
    return sum((person, _number(receipt)) not in there for person, receipt in told)


def _number(receipt: str) -> int:
    """The signature whose receipt is at this address; 0 where there is none."""
    token = receipt.rpartition("/")[2]
    signature = Signature.objects.filter(pk=keys.row_of(token)).first()
    is_its = signature is not None and identity.receipt_token(signature) == token
    return signature.pk if is_its else 0


def doubled(told: Told, standing: list[Signature]) -> int:
    """How many signatures under one text a person has beyond the first, and was told of beyond the
    first, and how many documents a signature has beyond the first."""
    signatures = Counter((signature.signatory_id, signature.pact_id) for signature in standing)
    receipts = Counter(person for person, _ in set(told))
    documents = Counter(
        Document.objects.filter(signature__isnull=False).values_list("signature", flat=True)
    )
    counted: tuple[Counter[Any], ...] = (signatures, receipts, documents)
    return sum(times - 1 for each in counted for times in each.values())


def is_sealed(signature: Signature) -> bool:
    """Whether it has one document, whose file is the one on record and bears an unbroken seal."""
    documents = list(Document.objects.filter(signature=signature))
    if len(documents) != 1:
        return False
    try:
        with default_storage.open(documents[0].file) as file:
            pdf: bytes = file.read()
    except OSError:
        return False
    digest = hashlib.sha256(pdf).hexdigest()
    return digest == documents[0].sha256 and verification.seal_holds(pdf)
