"""Check PDFs: did this installation issue them, and are they unchanged?"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from pledges import verification
from pledges.verdicts import ReportVerdict
from pledges.verification import FileState

_WORDS = {
    FileState.INTACT: "diterbitkan di sini dan utuh",
    FileState.ALTERED: "diterbitkan di sini tetapi SUDAH BERUBAH",
    FileState.UNKNOWN: "TIDAK diterbitkan di sini",
}


class Command(BaseCommand):
    help = "Memeriksa PDF; status keluar 1 bila ada yang tidak utuh atau bukan dari sini."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        count: Counter[FileState] = Counter()
        for path in files:
            state, remark = _check(path)
            count[state] += 1
            self.stdout.write(f"{path}: {remark}")
        for state in FileState:
            self.stdout.write(f"{state} {count[state]}")
        if count[FileState.INTACT] < len(files):
            sys.exit(1)


def _check(path: Path) -> tuple[FileState, str]:
    try:
        with path.open("rb") as file:
            verdict = verification.by_file(file)
        if verdict.state == FileState.INTACT and not verification.seal_holds(path.read_bytes()):
            return FileState.ALTERED, "dikenal, tetapi segelnya tidak berlaku"
    except OSError as error:
        return FileState.UNKNOWN, f"tidak dapat dibuka: {error.strerror}"
    except verification.CannotCheck as error:
        return FileState.UNKNOWN, str(error)
    document = verdict.document
    remark = _WORDS[verdict.state]
    if document is not None and document.is_void:
        remark += ", tetapi SUDAH DIBATALKAN"
    if isinstance(document, ReportVerdict):
        remark += f" ({_about(document)})"
    return verdict.state, remark


def _about(report: ReportVerdict) -> str:
    """What kind of report, when it was made, its totals, and why it is void."""
    told = [f"{report.kind} {report.unit}", f"dibuat {report.made_at:%Y-%m-%d %H:%M %Z}"]
    if counts := report.counts:
        told.append(f"{counts.signed} dari {counts.total} sudah menandatangani")
    if report.is_void:
        told.append(f"alasan: {report.void_reason}")
    return "; ".join(told)
