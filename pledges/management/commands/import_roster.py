"""`import_roster EVENT FILE [--dry-run] [--skip-bad]`: a roster file, without the pages."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pledges import fonts
from pledges.events import WrongState
from pledges.keys import WrongNikKey
from pledges.models import Event
from pledges.roster import enrol
from pledges.roster.enrol import Plan
from pledges.roster.files import read_workbook
from pledges.roster.reading import Reading, read_rows
from pledges.roster.rows import Problem
from pledges.roster.sheets import RosterFileError


class Command(BaseCommand):
    help = (
        "Memasukkan daftar penanda tangan dari berkas Excel atau CSV. Selama ada masalah tidak "
        "ada yang dimasukkan, dan status keluarnya 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="kode acara")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="hanya memeriksa")
        parser.add_argument(
            "--skip-bad", action="store_true", help="masukkan baris yang tidak bermasalah"
        )

    def handle(
        self, *, event: str, file: Path, dry_run: bool, skip_bad: bool, **options: Any
    ) -> None:
        found = _event(event)
        try:
            reading = _read(file)
        except CommandError:
            self._count(rows=0, problems=1)
            raise
        for problem in reading.problems:
            self.stdout.write(_line(problem))
        problems = sum(problem.blocking for problem in reading.problems)
        self._count(rows=len(reading.rows), problems=problems)
        if problems and not skip_bad:
            sys.exit(1)
        self._count(**_apply(found, reading, only_plan=dry_run).counts)

    def _count(self, **counts: int) -> None:
        for name, value in counts.items():
            self.stdout.write(f"{name} {value}")


def _event(code: str) -> Event:
    found = Event.objects.select_related("agency").filter(code=code.upper()).first()
    if found is None:
        raise CommandError(f"Acara {code} tidak ditemukan.")
    return found


def _read(path: Path) -> Reading:
    try:
        with path.open("rb") as file:
            return read_rows(read_workbook(file), unsupported_characters=fonts.unsupported)
    except OSError as error:
        raise CommandError(f"{path} tidak dapat dibuka: {error.strerror}.") from error
    except RosterFileError as error:
        raise CommandError(str(error)) from error


def _apply(event: Event, reading: Reading, *, only_plan: bool) -> Plan:
    try:
        if only_plan:
            return enrol.plan(event, reading.rows)
        return enrol.enrol(event, reading.rows, by=None)
    except (WrongState, WrongNikKey) as error:
        raise CommandError(str(error)) from error


def _line(problem: Problem) -> str:
    place = f"lembar “{problem.sheet}”, baris {problem.row}"
    if problem.column:
        place += f", kolom {problem.column} ({problem.header})"
    line = f"{place}: {'' if problem.blocking else 'perhatian, '}{problem.message}"
    # A damaged file may hold halves of characters, which no terminal takes.
    return line.encode(errors="replace").decode()
