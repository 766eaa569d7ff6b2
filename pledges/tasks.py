"""Background entry points. What is to be done stands in the tables; a task only wakes somebody."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from pledges import access, accounts, books, mailed
from pledges.models import Event, Export, Import
from pledges.paper import scans
from pledges.roster import imports


@task()
def advance_import(pk: int) -> None:
    # It may have been cancelled in the meantime.
    if imported := Import.objects.select_related("event__agency").filter(pk=pk).first():
        imports.advance(imported)


@task()
def work_through_scans(event: int) -> None:
    """Read photographed sheets, and file those that may be filed by now."""
    scans.work_through(Event.objects.get(pk=event), in_care=access.in_care)


@task()
def send_invitations() -> None:
    accounts.send_invitations()


# Somebody waits for it with the page open.
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
