"""`manage.py tick`, as cron runs it each minute on every host."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import time
from unittest import mock

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from pledges import reminders
from pledges.management.commands import tick
from pledges.models import Export, Reminder, ReminderRun
from tests import cast
from tests.cast import SITI
from tests.conftest import MANAGE, Manage, free_port, process_environment
from tests.test_command_send_notices import wait_for
from tests.test_reminders import addresses_of, ask, at, days_before, only_teachers, with_emails


@pytest.fixture
def event(transactional_db: None):
    return cast.make_open(cast.make_city())


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*MANAGE, "tick", *arguments],
        env=process_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_it_begins_what_is_due_sends_it_and_counts(event, manage: Manage, smtp_server):
    with_emails(event, 2)
    ask(event)

    ended = manage("tick")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == ["rounds 1", "sent 3", "failed 0"]
    assert len(smtp_server.messages) == 3
    assert manage("tick").stdout.splitlines() == ["rounds 0", "sent 0", "failed 0"]


def test_a_planned_round_is_sent_on_its_day(open_event, smtp_server, capsys):
    reminders.plan(open_event, unit=open_event.agency, days_before=3, by=None)
    call_command("tick")
    assert capsys.readouterr().out.splitlines() == ["rounds 0", "sent 0", "failed 0"]

    with at(days_before(open_event, 3, hour=8)):
        call_command("tick")

    assert capsys.readouterr().out.splitlines() == ["rounds 1", "sent 1", "failed 0"]


def test_a_refused_address_is_told_by_the_exit_status(open_event, smtp_server, capsys):
    with_emails(open_event, 1)
    smtp_server.refuse("siti@contoh.example")
    ask(open_event)

    with pytest.raises(SystemExit) as ended:
        call_command("tick")

    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines() == ["rounds 1", "sent 1", "failed 1"]


def test_a_server_that_is_away_is_told_with_what_to_do_and_the_next_tick_sends(
    open_event, smtp_server, settings, capsys
):
    ask(open_event)
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    with pytest.raises(SystemExit) as ended:
        call_command("tick")
    output = capsys.readouterr()
    assert ended.value.code == 1
    assert output.out.splitlines() == ["rounds 1", "sent 0", "failed 0"]
    assert "Server surel tidak dapat dihubungi" in output.err
    assert "EMAIL_URL" in output.err

    settings.EMAIL_PORT = there
    call_command("tick")

    assert smtp_server.recipients == ["siti@contoh.example"]


def test_a_file_that_cannot_be_deleted_is_told_and_stops_no_reminder(
    open_event, smtp_server, monkeypatch, caplog, capsys
):
    Export.objects.create(
        event=open_event, unit=open_event.agency, kind=Export.Kind.DOCUMENTS, index="exports/old",
        asked_by=cast.make_user("siapa@contoh.example"),
        asked_at=timezone.now() - datetime.timedelta(days=8),
    )  # fmt: skip
    ask(open_event)
    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "delete", mock.Mock(side_effect=PermissionError))
        with pytest.raises(SystemExit) as ended:
            call_command("tick")

    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines() == ["rounds 1", "sent 1", "failed 0"]
    assert smtp_server.recipients == ["siti@contoh.example"]
    assert "delete_expired failed" in caplog.text
    call_command("tick")
    assert not Export.objects.exists()


def test_tasks_that_ended_a_week_ago_go_and_with_them_what_their_errors_said(open_event):
    now = timezone.now()
    for name, status, days in (
        ("old", "FAILED", 8), ("older", "SUCCESSFUL", 30), ("new", "FAILED", 6),
        ("waits", "READY", None), ("at work", "RUNNING", None),
    ):  # fmt: skip
        DBTaskResult.objects.create(
            task_path=name, status=status, args_kwargs={}, run_after=now, backend_name="default",
            finished_at=None if days is None else now - datetime.timedelta(days=days),
            exception_class_path="builtins.ValueError", traceback="ValueError: Siti Aminah",
        )  # fmt: skip

    call_command("tick")

    assert set(DBTaskResult.objects.values_list("task_path", flat=True)) == {
        "new", "waits", "at work",
    }  # fmt: skip


def test_rounds_that_cannot_begin_hold_up_none_that_has_begun(
    open_event, smtp_server, monkeypatch, caplog
):
    ask(open_event)
    reminders.begin_due()
    monkeypatch.setattr(reminders, "begin_due", mock.Mock(side_effect=ValueError))

    with pytest.raises(SystemExit):
        call_command("tick")

    assert smtp_server.recipients == ["siti@contoh.example"]
    assert "_begin failed" in caplog.text


def test_a_long_round_is_left_to_the_next_tick(open_event, smtp_server, monkeypatch):
    with_emails(open_event, 3)
    ask(open_event)
    monkeypatch.setattr(tick, "_LONGEST", -1.0)
    call_command("tick")
    assert smtp_server.messages == []

    monkeypatch.setattr(tick, "_LONGEST", 50.0)
    call_command("tick")

    assert len(smtp_server.messages) == 4


def test_killed_in_the_middle_the_next_tick_goes_on_and_nobody_gets_two(
    event, manage: Manage, smtp_server
):
    with_emails(event, 60)
    only_teachers(event)
    ask(event)
    smtp_server.slow_down(0.02)
    with start() as process:
        wait_for(lambda: len(smtp_server.messages) >= 10)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    before = len(smtp_server.messages)
    assert 10 <= before < 60

    assert manage("tick").returncode == 0

    # Whoever was in hand got one or none; everybody else exactly one.
    got = smtp_server.recipients
    assert len(got) == len(set(got))
    assert set(got) <= set(addresses_of(60))
    assert len(got) >= 59
    unmarked = Reminder.objects.filter(sent_at__isnull=True)
    assert unmarked.count() <= 1
    assert unmarked.filter(claimed_at__isnull=True).count() == 0
    assert manage("tick").stdout.splitlines() == ["rounds 0", "sent 0", "failed 0"]


def test_two_hosts_tick_at_once_and_everybody_gets_exactly_one(event, smtp_server):
    with_emails(event, 30)
    only_teachers(event)
    # Two rounds to the same people: of the whole, and of their own unit.
    ask(event)
    ask(event, cast.someone(event).unit)

    processes = [start(), start()]
    outputs = [process.communicate(timeout=60) for process in processes]

    assert [process.returncode for process in processes] == [0, 0], outputs
    assert sorted(smtp_server.recipients) == sorted(addresses_of(30))
    assert ReminderRun.objects.filter(begun_at=None).count() == 0


def test_watching_it_sends_what_comes_until_it_is_told_to_stop(event, smtp_server):
    with start("--watch", "--interval", "0.2") as process:
        time.sleep(0.5)
        ask(event)
        wait_for(lambda: Reminder.objects.filter(sent_at__isnull=False).count() == 1)
        process.terminate()
        output, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert output.splitlines() == ["rounds 1", "sent 1", "failed 0"]
    assert Reminder.objects.get().signatory.nip == SITI
