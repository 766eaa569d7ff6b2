"""Wrong codes tried over many people's numbers: told to the admins, and nobody is locked out.

A number of its own is locked after ten wrong codes (see `identity`). Who tries one code on
many numbers never gets that far, so the numbers that stand behind their last wrong code are
counted together. A right code takes its number out again.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from pledges import audit, events, keys, metrics
from pledges.models import AuditEntry, CodeAttempt, Event

logger = logging.getLogger(__name__)

ACTION = "identity.code_alert"

# Somebody who mistypes their own number has it right by the third time or asks for help.
SAME_CODE, SAME_CODE_WITHIN = 5, timedelta(hours=1)
# A unit in which everybody holds the wrong slip makes less of it than this.
ANY_CODE, ANY_CODE_WITHIN = 20, timedelta(minutes=10)
# In a crowd that signs at the same time, one in ten may be at a loss without meaning anything.
SIGNED_BESIDE_EACH = 10
# One entry tells of a wave of guesses, however long it goes on.
TOLD_ONCE_IN = timedelta(hours=1)


def hashed_number(digits: str) -> str:
    """A NIP or NIK, 64 hex digits, to count wrong codes by."""
    return hmac.digest(settings.CODES_KEY.encode(), digits.encode(), hashlib.sha256).hex()


def hashed_code(event: Event, code: str) -> str:
    """A wrong code is kept so: it may be another person's right one."""
    return keys.derived("wrong-code", event.pk, keys.normalise(code), bits=160)


def note(event: Event, digits: str, code: str) -> None:
    """A wrong code that locks nothing, an e-mailed one say: it shows like the others."""
    code_hash = hashed_code(event, code)
    CodeAttempt.objects.update_or_create(
        event=event, identifier_hash=hashed_number(digits),
        defaults={"code_hash": code_hash, "failed_at": timezone.now()},
    )  # fmt: skip
    watch(event, code_hash)


def forget(event: Event, digits: str) -> None:
    """The right one came after all."""
    attempts = CodeAttempt.objects.filter(event=event, identifier_hash=hashed_number(digits))
    attempts.update(code_hash="", failed_at=None)


def watch(event: Event, code_hash: str) -> None:
    """Called after a wrong code was counted; writes one audit entry when it is one of many."""
    metrics.WRONG_CODES.inc()
    logger.warning("a wrong code at event %s", event.code)
    now = timezone.now()
    if _is_spread(event, code_hash, now) and not _was_told(event, now):
        _tell(event, code_hash, now)


@transaction.atomic
def _tell(event: Event, code_hash: str, now: datetime) -> None:
    event = events.hold(event, exclusive=True)
    if _was_told(event, now):
        return
    audit.record(
        by=None, action=ACTION, target=event, event=event,
        same_code=_with_code(event, code_hash, now).count(),
        numbers=_with_any(event, now).count(),
        signed=_signed(event, now),
    )  # fmt: skip


def _is_spread(event: Event, code_hash: str, now: datetime) -> bool:
    if _reaches(_with_code(event, code_hash, now), SAME_CODE):
        return True
    numbers = _with_any(event, now)
    return _reaches(numbers, ANY_CODE) and _reaches(
        numbers, _signed(event, now) // SIGNED_BESIDE_EACH
    )


def _reaches(attempts: QuerySet[CodeAttempt], limit: int) -> bool:
    """Counts no further: whoever tries many codes must not make each of them costlier."""
    return attempts[:limit].count() >= limit


def _with_code(event: Event, code_hash: str, now: datetime) -> QuerySet[CodeAttempt]:
    return CodeAttempt.objects.filter(
        event=event, code_hash=code_hash, failed_at__gt=now - SAME_CODE_WITHIN
    )


def _with_any(event: Event, now: datetime) -> QuerySet[CodeAttempt]:
    return CodeAttempt.objects.filter(event=event, failed_at__gt=now - ANY_CODE_WITHIN)


def _signed(event: Event, now: datetime) -> int:
    """How many signed meanwhile, out of the audit log, which has an index by time."""
    return AuditEntry.objects.filter(
        event_id=event.pk, at__gt=now - ANY_CODE_WITHIN, action="signature.sign"
    ).count()


def _was_told(event: Event, now: datetime) -> bool:
    return AuditEntry.objects.filter(
        event_id=event.pk, at__gt=now - TOLD_ONCE_IN, action=ACTION
    ).exists()
