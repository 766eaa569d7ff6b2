from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from django.core.management import CommandError, call_command

from pledges.models import Notice
from tests import cast
from tests.conftest import MANAGE, free_port, process_environment


def wait_for(condition, *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture
def watching(transactional_db, smtp_server):
    process = subprocess.Popen(
        [*MANAGE, "send_notices", "--watch", "--interval", "0.2"],
        env=process_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def sign_with_email(event, nip: str) -> None:
    person = cast.someone(event, nip)
    person.email = f"{nip}@contoh.example"
    person.save()
    cast.sign(person)


@pytest.mark.django_db(transaction=True)
def test_it_sends_everything_that_is_due_and_counts(manage, smtp_server, open_event):
    sign_with_email(open_event, cast.SITI)
    sign_with_email(open_event, cast.BUDI)

    result = manage("send_notices")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["sent 2", "failed 0"]
    assert len(smtp_server.messages) == 2
    assert manage("send_notices").stdout.splitlines() == ["sent 0", "failed 0"]


def test_a_refused_address_is_counted_and_told_by_the_exit_status(open_event, smtp_server, capsys):
    sign_with_email(open_event, cast.SITI)
    sign_with_email(open_event, cast.BUDI)
    smtp_server.refuse(f"{cast.SITI}@contoh.example")

    with pytest.raises(SystemExit) as ended:
        call_command("send_notices")

    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines() == ["sent 1", "failed 1"]


def test_a_server_that_is_away_is_told_with_what_to_do_and_nothing_is_lost(
    open_event, smtp_server, settings
):
    sign_with_email(open_event, cast.SITI)
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()

    with pytest.raises(CommandError, match=r"Server surel tidak dapat dihubungi .* EMAIL_URL"):
        call_command("send_notices")

    settings.EMAIL_PORT = there
    call_command("send_notices")
    assert smtp_server.recipients == [f"{cast.SITI}@contoh.example"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_watching_it_sends_what_comes_until_it_is_told_to_stop(
    watching, open_event, smtp_server, number
):
    sign_with_email(open_event, cast.SITI)
    wait_for(lambda: Notice.objects.filter(sent_at__isnull=False).count() == 1)
    sign_with_email(open_event, cast.BUDI)
    wait_for(lambda: Notice.objects.filter(sent_at__isnull=False).count() == 2)

    os.kill(watching.pid, number)
    output, _ = watching.communicate(timeout=30)

    assert watching.returncode == 0
    assert output.splitlines() == ["sent 2", "failed 0"]
    assert len(smtp_server.messages) == 2


def test_watching_it_outlives_a_mail_server_that_is_away(
    transactional_db, open_event, smtp_server, monkeypatch
):
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{free_port()}")
    sign_with_email(open_event, cast.SITI)
    with subprocess.Popen(
        [*MANAGE, "send_notices", "--watch", "--interval", "0.2"],
        env=process_environment(), stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr
        assert "trying again in" in process.stderr.readline()
        assert "trying again in" in process.stderr.readline()
        assert process.poll() is None
        process.terminate()
        process.communicate(timeout=30)

    assert process.returncode == 0
    assert Notice.objects.get().tries == 0


def test_two_senders_watch_at_once_and_each_notice_is_sent_once(
    watching, manage, open_event, smtp_server
):
    people = [cast.SITI, cast.BUDI, cast.DEWI, cast.AGUS]
    for nip in people:
        sign_with_email(open_event, nip)

    manage("send_notices")
    wait_for(lambda: Notice.objects.filter(sent_at__isnull=False).count() == 4)

    assert sorted(smtp_server.recipients) == sorted(f"{nip}@contoh.example" for nip in people)
