"""One person's cells → a row that can be enrolled, or the problems that stand in its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from openpyxl.utils import get_column_letter

from pledges import nip as nips
from pledges.roster import cells, parts
from pledges.roster.cells import KIND_NAMES, LONGEST_NAME, BadCell, Kind, computed, plain, worded
from pledges.roster.columns import Recognition
from pledges.roster.fields import IDENTIFIERS, UNITS, Field
from pledges.roster.parts import Part
from pledges.roster.ranks import Standing, standing
from pledges.roster.sections import Entry
from pledges.roster.units import MAX_LEVELS, Path, unit_path
from pledges.roster.words import filled, fold

_LONGEST = {Field.RANK: 50, Field.POSITION: 200, Field.CAPACITY: 200} | dict.fromkeys(UNITS, 200)
_LONGEST_CELL = 300
_NAMES = (Field.POSITION, Field.CAPACITY, *UNITS)
_NO_NUMBER = "NIP kosong. Isi 18 angka NIP, atau NIK untuk non-ASN."
_NAME_ALONE = (
    f"{_NO_NUMBER} Bila baris ini judul unit kerja, gabungkan selnya selebar tabel, atau hapus "
    "baris ini dan isi kolom Unit Kerja."
)
_NO_KIND = {"asn", "aktif", "pegawai"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """A row with a blocking problem is not imported; any other problem is a warning."""

    sheet: str
    row: int  # as Excel shows it
    column: str  # its letter, or empty when the whole row or sheet is meant
    header: str
    message: str
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One person. There is a NIP or a NIK, not both; `unit` is the path from the top work
    unit down, empty for people directly under the government."""

    sheet: str
    row: int
    name: str
    nip: str | None
    nik: str | None
    kind: Kind
    rank: str
    grade: str
    position: str
    echelon: str
    unit: Path
    email: str
    phone: str
    # None and empty where the file says nothing.
    given_wave: int | None = None
    part: Part | None = None
    capacity: str = ""
    sequence: int | None = None


class RowReader:
    """Reads the entries of one sheet."""

    def __init__(
        self,
        recognition: Recognition,
        *,
        unit_is_required: bool,
        unsupported_characters: Callable[[str], set[str]],
    ) -> None:
        self.recognition = recognition
        self.unit_is_required = unit_is_required
        self.rows_name_their_top_unit = recognition.begins_with_uppermost_unit
        self._unsupported_characters = unsupported_characters
        self._supported: set[str] = set()

    def read(self, entry: Entry) -> ReadEntry:
        person = _Person(entry, self)
        return ReadEntry(self, entry, person.row(), person.problems)

    def problem(self, entry: Entry, field: Field, message: str, *, blocking: bool) -> Problem:
        column = self.recognition.mapping.get(field)
        letter = "" if column is None else get_column_letter(column + 1)
        header = field.label if column is None else self.recognition.labels[column]
        return Problem(entry.sheet, entry.row, letter, " ".join(header.split()), message, blocking)

    def printable(self, text: str) -> str:
        if not self._supported.issuperset(text):
            if missing := self._unsupported_characters(text):
                raise BadCell(
                    f"Huruf {_quoted(missing)} tidak ada di jenis huruf dokumen. "
                    "Ganti dengan huruf Latin biasa."
                )
            self._supported.update(text)
        return text


@dataclass(slots=True)
class ReadEntry:
    """An entry and what came of it; the row counts only while it `is_sound`."""

    reader: RowReader
    entry: Entry
    row: Row
    problems: list[Problem]

    @property
    def is_sound(self) -> bool:
        return not any(problem.blocking for problem in self.problems)

    @property
    def number_field(self) -> Field:
        """The column in which the NIP or NIK stands."""
        return next(f for f in IDENTIFIERS if filled(self.entry.cells.get(f, "")))

    def complain(self, field: Field, message: str, *, blocking: bool = True) -> None:
        self.problems.append(self.reader.problem(self.entry, field, message, blocking=blocking))


def _quoted(characters: set[str]) -> str:
    return ", ".join(f"“{character}” (U+{ord(character):04X})" for character in sorted(characters))


class _Person:
    """Every cell is read even when one is bad, so that all problems are told at once."""

    def __init__(self, entry: Entry, reader: RowReader) -> None:
        self.problems: list[Problem] = []
        self._entry = entry
        self._reader = reader
        self._kind_text = self._text(Field.KIND)
        self._stated_kind = cells.kind(self._kind_text) or entry.kind

    def row(self) -> Row:
        nip, nik = self._identifiers()
        kind = self._kind(nip, nik)
        place = self._standing(kind)
        part: Part | None = self._read(Field.PART, parts.part)
        return Row(
            sheet=self._entry.sheet,
            row=self._entry.row,
            name=self._name(),
            nip=nip.digits if nip else None,
            nik=None if nip else nik,
            kind=kind,
            rank=place.rank,
            grade=place.grade,
            position=self._text(Field.POSITION),
            echelon=self._checked(Field.ECHELON, cells.echelon, blocking=False),
            unit=self._unit(),
            email=self._checked(Field.EMAIL, cells.email, blocking=False),
            phone=self._checked(Field.PHONE, cells.phone, blocking=False),
            given_wave=self._read(Field.WAVE, parts.wave),
            part=part,
            capacity=self._capacity(part),
            sequence=self._sequence(part),
        )

    # ------------------------------------------------------------------ cells

    def _raw(self, field: Field) -> str:
        return self._entry.cells.get(field, "")

    def _checked(self, field: Field, check: Callable[[str], str], *, blocking: bool = True) -> str:
        """The clean text; empty, with a problem, if it is bad."""
        return self._clean(self._raw(field), field, check, blocking=blocking)

    def _text(self, field: Field) -> str:
        check = worded if field in _NAMES else plain
        return self._checked(field, partial(check, longest=_LONGEST.get(field, _LONGEST_CELL)))

    def _clean(
        self, text: str, field: Field, check: Callable[[str], str], *, blocking: bool = True
    ) -> str:
        if not text:
            return ""
        try:
            return self._reader.printable(check(computed(text)))
        except BadCell as bad:
            self._complain(field, str(bad), blocking=blocking)
            return ""

    def _read(
        self, field: Field, read: Callable[[str], T | None], *, blocking: bool = True
    ) -> T | None:
        """What a cell says that is no text; None, with a problem, if it is bad."""
        try:
            return read(computed(self._raw(field)))
        except BadCell as bad:
            self._complain(field, str(bad), blocking=blocking)
            return None

    def _complain(self, field: Field, message: str, *, blocking: bool = True) -> None:
        self.problems.append(self._reader.problem(self._entry, field, message, blocking=blocking))

    # ------------------------------------------------------------------ who

    def _name(self) -> str:
        before = len(self.problems)
        parts = map(self._text, (Field.TITLE_BEFORE, Field.NAME, Field.TITLE_AFTER))
        title_before, name, title_after = parts
        if len(self.problems) > before:
            return ""
        if not any(character.isalpha() for character in name):
            self._complain(Field.NAME, "Nama kosong. Isi nama lengkap.")
            return ""
        full = cells.full_name(title_before, name, title_after)
        if len(full) > LONGEST_NAME:
            self._complain(
                Field.NAME,
                f"Nama dan gelar terlalu panjang: {len(full)} huruf, paling banyak {LONGEST_NAME}.",
            )
        # What stood before the name may have hidden a formula.
        return self._clean(full, Field.NAME, str)

    def _identifiers(self) -> tuple[nips.Nip | None, str | None]:
        nip: nips.Nip | None = None
        nik: str | None = None
        given = [field for field in IDENTIFIERS if filled(self._raw(field))]
        for field in given:
            if self._is_nik(field):
                nik = self._nik(field)
            else:
                nip = self._nip(field)
        if not given:
            field = next(f for f in IDENTIFIERS if f in self._reader.recognition.mapping)
            self._complain(field, _NO_NUMBER if self._has_more_than_a_name() else _NAME_ALONE)
        return nip, nik

    def _has_more_than_a_name(self) -> bool:
        return any(filled(text) for f, text in self._entry.cells.items() if f is not Field.NAME)

    def _is_nik(self, field: Field) -> bool:
        """A NIP column of mixed rosters holds NIKs as well: those of 16 digits, if the header
        or the kind says that there may be some."""
        if field is Field.NIK:
            return True
        mixed = field is Field.NIP_OR_NIK or self._stated_kind == "non_asn"
        digits = sum(character.isdigit() for character in self._raw(field))
        return mixed and digits == nips.NIK_LENGTH

    def _nip(self, field: Field) -> nips.Nip | None:
        try:
            nip = nips.parse_nip(computed(self._raw(field)))
        except (BadCell, nips.InvalidNip) as bad:
            self._complain(field, str(bad))
            return None
        for oddity in nips.oddities(nip):
            self._complain(field, oddity, blocking=False)
        return nip

    def _nik(self, field: Field) -> str | None:
        try:
            nik = nips.parse_nik(computed(self._raw(field)))
        except (BadCell, nips.InvalidNik) as bad:
            self._complain(field, str(bad))
            return None
        for oddity in nips.nik_oddities(nik):
            self._complain(field, oddity, blocking=False)
        return nik

    # ------------------------------------------------------------------ what

    def _kind(self, nip: nips.Nip | None, nik: str | None) -> Kind:
        text, stated = self._kind_text, self._stated_kind
        if text and not cells.kind(text) and not set(fold(text).split()) <= _NO_KIND:
            self._complain(
                Field.KIND,
                f"Jenis kepegawaian “{text[:50]}” tidak dikenal; jenisnya dibaca dari NIP.",
                blocking=False,
            )
        return self._kind_by_nip(nip, stated) if nip else self._kind_without_nip(nik, stated)

    def _kind_by_nip(self, nip: nips.Nip, stated: Kind | None) -> Kind:
        if stated == "pppk_paruh_waktu" and nip.kind == "pppk":
            return stated
        if stated and stated != nip.kind:
            self._complain(
                Field.KIND,
                f"Tertulis {KIND_NAMES[stated]}, tetapi nomornya nomor {KIND_NAMES[nip.kind]}; "
                f"dicatat sebagai {KIND_NAMES[nip.kind]}.",
                blocking=False,
            )
        return nip.kind

    def _kind_without_nip(self, nik: str | None, stated: Kind | None) -> Kind:
        if nik and stated in ("pns", "pppk"):
            self._complain(
                Field.NIP, f"NIP kosong, padahal tertulis {KIND_NAMES[stated]}. Isi NIP-nya."
            )
        return stated or "non_asn"

    def _standing(self, kind: Kind) -> Standing:
        found = standing(
            kind,
            rank=self._text(Field.RANK),
            grade=self._text(Field.GRADE),
            letter=self._text(Field.GRADE_LETTER),
        )
        for field, remark in found.remarks:
            self._complain(field, remark, blocking=False)
        return found

    def _capacity(self, part: Part | None) -> str:
        capacity = self._text(Field.CAPACITY)
        if capacity and part in (None, "signer"):
            self._complain(
                Field.CAPACITY,
                f"Tertulis bertindak sebagai “{capacity[:50]}”, tetapi kolom Peran tidak menyebut "
                "pimpinan, perwakilan, atau saksi; tidak dicatat.",
                blocking=False,
            )
            return ""
        return capacity

    def _sequence(self, part: Part | None) -> int | None:
        """Only among those with a part; else the column perhaps numbers the lines."""
        if part in (None, "signer"):
            return None
        return self._read(Field.SEQUENCE, parts.sequence, blocking=False)

    # ------------------------------------------------------------------ where

    def _unit(self) -> Path:
        before = len(self.problems)
        own = [name for name in map(self._text, UNITS) if name]
        path = unit_path([*self._above(own), *own])
        if len(self.problems) > before:
            return path
        if len(path) > MAX_LEVELS:
            self._complain(
                Field.UNIT_1,
                f"Unit kerja ini {len(path)} tingkat ({' › '.join(path)}); paling banyak "
                f"{MAX_LEVELS}. Kosongkan atau gabungkan salah satunya.",
            )
        if not path and self._reader.unit_is_required:
            self._complain(Field.UNIT_1, self._why_no_unit())
        return path

    def _why_no_unit(self) -> str:
        if not self._reader.recognition.mapping.keys().isdisjoint(UNITS):
            return "Unit kerja kosong. Isi pada setiap baris."
        return (
            "Unit kerja orang ini tidak jelas: tidak ada judul unit yang pasti di atasnya. "
            "Perbaiki judul itu, atau tambahkan kolom Unit Kerja."
        )

    def _above(self, own: list[str]) -> list[str]:
        """The groups, unless the row itself begins at the top."""
        if own and self._reader.rows_name_their_top_unit:
            return []
        said = set(map(fold, own))
        check = partial(plain, longest=_LONGEST[Field.UNIT_1])
        names = (self._clean(name, Field.UNIT_1, check) for name in self._entry.above)
        return [name for name in names if fold(name) not in said]
