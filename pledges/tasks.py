"""Background entry points. What is to be done stands in the tables; a task only wakes somebody."""

from __future__ import annotations

from django_tasks import task

from pledges import accounts
from pledges.models import Import
from pledges.roster import imports


@task()
def advance_import(pk: int) -> None:
    # It may have been cancelled in the meantime.
    if imported := Import.objects.select_related("event__agency").filter(pk=pk).first():
        imports.advance(imported)


@task()
def send_invitations() -> None:
    accounts.send_invitations()
