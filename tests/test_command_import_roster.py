"""`import_roster EVENT FILE [--dry-run] [--skip-bad]`, as operators and scripts run it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from pledges.models import AuditEntry, Event
from tests import spreadsheets
from tests.conftest import Manage
from tests.spreadsheets import HEADER, PEOPLE

BROKEN = [*PEOPLE, [3, "Citra Contoh", "1980", "Dinas Kesehatan"]]
COUNTS = ["new", "changed", "unchanged", "signed", "withdrawn", "absent"]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write(tmp_path, PEOPLE)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    return write(tmp_path, BROKEN)


def write(folder: Path, people: list[list[object]]) -> Path:
    path = folder / "daftar.xlsx"
    path.write_bytes(spreadsheets.xlsx([HEADER, *people]).getvalue())
    return path


def test_it_imports_a_file_and_ends_with_the_counts(draft_event: Event, sound: Path, capsys):
    call_command("import_roster", draft_event.code.lower(), sound)

    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "rows 2", "problems 0",
        "new 2", "changed 0", "unchanged 0", "signed 0", "withdrawn 0", "absent 5",
    ]  # fmt: skip
    assert draft_event.signatories.count() == 7
    assert AuditEntry.objects.get(action="roster.enrol").actor == "system"


def test_it_prints_each_problem_with_sheet_row_and_column_imports_nothing_and_exits_1(
    draft_event: Event, broken: Path, capsys
):
    with pytest.raises(SystemExit) as ended:
        call_command("import_roster", draft_event.code, broken)

    assert ended.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("lembar “Data”, baris 4, kolom C (NIP): NIP harus 18 angka")
    assert lines[1:3] == ["rows 2", "problems 1"]
    assert draft_event.signatories.count() == 5


def test_skip_bad_imports_the_rest(draft_event: Event, broken: Path, capsys):
    call_command("import_roster", draft_event.code, broken, skip_bad=True)

    assert capsys.readouterr().out.splitlines()[1:4] == ["rows 2", "problems 1", "new 2"]
    assert draft_event.signatories.count() == 7


def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    draft_event: Event, sound: Path, capsys
):
    call_command("import_roster", draft_event.code, sound, dry_run=True)

    assert "new 2" in capsys.readouterr().out.splitlines()
    assert draft_event.signatories.count() == 5
    assert not AuditEntry.objects.filter(action="roster.enrol").exists()


def test_a_remark_is_printed_and_stands_in_nobody_s_way(draft_event: Event, tmp_path: Path, capsys):
    path = write(tmp_path, [[1, "Andi Contoh", "198001012005011001", "Dinas Kesehtan Kota"]])
    path.write_bytes(
        spreadsheets.xlsx(
            [[*HEADER, "E-mail"], [*PEOPLE[0], "bukan-alamat"]]
        ).getvalue()
    )  # fmt: skip
    call_command("import_roster", draft_event.code, path)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("lembar “Data”, baris 2, kolom E (E-mail): perhatian, ")
    assert lines[1:3] == ["rows 1", "problems 0"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "kosong"), (b"%PDF-1.7", "PDF"), (b"PK\x03\x04rusak", "rusak")],
    ids=["empty", "pdf", "damaged"],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(
    draft_event: Event, tmp_path: Path, content: bytes, message: str, capsys
):
    path = tmp_path / "daftar.xlsx"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        call_command("import_roster", draft_event.code, path)
    assert capsys.readouterr().out.splitlines() == ["rows 0", "problems 1"]


def test_a_closed_event_takes_no_roster(closed_event: Event, sound: Path):
    with pytest.raises(CommandError, match="sudah ditutup"):
        call_command("import_roster", closed_event.code, sound)


def test_an_unknown_event_and_a_missing_file_are_named(draft_event: Event, tmp_path: Path):
    with pytest.raises(CommandError, match="Acara TIDAK9 tidak ditemukan"):
        call_command("import_roster", "TIDAK9", tmp_path / "x.xlsx")
    with pytest.raises(CommandError, match=r"x\.xlsx tidak dapat dibuka"):
        call_command("import_roster", draft_event.code, tmp_path / "x.xlsx")


@pytest.mark.django_db(transaction=True)
def test_as_a_process_it_exits_1_while_there_are_problems_and_0_without(
    manage: Manage, draft_event: Event, sound: Path, tmp_path: Path
):
    (tmp_path / "rusak").mkdir()
    refused = manage("import_roster", draft_event.code, write(tmp_path / "rusak", BROKEN))
    assert (refused.returncode, refused.stdout.splitlines()[2]) == (1, "problems 1")
    done = manage("import_roster", draft_event.code, sound)
    assert (done.returncode, done.stdout.splitlines()[:2]) == (0, ["rows 2", "problems 0"])
