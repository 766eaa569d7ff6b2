"""A workbook → everybody in it, and every problem."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pledges.roster.columns import Recognition, recognise, shared_header
from pledges.roster.crosschecks import (
    reject_cut_niks,
    reject_duplicates,
    reject_second_presiding,
    spell_units_alike,
    warn_of_units_alike,
)
from pledges.roster.fields import Field
from pledges.roster.rows import Problem, ReadEntry, Row, RowReader
from pledges.roster.sections import Entry, Section, Skipped, UnitSource
from pledges.roster.sheets import RosterFileError, Sheet, Workbook
from pledges.roster.units import Path

Progress = Callable[[int, int], None]  # lines done, lines in all
Mappings = Mapping[str, Mapping[Field, int]]  # of sheets by name

_PROGRESS_EVERY = 500
_NAMED_LINES = 5
_LONGEST_SHEET_NAME = 31  # in Excel, which cuts the rest off
_WANTED = (
    "Yang dicari: satu baris judul dengan kolom Nama (Nama Lengkap, Nama Pegawai) dan NIP "
    "(NIP Baru, NI PPPK, NIP/NIK, NIK); bila ada juga Unit Kerja (OPD, Perangkat Daerah, Unor), "
    "Jabatan, Pangkat, Golongan, Eselon, E-mail, No. WA, Gelombang dan Peran."
)


@dataclass(frozen=True, slots=True)
class Faulty:
    """A row with a blocking problem, as the file has it, with the unit it would have."""

    entry: Entry
    unit: Path
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Every line under a header is a row, faulty, or skipped. All are in the file's order."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    faulty: tuple[Faulty, ...]
    skipped: tuple[Skipped, ...]


def read_rows(
    workbook: Workbook,
    *,
    sheets: Collection[str] | None = None,
    mappings: Mappings | None = None,
    unsupported_characters: Callable[[str], set[str]],
    progress: Progress | None = None,
) -> Reading:
    """Read the chosen sheets, or all that have a header. `mappings` replace what was
    recognised in a sheet."""
    chosen = [s for s in workbook.sheets if s.lines and (sheets is None or s.name in sheets)]
    sections, problems = _sections(chosen, mappings or {}, blocking=sheets is not None)
    skipped: list[Skipped] = []
    entries: list[ReadEntry] = []
    for section in sections:
        problems += _notes(section, is_only=len(sections) == 1)
        reader = _reader(section, unsupported_characters)
        for found in _counted(section, len(entries) + len(skipped), sections, progress):
            if isinstance(found, Skipped):
                skipped.append(found)
            else:
                entries.append(reader.read(found))
    _check_together(entries)
    return _reading(workbook, entries, problems, skipped)


def _sections(
    sheets: Collection[Sheet], mappings: Mappings, *, blocking: bool
) -> tuple[list[Section], list[Problem]]:
    sections, problems = [], []
    for sheet in sheets:
        recognition = recognise(sheet)
        if recognition and sheet.name in mappings:
            recognition = replace(recognition, mapping=mappings[sheet.name])
        if recognition and not recognition.missing:
            sections.append(Section(sheet, recognition))
        else:
            problems.append(_unreadable(sheet, recognition, blocking=blocking))
    if not sections:
        reason = problems[0].message if problems else "Tidak ada lembar yang dipilih."
        raise RosterFileError(f"{reason} {_WANTED}")
    return sections, problems


def _unreadable(sheet: Sheet, recognition: Recognition | None, *, blocking: bool) -> Problem:
    if recognition is None:
        return _problem(sheet, sheet.lines[0].number, _why_no_header(sheet), blocking)
    missing = " dan ".join(field.label for field in recognition.missing)
    row = sheet.lines[recognition.header].number
    return _problem(sheet, row, f"Kolom {missing} tidak ditemukan pada judul tabel.", blocking)


def _why_no_header(sheet: Sheet) -> str:
    if label := shared_header(sheet):
        return (
            f"Nama dan NIP berada dalam satu kolom (“{label}”). Pisahkan di Excel: sisipkan kolom "
            "baru, pindahkan NIP ke sana, lalu beri judul Nama dan NIP."
        )
    return "Judul kolom tidak ditemukan; lembar ini tidak dibaca."


def _notes(section: Section, *, is_only: bool) -> Iterator[Problem]:
    sheet = section.sheet
    row = sheet.lines[section.recognition.header].number
    if unseen := sorted(sheet.unseen):
        yield _problem(sheet, unseen[0], _unseen(unseen), False)
    if section.unit_source is UnitSource.NONE:
        yield _problem(
            sheet,
            row,
            "Tidak ada kolom Unit Kerja; semua orang dicatat di instansi acara. Bila mereka dari "
            "satu unit, beri nama lembar itu dengan nama unitnya, atau tambahkan kolom Unit Kerja.",
            False,
        )
    elif section.unit_source is UnitSource.SHEET_NAME and len(sheet.name) >= _LONGEST_SHEET_NAME:
        yield _problem(
            sheet,
            row,
            f"Nama lembar dipakai sebagai unit kerja, tetapi mungkin terpotong: “{sheet.name}”. "
            "Bila terpotong, tambahkan kolom Unit Kerja.",
            False,
        )
    elif section.unit_source is UnitSource.SHEET_NAME and is_only:
        yield _problem(
            sheet,
            row,
            f"Tidak ada kolom Unit Kerja; nama lembar “{sheet.name}” dipakai sebagai unit kerja. "
            "Bila keliru, ganti nama lembar itu, atau tambahkan kolom Unit Kerja.",
            False,
        )


def _unseen(lines: Sequence[int]) -> str:
    """The office sees a part of its file only, and may mean that part."""
    named = ", ".join(map(str, lines[:_NAMED_LINES])) + (", …" if lines[_NAMED_LINES:] else "")
    return (
        f"{len(lines)} baris tersembunyi di Excel (misalnya karena disaring) ikut dibaca: baris "
        f"{named}. Hapus dari berkas bila orangnya tidak ikut."
    )


def _problem(sheet: Sheet, row: int, message: str, blocking: bool) -> Problem:
    return Problem(sheet.name, row, "", "", message, blocking)


def _reader(section: Section, unsupported_characters: Callable[[str], set[str]]) -> RowReader:
    return RowReader(
        section.recognition,
        unit_is_required=section.unit_source in (UnitSource.COLUMNS, UnitSource.GROUPS),
        unsupported_characters=unsupported_characters,
    )


def _counted(
    section: Section, before: int, sections: Collection[Section], progress: Progress | None
) -> Iterator[Entry | Skipped]:
    total = sum(map(len, sections))
    for done, found in enumerate(section, start=before + 1):
        yield found
        if progress and (done % _PROGRESS_EVERY == 0 or done == total):
            progress(done, total)


def _check_together(entries: Sequence[ReadEntry]) -> None:
    spell_units_alike(entries)
    reject_duplicates(entries)
    reject_second_presiding(entries)
    reject_cut_niks(entries)
    warn_of_units_alike([entry for entry in entries if entry.is_sound])


def _reading(
    workbook: Workbook,
    entries: Sequence[ReadEntry],
    problems: Sequence[Problem],
    skipped: Sequence[Skipped],
) -> Reading:
    if not entries:
        raise RosterFileError("Di bawah judul kolom tidak ada satu pun baris pegawai.")
    order = {sheet.name: index for index, sheet in enumerate(workbook.sheets)}
    everything = [*problems, *(problem for entry in entries for problem in entry.problems)]
    return Reading(
        rows=tuple(entry.row for entry in entries if entry.is_sound),
        problems=tuple(sorted(everything, key=lambda p: (order[p.sheet], p.row))),
        faulty=tuple(_faulty(entry) for entry in entries if not entry.is_sound),
        skipped=tuple(skipped),
    )


def _faulty(read: ReadEntry) -> Faulty:
    messages = tuple(problem.message for problem in read.problems if problem.blocking)
    return Faulty(read.entry, read.row.unit, messages)
