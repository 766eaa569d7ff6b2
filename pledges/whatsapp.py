"""An officer reminds people by WhatsApp, one by one, from the officer's own telephone.

Pakta writes the message and opens the chat; sending it is the officer's. A link is made for
one person at the moment it is asked for, and stands on no page: whoever holds it can sign.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import (
    Case,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    When,
)
from django.template.loader import render_to_string
from django.utils import timezone

from pledges import addresses, audit, events, identity, reminders
from pledges.events import WrongState
from pledges.models import Event, Reminder, Signatory, Way
from pledges.models.signatory import SignatoryQuerySet
from pledges.roster import cells

# Where the message goes: this address leads on to the second one.
SITES = ("https://wa.me", "https://api.whatsapp.com")
# Mobile numbers here, any number elsewhere.
_USABLE = re.compile(r"\+(628\d+|(?!62)\d+)")


class NotAwaited(WrongState):
    """This person need not be reminded any more, or not yet."""


class NoNumber(Exception):
    """There is no number to write to; the message is for the officer."""


class Contact(TextChoices):
    """How far somebody is who was missing; the last that holds."""

    NONE = "belum", "Belum dihubungi"
    SENT = "terkirim", "Terkirim"
    OPENED = "dibuka", "Dibuka"
    SIGNED = "sudah", "Sudah menandatangani"


def number(phone: str) -> str:
    """As wa.me takes it, 62812…; "" for none, or one that WhatsApp cannot have."""
    try:
        found = cells.phone(phone)
    except cells.BadCell:
        return ""
    return found[1:] if _USABLE.fullmatch(found) else ""


class Chase:
    """Those who are missing, and those who signed after they were reminded this way."""

    def __init__(self, people: SignatoryQuerySet, *, reveals_refusals: bool = False) -> None:
        missing = reminders.missing(people, reveals_refusals=reveals_refusals)
        sent = Exists(_sent())
        self._missing = missing.annotate(was_sent=sent)
        self._signed = people.active().owing().signed().filter(sent)

    def counts(self) -> dict[Contact, int]:
        """How many there are of each, a query each."""
        return {contact: self._of(contact).count() for contact in Contact}

    def _of(self, contact: Contact) -> SignatoryQuerySet:
        if contact == Contact.SIGNED:
            return self._signed
        return self._missing.filter(_MISSING[contact])

    def so_far(self, contact: Contact) -> SignatoryQuerySet:
        """Those who are so far, with `contacted_at` and `contacted_by` of the last time; who has
        no number comes last."""
        has_none = Case(When(phone="", then=1), default=0)
        return (
            self._of(contact)
            .annotate(
                contacted_at=Subquery(_sent().values("sent_at")[:1]),
                contacted_by=Subquery(_sent().values("sent_by__first_name")[:1]),
            )
            .order_by(has_none, "unit__path", "name", "pk")
        )


# Of somebody who is missing.
_MISSING = {
    Contact.NONE: Q(opened_at__isnull=True, was_sent=False),
    Contact.SENT: Q(opened_at__isnull=True, was_sent=True),
    Contact.OPENED: Q(opened_at__isnull=False),
}


def _sent() -> QuerySet[Reminder]:
    """Of one person, the last first."""
    sent = Reminder.objects.filter(channel=Reminder.Channel.WHATSAPP)
    return sent.filter(signatory=OuterRef("pk")).order_by("-pk")


@transaction.atomic
def remind(person: Signatory, *, by: AbstractUser) -> str:
    """The address that opens WhatsApp with the message; that it was asked for is recorded.

    Somebody who declined is reminded like everybody else, because an officer is not to know.
    Raises NotAwaited and NoNumber.
    """
    event = events.hold(person.event)
    awaited = reminders.missing(Signatory.objects.filter(pk=person.pk))
    if not event.is_open or not awaited.exists():
        raise NotAwaited(
            f"{person.name} tidak perlu diingatkan: sudah menandatangani, berhalangan, belum "
            "gilirannya, atau acara sudah ditutup. Tidak ada yang dikirim."
        )
    to = number(person.phone)
    if not to:
        raise NoNumber(
            f"Nomor WhatsApp {person.name} belum ada atau tidak dapat dipakai. Isi dahulu nomor "
            "ponselnya, misalnya 0812-3456-7890."
        )
    _write_down(person, event, by=by)
    return f"{SITES[0]}/{to}?text={quote(_message(person, by=by), safe='')}"


def _write_down(person: Signatory, event: Event, *, by: AbstractUser) -> None:
    """Once a day, however often the chat is opened; the audit log has every time."""
    now = timezone.now()
    Reminder.objects.get_or_create(
        signatory=person,
        channel=Reminder.Channel.WHATSAPP,
        day=reminders.today_at(event),
        defaults={"sent_by_id": by.pk, "claimed_at": now, "sent_at": now},
    )
    if _gets_link(event):
        identity.hand_out(Signatory.objects.filter(pk=person.pk), by=by)
    audit.record(by=by, action="reminders.whatsapp", target=person, event=event)


def _gets_link(event: Event) -> bool:
    return event.offers(Way.SLIP)


def _message(person: Signatory, *, by: AbstractUser) -> str:
    event = person.event
    is_personal = _gets_link(event)
    return render_to_string(
        "whatsapp/reminder.txt",
        {
            "event": event,
            "person": person,
            "title": " ".join(event.title.split()),
            "is_late": timezone.now() > event.deadline,
            "is_personal": is_personal,
            "link": identity.personal_link(person) if is_personal else addresses.of_event(event),
            "officer": identity.name_of(by),
        },
    ).strip()
