"""Somebody says that they will not sign. For admins' eyes; taken back by signing.

What it needs is what signing needs: a ticket, an open event, one's turn, and no signature
yet. An event takes refusals only where its admin allowed them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from pledges import audit, events, keys, signing, waves
from pledges.identity import Ticket, UnknownLink
from pledges.models import Refusal, Signatory


class CannotRefuse(Exception):
    """Base of what takes no refusal; the message is for the signer."""


class NotOffered(CannotRefuse):
    def __init__(self) -> None:
        super().__init__(
            "Acara ini tidak menerima pernyataan tidak bersedia di halaman ini. Tidak ada yang "
            "dicatat. Bila ada keberatan, sampaikan kepada BKPSDM."
        )


class NotNow(CannotRefuse):
    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Pernyataan Anda tidak dicatat. Hubungi BKPSDM bila perlu.")


class AlreadySigned(CannotRefuse):
    def __init__(self) -> None:
        super().__init__(
            "Anda sudah menandatangani pakta ini, jadi pernyataan tidak bersedia tidak dicatat. "
            "Buka lagi tautan Anda untuk melihat buktinya."
        )


@transaction.atomic
def refuse(ticket: Ticket, *, reason: str = "") -> Refusal:
    """Record that somebody will not sign. A second call finds what the first one wrote.

    Raises BadTicket as signing does, and CannotRefuse; nothing is written then.
    """
    person = signing.lock(ticket)
    if person.signatures.live().of_pacts().exists():
        raise AlreadySigned
    if earlier := standing(person):
        return earlier
    _require_refusable(person)
    refusal = Refusal.objects.create(signatory=person, reason=reason)
    audit.record(by=person, action="refusal.record", target=refusal, event=person.event)
    return refusal


def _require_refusable(person: Signatory) -> None:
    event = person.event
    if not may_be_made_by(person):
        raise NotOffered
    if not event.is_open:
        raise NotNow(signing.EventNotOpen(event).reason)
    if not waves.is_turn_of(person):
        raise NotNow(signing.NotYourTurn(person).reason)


def standing(person: Signatory) -> Refusal | None:
    """What this person said last, if they have not signed since."""
    return person.refusals.filter(taken_back_at__isnull=True).first()


def may_be_made_by(person: Signatory) -> bool:
    """Whether the signing page offers to refuse."""
    return person.event.allows_refusal and not person.is_outside


def receipt_token(refusal: Refusal) -> str:
    """Lets its holder see the receipt of one refusal."""
    return f"{refusal.verification_code}-{_proof(refusal)}"


def of_receipt(token: str) -> Refusal:
    code = token.partition("-")[0]
    found = (
        Refusal.objects.filter(verification_code=code)
        .select_related("signatory__event__agency", "signatory__unit")
        .first()
    )
    if found is None or not keys.same(receipt_token(found), token):
        raise UnknownLink
    events.require_kept(found.signatory.event)
    return found


def _proof(refusal: Refusal) -> str:
    return keys.derived("refusal", refusal.pk, refusal.verification_code, bits=keys.SECRET_BITS)


def address(refusal: Refusal) -> str:
    """Where anybody can check this receipt."""
    return f"{settings.BASE_URL}/v/{refusal.verification_code}"
