"""Everything that an installation must not lose, but for its keys: database and files.

A backup is a folder, named for when it was begun: `database.dump`, of pg_dump, and `files`. The
database goes first. A file is stored before its row, so every row in the dump has its file there
while the files are copied; the other way round a document sealed meanwhile would be a row alone.
What was deleted in between, by a purge say, is missing from the files, and is deleted again
by the next purge after a restore.

What is named for its own hash never changes: where the backup before has it, it is linked and not
copied.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess  # nosec B404 # for pg_dump and pg_restore
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from pakta.storage import names_in
from pledges import verification

DUMP, FILES = "database.dump", "files"
# Of a backup that is not finished, or never was.
_UNFINISHED = ".belum-selesai"
# Where files are named for their hash. Elsewhere one may be encrypted anew under its name.
_UNCHANGING = ("documents/", "scans/", "logos/")
_NAME = "%Y-%m-%dT%H%M%S.%fZ"


class NoBackup(Exception):
    """Base of what stops a backup or its restoring; the message is for the operator."""


class NotPostgreSQL(NoBackup):
    def __init__(self) -> None:
        super().__init__(
            "Cadangan dibuat dari PostgreSQL (DATABASE_URL). Pakta untuk percobaan dicadangkan "
            "dengan menyalin folder var/ dan berkas .env selagi Pakta dihentikan."
        )


class NotEmpty(NoBackup):
    def __init__(self) -> None:
        super().__init__(
            "Database tujuan sudah berisi, dan tidak ada yang ditimpa. Buat database baru yang "
            "kosong, isi DATABASE_URL dengan alamatnya, lalu ulangi."
        )


class NotABackup(NoBackup):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} bukan cadangan yang selesai: tidak ada {DUMP} atau {FILES}.")


class AnotherIsMade(NoBackup):
    def __init__(self, parent: Path) -> None:
        super().__init__(
            f"Cadangan lain sedang dibuat di {parent}. Tunggu sampai selesai; bila masih perlu, "
            "ulangi sesudah itu."
        )


class ProgramFailed(NoBackup):
    def __init__(self, program: str, reason: str) -> None:
        super().__init__(f"{program} gagal: {reason}")


@dataclass(frozen=True, slots=True)
class Backup:
    """`missing` are documents whose files are not in it."""

    folder: Path
    copied: int
    linked: int
    missing: int


def make(parent: Path, *, keep: int) -> Backup:
    """A new backup beside those in `parent`, of which the newest `keep` stay."""
    _require_postgresql()
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone_in(parent):
        return _make(parent, keep)


@contextmanager
def _alone_in(parent: Path) -> Iterator[None]:
    """Whoever finishes deletes what is unfinished. However this process ends, nothing is locked
    afterwards."""
    descriptor = os.open(parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherIsMade(parent) from error
        yield
    finally:
        os.close(descriptor)


def _make(parent: Path, keep: int) -> Backup:
    earlier = _finished(parent)
    folder = parent / timezone.now().strftime(_NAME)
    being_made = parent / f"{folder.name}{_UNFINISHED}"
    being_made.mkdir(mode=0o700)
    (being_made / FILES).mkdir()
    # Before the dump, and so before anything that is sealed meanwhile.
    named = list(verification.kept().values_list("file", "size"))
    _run("pg_dump", "--format=custom", f"--file={being_made / DUMP}")
    copied, linked = _copy_files(being_made / FILES, earlier[-1] / FILES if earlier else None)
    missing = _missing(being_made / FILES, named)
    # A power cut must leave no backup that only looks finished, nor take the older ones for it.
    # All is synced at once: file by file 20,000 take a minute, in which signing waits for the disk.
    os.sync()
    being_made.rename(folder)
    os.sync()
    for old in [*[*earlier, folder][:-keep], *parent.glob(f"*{_UNFINISHED}")]:
        shutil.rmtree(old)
    return Backup(folder, copied, linked, missing)


def restore(folder: Path) -> int:
    """Into an empty database and the storage; returns how many files there were.

    The database comes last and as a whole, so that whatever interrupts it, it can be run again.
    """
    _require_postgresql()
    if not ((folder / DUMP).is_file() and (folder / FILES).is_dir()):
        raise NotABackup(folder)
    if connection.introspection.table_names():
        raise NotEmpty
    files = [path for path in (folder / FILES).rglob("*") if path.is_file()]
    for path in files:
        _put_back(path, path.relative_to(folder / FILES).as_posix())
    # Roles may be others on this server; `grant_runtime` tells what they may do.
    whose = ("--no-owner", "--no-privileges")
    _run("pg_restore", *whose, "--exit-on-error", "--single-transaction", str(folder / DUMP))
    return len(files)


def _require_postgresql() -> None:
    if connection.vendor != "postgresql":
        raise NotPostgreSQL


def _finished(parent: Path) -> list[Path]:
    """The oldest first."""
    return sorted(dump.parent for dump in parent.glob(f"[0-9]*Z/{DUMP}"))


def _run(program: str, *arguments: str) -> None:
    """With the way to the database that `dbshell` takes: the password is in the environment."""
    (_, *server, database), password = connection.client.settings_to_cmd_args_env(
        connection.settings_dict, []
    )
    try:
        ended = subprocess.run(  # noqa: S603 (no word of it is from outside)
            [program, *server, f"--dbname={database}", *arguments],
            env=os.environ | (password or {}), capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise ProgramFailed(program, "tidak ada; pasang postgresql-client") from error
    if ended.returncode:
        raise ProgramFailed(program, ended.stderr.strip())


def _copy_files(to: Path, earlier: Path | None) -> tuple[int, int]:
    """How many were copied, and how many linked."""
    copied = linked = 0
    for name in names_in(""):
        copy = to / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if earlier and name.startswith(_UNCHANGING) and (earlier / name).is_file():
            copy.hardlink_to(earlier / name)
            linked += 1
        else:
            copied += _copy(name, copy)
    return copied, linked


def _copy(name: str, copy: Path) -> bool:
    """Whether it was still there."""
    try:
        with default_storage.open(name) as file, copy.open("xb") as written:
            shutil.copyfileobj(file, written)
    except FileNotFoundError:
        copy.unlink(missing_ok=True)
        return False
    return True


def _missing(files: Path, named: Iterable[tuple[str, int]]) -> int:
    """Of how many documents the file is not there, or not as long as it was."""
    copies = ((files / name, size) for name, size in named)
    return sum(not (copy.is_file() and copy.stat().st_size == size) for copy, size in copies)


def _put_back(path: Path, name: str) -> None:
    """Under its own name, which rows know; what an interrupted run left there goes."""
    default_storage.delete(name)
    with path.open("rb") as file:
        default_storage.save(name, File(file))
