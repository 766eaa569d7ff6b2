"""Background entry points: they wake somebody up, and what is to do stands in the tables."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.base import File
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from pledges import accounts, tasks
from pledges.accounts import Invitation
from pledges.models import EmailCode, Event, Import, ImportState, Membership, Way
from pledges.roster import imports
from tests import cast, spreadsheets
from tests.cast import City
from tests.conftest import free_port


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


def test_a_code_that_was_asked_for_is_made_and_sent(city: City, mailoutbox):
    siti = cast.someone(cast.make_open(city, ways=[Way.EMAIL]))
    tasks.send_email_code.call(siti.pk)
    assert [message.to for message in mailoutbox] == [["siti@contoh.example"]]
    assert not DBTaskResult.objects.exists()


def test_a_code_that_nobody_can_have_is_no_trouble(db: None, mailoutbox):
    tasks.send_email_code.call(0)
    assert mailoutbox == []


def test_while_the_mail_server_is_away_a_code_is_tried_again_in_half_a_minute(
    city: City, settings: Settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    siti = cast.someone(cast.make_open(city, ways=[Way.EMAIL]))
    tasks.send_email_code.call(siti.pk)
    again = DBTaskResult.objects.get()
    assert again.task_path == "pledges.tasks.deliver_email_code"
    assert again.args_kwargs["args"] == [EmailCode.objects.get().pk]
    wait = (again.run_after - timezone.now()).total_seconds()
    assert 25 < wait <= 30


def test_what_changed_about_an_account_is_told_later_while_the_mail_server_is_away(
    admin: User, settings: Settings, mailoutbox
):
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    tasks.tell_of_change.call(admin.pk, "totp_activated")
    again = DBTaskResult.objects.get()
    assert again.args_kwargs["args"] == [admin.pk, "totp_activated", 2]
    assert again.run_after > timezone.now()
    settings.EMAIL_BACKEND = backend
    again.task.call(*again.args_kwargs["args"])
    assert [message.to for message in mailoutbox] == [["admin@contoh.example"]]


def test_after_a_day_without_a_mail_server_it_is_given_up(admin: User, settings: Settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with pytest.raises(OSError, match="refused"):
        tasks.tell_of_change.call(admin.pk, "totp_activated", 144)
    assert not DBTaskResult.objects.exists()
