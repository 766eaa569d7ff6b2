"""Background entry points: they wake somebody up, and what is to do stands in the tables."""

from __future__ import annotations

from django.core.files.base import File

from pledges import accounts, tasks
from pledges.accounts import Invitation
from pledges.models import Event, Import, ImportState, Membership
from pledges.roster import imports
from tests import spreadsheets
from tests.cast import City


def test_an_import_is_read_and_then_enrolled(draft_event: Event):
    file = File(spreadsheets.xlsx())
    imported = imports.upload(draft_event, file, filename="daftar.xlsx", by=None)
    tasks.advance_import.call(imported.pk)
    imports.confirm(Import.objects.get(), skip_bad=False, by=None)
    tasks.advance_import.call(imported.pk)
    assert Import.objects.get().state == ImportState.ENROLLED
    assert draft_event.signatories.count() == 7


def test_waking_it_up_once_too_often_does_nothing(draft_event: Event):
    file = File(spreadsheets.xlsx())
    imported = imports.upload(draft_event, file, filename="daftar.xlsx", by=None)
    tasks.advance_import.call(imported.pk)
    tasks.advance_import.call(imported.pk)
    assert Import.objects.get().state == ImportState.READ


def test_an_import_that_was_cancelled_needs_nothing_more(draft_event: Event):
    file = File(spreadsheets.xlsx())
    imported = imports.upload(draft_event, file, filename="daftar.xlsx", by=None)
    pk = imported.pk
    imports.cancel(imported, by=None)
    tasks.advance_import.call(pk)


def test_invitations_that_are_due_are_sent(city: City, mailoutbox):
    accounts.invite([Invitation("rina@contoh.example", "Rina", city.health)], by=None)
    tasks.send_invitations.call()
    assert [message.to for message in mailoutbox] == [["rina@contoh.example"]]
    assert not Membership.objects.filter(invitation_is_due=True).exists()
