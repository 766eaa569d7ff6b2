"""Telling people by e-mail of a signature in their name, with a link to say "Bukan saya".

A sender that dies between claiming and marking leaves a notice that is sent again after its
pause. Rather twice than never. What was voided before its turn is not told: nothing stands in
the person's name any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from pledges import disputes, mailing
from pledges.documents.pact_form import Act
from pledges.models import Notice, Signature
from pledges.models.signatory import SignatoryQuerySet

# How long after each try the next one comes. After the last nobody is asked again: an
# address that took nothing for three days is wrong.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 6 * 60, 24 * 60, 48 * 60))


def due(now: datetime) -> QuerySet[Notice]:
    """Those whose time has come, the oldest first."""
    when = Q(tries=0)
    for tries, pause in enumerate(PAUSES, start=1):
        when |= Q(tries=tries, tried_at__lte=now - pause)
    return (
        Notice.objects.filter(when, sent_at__isnull=True, signature__voided_at__isnull=True)
        .exclude(signature__signatory__email="")
        .select_related("signature__signatory__event__agency", "signature__signatory__unit")
        .order_by("pk")
    )


class Sender(mailing.Sender[Notice]):
    def due(self, now: datetime) -> QuerySet[Notice]:
        return due(now)

    def claim(self, letter: Notice) -> bool:
        now = timezone.now()
        # Still due: the signature may have been voided since it was read. That it is free is
        # asked of the row itself, which another sender may be claiming.
        free = Notice.objects.filter(
            pk=letter.pk, pk__in=due(now), tries=letter.tries, sent_at__isnull=True
        )
        return bool(free.update(tries=letter.tries + 1, tried_at=now))

    def release(self, letter: Notice) -> None:
        Notice.objects.filter(pk=letter.pk).update(tries=letter.tries, tried_at=letter.tried_at)

    def write(self, letter: Notice) -> EmailMessage:
        return email(letter.signature)

    def mark_sent(self, letter: Notice) -> None:
        Notice.objects.filter(pk=letter.pk).update(sent_at=timezone.now(), error="")

    def mark_refused(self, letter: Notice, reason: str) -> None:
        Notice.objects.filter(pk=letter.pk).update(error=reason)

    mark_cut_off = mark_refused


def email(signature: Signature) -> EmailMessage:
    person = signature.signatory
    context = {
        "event": person.event,
        "person": person,
        "act": Act.of(signature.statement),
        "texts": _texts(signature),
        "link": disputes.link(signature),
    }
    return EmailMessage(
        # On one line: a line break in it would be refused.
        subject=" ".join(render_to_string("email/notice_subject.txt", context).split()),
        body=render_to_string("email/notice.txt", context),
        to=[person.email],
        # No answer of an absent person's mailbox, please (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )


def _texts(signature: Signature) -> list[str]:
    """The titles of everything that was signed in the same act."""
    together = Signature.objects.filter(nonce=signature.nonce, signatory=signature.signatory)
    return list(together.order_by("pk").values_list("pact__title", flat=True))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many notices were sent, will be, and were given up."""

    sent: int
    waiting: int
    given_up: int


def counts(people: SignatoryQuerySet) -> Counts:
    unsent, last = Q(sent_at__isnull=True, signature__voided_at__isnull=True), len(PAUSES)
    found = Notice.objects.filter(signature__signatory__in=people).aggregate(
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        waiting=Count("pk", filter=unsent & Q(tries__lte=last)),
        given_up=Count("pk", filter=unsent & Q(tries__gt=last)),
    )
    return Counts(**found)
