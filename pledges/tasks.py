"""Background entry points. What is to be done stands in the tables; a task only wakes somebody."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException

from django.contrib.auth.models import User
from django.utils import timezone
from django_tasks import task

from pledges import access, accounts, books, mailed
from pledges.models import Event, Export, Import
from pledges.paper import scans
from pledges.roster import imports

_PAUSE, _TRIES = timedelta(minutes=10), 144


@task()
def advance_import(pk: int) -> None:
    # It may have been cancelled in the meantime.
    if imported := Import.objects.select_related("event__agency").filter(pk=pk).first():
        imports.advance(imported)


@task()
def work_through_scans(event: int, after: int = 0) -> None:
    """Read the photographed sheets of an event, and file those that may be filed by now.

    Each upload has a task of its own, so that nobody waits long behind many; and the next one
    is woken first, so that one which cannot be survived holds up no other.
    """
    found = Event.objects.select_related("agency").get(pk=event)
    if scan := scans.next_to_read(found, after=after):
        work_through_scans.enqueue(event, scan.pk)
        scans.read(scan, in_care=access.in_care)
    else:
        scans.file_what_waits(found, in_care=access.in_care)


@task()
def send_invitations() -> None:
    accounts.send_invitations()


@task()
def tell_of_change(user: int, change: str, tries: int = 1) -> None:
    """Again later, for a day, while the mail server is away."""
    try:
        accounts.tell_of_change(User.objects.get(pk=user), change)
    except (SMTPException, OSError):
        if tries == _TRIES:
            raise
        later = tell_of_change.using(run_after=timezone.now() + _PAUSE)
        later.enqueue(user, change, tries + 1)


# Somebody waits for it with the page open.
@task(priority=50)
def send_password_link(user: int) -> None:
    """For who asked for one; 0 for an address that nobody has. Whoever gets none asks again."""
    if found := User.objects.filter(pk=user, is_active=True).first():
        accounts.send_password_link(found)


# Likewise.
@task(priority=50)
def send_email_code(signatory: int) -> None:
    """For who asked for one; 0 for a number that nobody has."""
    if code := mailed.make(signatory):
        deliver_email_code.call(code.pk)


@task(priority=50)
def deliver_email_code(pk: int) -> None:
    """Wakes itself again while the mail server is away and the code still holds."""
    if not mailed.send(pk):
        deliver_email_code.using(run_after=timezone.now() + mailed.RETRY).enqueue(pk)


@task()
def make_book(pk: int) -> None:
    # It may have been deleted after a week.
    if export := Export.objects.select_related("event__agency", "unit").filter(pk=pk).first():
        books.make(export)
