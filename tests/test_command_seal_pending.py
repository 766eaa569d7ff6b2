import contextlib
import io
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from pledges.documents import typesetting
from pledges.models import Document, Signature
from tests import cast
from tests.conftest import MANAGE, free_port, process_environment

pytestmark = pytest.mark.usefixtures("sealer")


def wait_for(condition, *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture
def watching(transactional_db):
    process = subprocess.Popen(
        [*MANAGE, "seal_pending", "--watch", "--interval", "0.2"],
        env=process_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def sign_everybody(event) -> None:
    for nip in (cast.SITI, cast.BUDI, cast.DEWI, cast.AGUS, cast.RAHMAT_NIK):
        cast.sign(cast.someone(event, nip))


@pytest.mark.django_db(transaction=True)
def test_it_seals_everything_that_is_unsealed_and_counts(manage, open_event):
    sign_everybody(open_event)

    result = manage("seal_pending")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["documents 5", "failed 0", "laid_out 0"]
    assert Document.objects.count() == 5
    assert manage("seal_pending").stdout.splitlines() == ["documents 0", "failed 0", "laid_out 0"]


def test_a_failure_is_counted_and_told_by_the_exit_status(open_event, capsys):
    sign_everybody(open_event)
    Signature.objects.filter(signatory__nip=cast.BUDI).update(statement="{}")

    with pytest.raises(SystemExit) as ended:
        call_command("seal_pending")

    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines() == ["documents 4", "failed 1", "laid_out 0"]


def test_without_a_key_it_names_the_command_that_makes_one(db, settings, tmp_path):
    settings.SEAL_PKCS12 = tmp_path / "none.p12"

    with pytest.raises(CommandError, match="create_seal_certificate"):
        call_command("seal_pending")


def test_a_missing_libharfbuzz_subset_is_warned_of_at_the_start(db, monkeypatch):
    monkeypatch.setattr(typesetting, "IS_FAST", False)
    errors = io.StringIO()

    call_command("seal_pending", stderr=errors, stdout=io.StringIO())

    assert "libharfbuzz-subset0" in errors.getvalue()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_watching_it_seals_what_comes_until_it_is_told_to_stop(watching, open_event, number):
    cast.sign(cast.someone(open_event, cast.SITI))
    wait_for(lambda: Document.objects.count() == 1)
    cast.sign(cast.someone(open_event, cast.BUDI))
    wait_for(lambda: Document.objects.count() == 2)

    os.kill(watching.pid, number)
    output, _ = watching.communicate(timeout=30)

    assert watching.returncode == 0
    assert output.splitlines() == ["documents 2", "failed 0", "laid_out 0"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to lose")
def test_watching_it_outlives_a_database_connection_that_is_cut(watching, open_event):
    cast.sign(cast.someone(open_event, cast.SITI))
    wait_for(lambda: Document.objects.count() == 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    cast.sign(cast.someone(open_event, cast.BUDI))

    wait_for(lambda: Document.objects.count() == 2)
    assert watching.poll() is None


def test_two_workers_watch_at_once_and_each_signature_has_one_document(
    watching, manage, open_event
):
    sign_everybody(open_event)

    manage("seal_pending")
    wait_for(lambda: Document.objects.count() == 5)

    assert not Signature.objects.unsealed().exists()


def test_a_worker_tells_prometheus_what_it_sealed_what_failed_and_what_it_laid_out(
    transactional_db, open_event
):
    sign_everybody(open_event)
    Signature.objects.filter(signatory__nip=cast.BUDI).update(statement="{}")
    port = free_port()

    def told() -> set[str]:
        with contextlib.suppress(urllib.error.URLError):
            address = f"http://127.0.0.1:{port}/metrics"
            with urllib.request.urlopen(address, timeout=10) as answer:
                return set(answer.read().decode().splitlines())
        return set()

    awaited = {
        "pakta_sealing_documents_total 4.0", "pakta_sealing_failures_total 1.0",
        "pakta_sealing_laid_out_total 0.0",
    }  # fmt: skip
    command = [*MANAGE, "seal_pending", "--watch", "--metrics", str(port)]
    with subprocess.Popen(command, env=process_environment()) as process:
        try:
            wait_for(lambda: awaited <= told())
        finally:
            process.terminate()
