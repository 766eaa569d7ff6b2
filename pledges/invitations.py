"""A file of unit officers → invitations, and every problem by sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.core import signing
from openpyxl.utils import get_column_letter
from rapidfuzz import fuzz, process

from pledges.accounts import LONGEST_EMAIL, Invitation
from pledges.models import Agency, Event, Membership, Role
from pledges.roster import cells
from pledges.roster.cells import BadCell, computed, plain
from pledges.roster.columns import Recognition, recognise
from pledges.roster.fields import UNITS, Field
from pledges.roster.files import read_workbook
from pledges.roster.rows import Problem
from pledges.roster.sheets import Line, RosterFileError, Sheet
from pledges.roster.words import fold

_NEARLY_ALIKE = 75
_WANTED = (
    "Yang dicari: satu baris judul dengan kolom Nama, E-mail dan Unit Kerja; di bawahnya satu "
    "petugas tiap baris."
)


class StaleInvitations(Exception):
    def __init__(self) -> None:
        super().__init__("Halaman ini sudah lama. Unggah lagi berkasnya; belum ada yang diundang.")


@dataclass(frozen=True, slots=True)
class Reading:
    invitations: tuple[Invitation, ...]
    problems: tuple[Problem, ...]


class _BadRow(Exception):
    def __init__(self, field: Field, message: str) -> None:
        super().__init__(message)
        self.field = field


def read(file: BinaryIO, *, event: Event, units: Sequence[Agency]) -> Reading:
    """`units` are those of the event, in the order of the tree."""
    workbook = read_workbook(file)
    found = [(sheet, recognise(sheet)) for sheet in workbook.sheets if sheet.lines]
    readable = [(sheet, columns) for sheet, columns in found if columns and _suffices(columns)]
    if not readable:
        raise RosterFileError(f"Judul kolom tidak ditemukan. {_WANTED}")
    reader = _Reader(_Units(units), _officers(event))
    for sheet, columns in readable:
        reader.read(sheet, columns)
    if not reader.invitations and not reader.problems:
        raise RosterFileError(f"Di bawah judul kolom tidak ada satu pun petugas. {_WANTED}")
    return Reading(tuple(reader.invitations), tuple(reader.problems))


def _suffices(columns: Recognition) -> bool:
    return columns.mapping.keys() >= {Field.NAME, Field.EMAIL, Field.UNIT_1}


def _officers(event: Event) -> set[tuple[str, int]]:
    roles = Membership.objects.filter(agency__path__startswith=event.agency.path, role=Role.OFFICER)
    return {(email.lower(), unit) for email, unit in roles.values_list("user__email", "agency")}


class _Reader:
    def __init__(self, units: _Units, officers: set[tuple[str, int]]) -> None:
        self.invitations: list[Invitation] = []
        self.problems: list[Problem] = []
        self._units = units
        self._taken = officers

    def read(self, sheet: Sheet, columns: Recognition) -> None:
        for line in sheet.lines[columns.body :]:
            texts = {field: line.cells[at] for field, at in columns.mapping.items()}
            if not texts[Field.EMAIL] and not texts[Field.NAME]:
                continue
            try:
                self.invitations.append(self._invitation(texts))
            except _BadRow as bad:
                self.problems.append(_problem(sheet, columns, line, bad))

    def _invitation(self, texts: Mapping[Field, str]) -> Invitation:
        email = _email(texts)
        name = _checked(texts, Field.NAME)
        unit = self._units.find([text for text in (_checked(texts, f) for f in UNITS) if text])
        if (email, unit.pk) in self._taken:
            raise _BadRow(Field.EMAIL, f"Sudah menjadi petugas {unit.name}; tidak diundang lagi.")
        self._taken.add((email, unit.pk))
        return Invitation(email, name or email, unit)


def _email(texts: Mapping[Field, str]) -> str:
    try:
        email = cells.email(computed(texts[Field.EMAIL])).lower()
    except BadCell as bad:
        raise _BadRow(Field.EMAIL, "Alamat surel ini tidak lengkap atau salah tulis.") from bad
    if not email:
        raise _BadRow(Field.EMAIL, "Alamat surel kosong.")
    if len(email) > LONGEST_EMAIL:
        raise _BadRow(Field.EMAIL, f"Alamat surel lebih dari {LONGEST_EMAIL} huruf.")
    return email


def _checked(texts: Mapping[Field, str], field: Field) -> str:
    try:
        return plain(computed(texts.get(field, "")), longest=150 if field is Field.NAME else 200)
    except BadCell as bad:
        raise _BadRow(field, str(bad)) from bad


def _problem(sheet: Sheet, columns: Recognition, line: Line, bad: _BadRow) -> Problem:
    at = columns.mapping[bad.field]
    return Problem(sheet.name, line.number, get_column_letter(at + 1), columns.labels[at], str(bad))


class _Units:
    """Finds a unit by its path, or by its name alone where only one is called so."""

    def __init__(self, units: Sequence[Agency]) -> None:
        self._by_path: dict[tuple[str, ...], Agency] = {}
        self._by_name: dict[str, list[Agency]] = {}
        folded: dict[str, tuple[str, ...]] = {units[0].path: ()}
        for unit in units[1:]:
            path = (*folded[unit.path[: -Agency.steplen]], fold(unit.name))
            folded[unit.path] = path
            self._by_path[path] = unit
        for unit in units:
            self._by_name.setdefault(fold(unit.name), []).append(unit)

    def find(self, names: Sequence[str]) -> Agency:
        if not names:
            raise _BadRow(Field.UNIT_1, "Unit kerja kosong.")
        path = tuple(map(fold, names))
        candidates = self._by_name.get(path[-1], [])
        if found := self._by_path.get(path):
            return found
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise _BadRow(
                Field.UNIT_1,
                f"Ada {len(candidates)} unit bernama “{names[-1]}”. Tambahkan kolom Perangkat "
                "Daerah yang menyebut induknya.",
            )
        raise _BadRow(Field.UNIT_1, self._unknown(names[-1]))

    def _unknown(self, name: str) -> str:
        alike = process.extract(
            fold(name), list(self._by_name), scorer=fuzz.WRatio, score_cutoff=_NEARLY_ALIKE, limit=2
        )
        listed = " atau ".join(f"“{self._by_name[key][0].name}”" for key, _, _ in alike)
        advice = f"Mungkin {listed}?" if listed else "Samakan ejaannya dengan daftar."
        return f"Unit kerja “{name}” tidak ada di acara ini. {advice}"


# ------------------------------------------------------------------ between two pages


def seal(invitations: Sequence[Invitation], *, event: Event) -> str:
    """What was read, to be sent back with the confirmation."""
    values = [[i.email, i.name, i.unit.pk] for i in invitations]
    return signing.dumps(values, salt=_salt(event), compress=True)


def unseal(text: str, *, event: Event, units: Sequence[Agency]) -> list[Invitation]:
    try:
        values = signing.loads(text, salt=_salt(event), max_age=24 * 60 * 60)
    except signing.BadSignature as error:
        raise StaleInvitations from error
    by_pk = {unit.pk: unit for unit in units}
    return list(_invitations(values, by_pk))


def _invitations(
    values: Sequence[tuple[str, str, int]], units: Mapping[int, Agency]
) -> Iterator[Invitation]:
    for email, name, pk in values:
        if pk not in units:
            raise StaleInvitations
        yield Invitation(email, name, units[pk])


def _salt(event: Event) -> str:
    return f"pledges.invitations:{event.pk}"
