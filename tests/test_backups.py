"""Dump, wipe, restore: every document verifies afterwards, and what is missing is noticed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from pledges import declaration, grants
from pledges.documents import seal
from pledges.documents.issue import issue
from pledges.models import Document, Event
from tests import cast
from tests.cast import BUDI, DEWI, SITI
from tests.conftest import MANAGE, process_environment
from tests.pdfs import altered

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite is backed up by copying a folder"
)
GUIDE = (settings.BASE_DIR / "docs" / "operasi.md").read_text()
_EMPTY, _GONE = "pakta_restored", "pakta_gone"

# What an installation knows: rows of every table, and what the audit log says.
_KNOWN = """
from django.apps import apps
from pledges.models import AuditEntry
counts = [(model._meta.label, model._base_manager.count()) for model in apps.get_models()]
known = [counts, list(AuditEntry.objects.order_by("pk").values_list("action", "at"))]
"""
_TELL = f"""
{_KNOWN}
print(known)
from django.core.management import call_command
call_command("migrate", plan=True)
from django.db import DatabaseError
try:
    AuditEntry.objects.update(action="forged")
except DatabaseError as error:
    print(error)
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def documents(transactional_db: None, sealer) -> list[Document]:
    """Two pacts and the joint declaration of them."""
    event = cast.make_open_ceremony(cast.make_city())
    people = [cast.someone(event, nip) for nip in (SITI, BUDI)]
    pacts = [issue(cast.sign(person), sealer=sealer) for person in people]
    return [*pacts, issue(declaration.close(event, by=None), sealer=sealer)]


@pytest.fixture
def elsewhere(transactional_db: None, tmp_path: Path) -> Iterator[Run]:
    """Commands of an installation after everything was wiped: an empty database, no files."""
    admin = psycopg2.connect(**connection.get_connection_params())
    admin.autocommit = True
    admin.cursor().execute(f"DROP DATABASE IF EXISTS {_EMPTY}")
    admin.cursor().execute(f"CREATE DATABASE {_EMPTY}")
    environment = process_environment() | {"DATA_DIR": str(tmp_path / "new")}
    environment["DATABASE_URL"] = environment["DATABASE_URL"].rpartition("/")[0] + f"/{_EMPTY}"

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE, *map(str, arguments)],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    yield run
    admin.cursor().execute(f"DROP DATABASE {_EMPTY}")
    admin.close()


@pytest.fixture
def backup(tmp_path, capsys) -> Callable[..., tuple[Path, list[str]]]:
    """Make one: its folder, and what else the command told."""

    def make(**options: object) -> tuple[Path, list[str]]:
        call_command("backup", tmp_path / "backups", **options)
        first, *others = capsys.readouterr().out.splitlines()
        return Path(first.removeprefix("backup ")), others

    return make


@on_postgresql
def test_after_dump_wipe_and_restore_every_document_verifies_and_every_row_is_there(
    documents, backup, elsewhere
):
    made, _ = backup()

    restored = elsewhere("restore", made)

    assert restored.returncode == 0, restored.stderr
    verified = elsewhere("verify_documents")
    assert verified.stdout.splitlines() == ["intact 3", "missing 0", "altered 0", "unsealed 0"]
    assert verified.returncode == 0
    here: dict[str, object] = {}
    exec(_KNOWN, here)
    told = elsewhere("shell", "-c", _TELL).stdout
    assert str(here["known"]) in told.splitlines()
    assert "No planned migration operations" in told
    assert "the audit log is append-only" in told


@on_postgresql
def test_what_is_sealed_until_the_very_moment_of_the_dump_has_its_file_in_the_backup(
    documents, backup, elsewhere, tmp_path, monkeypatch
):
    cast.sign(cast.someone(documents[0].event, DEWI))
    _before_the_dump(tmp_path, monkeypatch, f"{shlex.join(MANAGE)} seal_pending")

    made, _ = backup()

    assert Document.objects.count() == 4
    elsewhere("restore", made)
    assert "intact 4" in elsewhere("verify_documents").stdout


def _before_the_dump(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """A pg_dump before which somebody else runs a command."""
    for name, value in process_environment().items():
        monkeypatch.setenv(name, value)
    program = folder / "bin" / "pg_dump"
    program.parent.mkdir()
    path = os.environ["PATH"]
    program.write_text(
        f'#!/bin/sh\nPATH={shlex.quote(path)}\n{command} && exec {shutil.which("pg_dump")} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{path}")


@on_postgresql
def test_while_a_backup_is_made_another_into_its_folder_is_refused_and_spoils_nothing(
    documents, backup, tmp_path, monkeypatch
):
    another, told = shlex.join([*MANAGE, "backup", str(tmp_path / "backups")]), tmp_path / "told"
    _before_the_dump(tmp_path, monkeypatch, f"! {another} 2> {told}")

    made, _ = backup()

    assert list(made.parent.iterdir()) == [made]
    assert "Cadangan lain sedang dibuat" in told.read_text()
    (tmp_path / "bin" / "pg_dump").unlink()
    backup()


class SealsMeanwhile(FileSystemStorage):
    """Just after it told what documents there are, a worker stores one more."""

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        found = super().listdir(path)
        event = Event.objects.get()
        if path == f"documents/{event.pk}/":
            dewi = cast.someone(event, DEWI)
            issue(cast.sign(dewi), sealer=seal.load())
        return found


@on_postgresql
def test_what_is_sealed_while_files_are_copied_is_no_document_that_is_missing(
    transactional_db, sealer, settings, tmp_path, backup
):
    kept = {"BACKEND": f"{__name__}.SealsMeanwhile", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"default": kept}
    event = cast.make_open(cast.make_city())
    issue(cast.sign(cast.someone(event, BUDI)), sealer=sealer)

    _, told = backup()

    assert Document.objects.count() == 2
    assert told == ["copied 1", "linked 0", "missing 0"]


@on_postgresql
def test_a_file_that_a_backup_lost_or_altered_is_noticed_after_the_restore(
    documents, backup, elsewhere
):
    made, _ = backup()
    lost, changed = [made / "files" / document.file for document in documents[:2]]
    lost.unlink()
    changed.write_bytes(altered(changed.read_bytes(), 5000))

    elsewhere("restore", made)
    verified = elsewhere("verify_documents")

    assert verified.returncode == 1
    assert verified.stdout.splitlines() == [
        f"{documents[0].file}: berkasnya TIDAK ADA",
        f"{documents[1].file}: berkasnya SUDAH BERUBAH",
        "intact 1", "missing 1", "altered 1", "unsealed 0",
    ]  # fmt: skip


@on_postgresql
def test_a_dump_that_is_damaged_restores_nothing_at_all(documents, backup, elsewhere):
    made, _ = backup()
    dump = made / "database.dump"
    dump.write_bytes(dump.read_bytes()[: -dump.stat().st_size // 3])

    restored = elsewhere("restore", made)

    assert restored.returncode == 1
    assert "pg_restore gagal" in restored.stderr
    again = elsewhere("restore", made)
    assert "sudah berisi" not in again.stderr


@on_postgresql
def test_a_role_that_had_rights_and_is_not_on_the_new_server_stops_no_restore(
    documents, backup, elsewhere
):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {_GONE}")
        try:
            grants.grant_to(_GONE)
            made, _ = backup()
        finally:
            cursor.execute(f"DROP OWNED BY {_GONE}")
            cursor.execute(f"DROP ROLE {_GONE}")

    restored = elsewhere("restore", made)

    assert restored.returncode == 0, restored.stderr
    assert "grant_runtime --role" in restored.stdout
    assert "intact 3" in elsewhere("verify_documents").stdout


@on_postgresql
def test_a_restore_that_was_interrupted_is_run_again(documents, backup, elsewhere, tmp_path):
    made, _ = backup()
    half = tmp_path / "new" / "files" / documents[0].file
    half.parent.mkdir(parents=True)
    half.write_bytes(b"%PDF-")

    assert elsewhere("restore", made).returncode == 0

    assert "intact 3" in elsewhere("verify_documents").stdout


@on_postgresql
def test_nothing_is_restored_over_what_is_there(documents, backup):
    made, _ = backup()

    with pytest.raises(CommandError, match="tidak ada yang ditimpa"):
        call_command("restore", made)


@on_postgresql
def test_a_backup_that_was_interrupted_is_none_and_goes_with_the_next(documents, backup):
    made, _ = backup()
    half = made.rename(f"{made}.belum-selesai")
    (half / "database.dump").unlink()

    with pytest.raises(CommandError, match="bukan cadangan yang selesai"):
        call_command("restore", half)
    backup()

    assert not half.exists()


@pytest.fixture
def storage_of_its_own(settings, tmp_path) -> None:
    """Other tests leave rosters and lists in theirs."""
    options = settings.STORAGES["default"]["OPTIONS"] | {"location": tmp_path / "stored"}
    own = settings.STORAGES["default"] | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": own}


@on_postgresql
def test_the_next_backup_links_what_the_last_one_has_and_the_oldest_go(
    storage_of_its_own, documents, backup
):
    first, told = backup()
    files = int(told[0].removeprefix("copied "))
    assert told == [f"copied {files}", "linked 0", "missing 0"]

    second, told = backup(keep=2)
    assert told == ["copied 0", f"linked {files}", "missing 0"]
    third, _ = backup(keep=2)

    assert sorted(first.parent.iterdir()) == [second, third]
    assert (third / "files" / documents[0].file).stat().st_nlink == 2


@on_postgresql
def test_a_backup_is_on_the_disk_before_it_counts_as_one_and_before_older_ones_go(
    documents, backup, tmp_path, monkeypatch
):
    at_sync: list[list[str]] = []
    monkeypatch.setattr(os, "sync", lambda: at_sync.append(_with_a_dump(tmp_path / "backups")))

    first, second = [backup(keep=1)[0].name for _ in range(2)]

    assert at_sync == [
        [f"{first}.belum-selesai"], [first],
        [first, f"{second}.belum-selesai"], [first, second],
    ]  # fmt: skip


def _with_a_dump(parent: Path) -> list[str]:
    return sorted(dump.parent.name for dump in parent.glob("*/database.dump"))


@on_postgresql
def test_a_file_that_was_encrypted_anew_under_its_name_is_copied_anew(documents, backup):
    for content in (b"an old key's", b"a new key's "):
        default_storage.delete("imports/1/daftar")
        default_storage.save("imports/1/daftar", ContentFile(content))
        made, _ = backup()

    assert (made / "files" / "imports" / "1" / "daftar").read_bytes() == b"a new key's "
    default_storage.delete("imports/1/daftar")


@on_postgresql
def test_a_document_whose_file_is_gone_is_told_when_the_backup_is_made(documents, backup, capsys):
    default_storage.delete(documents[0].file)

    with pytest.raises(SystemExit) as left:
        backup()

    assert left.value.code == 1
    assert "missing 1" in capsys.readouterr().out.splitlines()


@on_postgresql
def test_nobody_else_can_read_a_backup(documents, backup):
    made, _ = backup()

    assert made.stat().st_mode & 0o777 == 0o700
    assert made.parent.stat().st_mode & 0o777 == 0o700


@on_postgresql
def test_without_the_program_the_package_is_named(transactional_db, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CommandError, match="postgresql-client"):
        call_command("backup", tmp_path / "backups")


@pytest.mark.parametrize("installed", [True, False])
def test_the_guide_stops_pgbouncer_before_the_database_is_renamed_where_it_is_installed(
    tmp_path, installed
):
    called = tmp_path / "called"
    for program in ["systemctl", "runuser", "mv", "pakta", *["pgbouncer"] * installed]:
        (tmp_path / program).write_text(f'#!/bin/sh\necho "{program} $*" >> {called}\n')
        (tmp_path / program).chmod(0o755)

    [block] = re.findall(r"^```sh\n(systemctl stop.*?^pakta restore.*?)^```", GUIDE, re.M | re.S)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["sh", "-e", "-u", "-c", block], env=environment, check=True)

    told = called.read_text().splitlines()
    assert [line for line in told if not line.startswith("pakta ")] == [
        "systemctl stop pakta.target pakta-*",
        *["systemctl stop pgbouncer"] * installed,
        "runuser --user postgres -- psql --command=ALTER DATABASE pakta RENAME TO pakta_lama",
        "mv /var/lib/pakta/files /var/lib/pakta/files-lama",
        "runuser --user postgres -- createdb --owner=pakta_pemilik --template=template0 "
        "--encoding=UTF8 --locale=C.UTF-8 pakta",
        *["systemctl start pgbouncer"] * installed,
        "systemctl start pakta.target",
    ]
    assert [line.split()[1] for line in told if line.startswith("pakta ")] == [
        "restore", "migrate", "grant_runtime", "verify_documents", "purge_expired",
    ]  # fmt: skip


@pytest.mark.skipif(connection.vendor != "sqlite", reason="what SQLite is told")
@pytest.mark.each_database
def test_on_sqlite_it_says_how_to_copy_the_folder_instead(transactional_db, tmp_path):
    with pytest.raises(CommandError, match="menyalin folder var/"):
        call_command("backup", tmp_path)
