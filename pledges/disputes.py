""" "Bukan saya": somebody says that a signature in their name is not theirs.

The link to say so goes out with the notice of the signature. A report changes nothing about
the signature, it is for admins and overseers to look into.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from pledges import audit, events, keys
from pledges.identity import NotIdentified
from pledges.models import Dispute, Signature


class UnknownDisputeLink(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Tautan ini tidak dikenal; mungkin terpotong. Buka lagi tautan lengkap pada surel "
            "pemberitahuan Anda. Bila tetap gagal, hubungi BKPSDM dan tunjukkan surel itu."
        )


def link(signature: Signature) -> str:
    return f"{settings.BASE_URL}/bukan-saya/{token(signature)}"


def token(signature: Signature) -> str:
    """Its holder can report this one signature and see what it was, and nothing else."""
    code, bits = signature.verification_code, keys.SECRET_BITS
    return f"{code}-{keys.derived('dispute', signature.pk, code, bits=bits)}"


def signature_of(presented: str) -> Signature:
    code = keys.normalise(presented.partition("-")[0])
    signature = (
        Signature.objects.filter(verification_code=code)
        .select_related("signatory__event__agency", "signatory__unit", "pact", "dispute")
        .first()
    )
    if signature is None or not keys.same(token(signature), presented):
        raise UnknownDisputeLink
    events.require_kept(signature.signatory.event)
    return signature


@transaction.atomic
def report(signature: Signature, *, message: str = "") -> Dispute:
    """Record it once: a second report finds the first."""
    person = signature.signatory
    dispute, is_new = Dispute.objects.get_or_create(
        signature=signature, defaults={"message": message}
    )
    if is_new:
        audit.record(by=person, action="dispute.report", target=dispute, event=person.event)
    return dispute
