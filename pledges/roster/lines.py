"""The lines under a header: people, and everything else that stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pledges.roster.cells import speaks_of_kinds_only
from pledges.roster.columns import Recognition
from pledges.roster.fields import IDENTIFIERS, Field
from pledges.roster.sheets import Line, Sheet
from pledges.roster.words import fold, vocabulary

_COLUMN_NUMBER = re.compile(r"\(?(\d{1,2})\)?")
_TOTAL = re.compile(r"(sub |grand )?(jumlah|total|jml)\b")
_NOTE = re.compile(r"(catatan|keterangan|ket|nb|daftar|data|rekapitulasi|lampiran|nip)\b")
_LONGEST_GROUP = 150
_MARKER = re.compile(r"([IVXL]{1,6}|[A-Z]|\d{1,3})\s*[.)]\s*(?=\S)")
_MONTHS = "januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember"
_CLOSING = re.compile(
    rf"(mengetahui|menyetujui|disahkan|ditetapkan)\b|\w[\w ]*,[\s\d.…]*({_MONTHS})\s+\d{{4}}$", re.I
)
_LONG_NUMBER = re.compile(r"\W*\d[\d\W]{14,}")
_UPPERMOST_UNITS = vocabulary(
    "dinas badan inspektorat kecamatan satuan kantor rsud sekretariat satpol bappeda bapenda "
    "bpkad bkd bkpsdm bkpp kesbangpol rumah"
)
_INNER_UNITS = vocabulary(
    "bagian bidang seksi sub subbagian subbidang subbag upt uptd puskesmas kelurahan desa sd sdn "
    "smp smpn sma sman smk tk paud cabang balai unit labkesda korwil"
)


class LineKind(StrEnum):
    """The value tells the admin what a line was taken for."""

    PERSON = "orang"
    GROUP = "judul kelompok"
    HEADER = "judul kolom yang berulang"
    NUMBERS = "nomor kolom"
    EMPTY = "nomor urut tanpa isi"
    REST = "lanjutan baris yang digabung"
    TOTAL = "jumlah"
    NOTE = "catatan"
    CLOSING = "penutup dan tanda tangan"


@dataclass(frozen=True, slots=True)
class Sorted:
    line: Line
    kind: LineKind
    text: str  # the only text of the line, if it has only one


@dataclass(frozen=True, slots=True)
class Group:
    """Groups of one level replace each other: those numbered in one manner, and among those
    without a number the uppermost units and the inner ones."""

    name: str
    level: str


def classify(sheet: Sheet, recognition: Recognition) -> Iterator[Sorted]:
    """What each line under the header is."""
    sorter = _Sorter(sheet, recognition)
    body = sheet.lines[recognition.body :]
    closing = sorter.closing(body)
    for index, line in enumerate(body):
        kind, text = sorter.kind(line) if index < closing else (LineKind.CLOSING, "")
        yield Sorted(line, kind, text)


def group(found: Sorted, counter: int | None) -> Group:
    """The group that such a line names: "II. DINAS KESEHATAN" without its number."""
    marker = _MARKER.match(found.text)
    name = found.text[marker.end() :] if marker else found.text
    number = marker[1] if marker else ""
    if not number and counter is not None and found.line.cells[counter] != name:
        number = found.line.cells[counter].strip("(). ")
    return Group(name, _level_of_number(number) if number else _level_of_unit(name))


def names_kinds_only(text: str) -> bool:
    """Whether a group row names a kind of employment and no unit: "PNS", "B. PPPK"."""
    return speaks_of_kinds_only(_unnumbered(text))


def _unnumbered(text: str) -> str:
    return _MARKER.sub("", text, count=1)


def _level_of_number(number: str) -> str:
    if number.isdigit():
        return "1"
    return "I" if re.fullmatch("[IVXL]+", number) else "A"


def _level_of_unit(name: str) -> str:
    return "inner" if _first_word(name) in _INNER_UNITS else "outer"


def _first_word(text: str) -> str:
    return fold(_unnumbered(text)).partition(" ")[0]


def _lone(cells: Sequence[str], counter: int | None) -> tuple[int, str]:
    """The only text of a line, its number aside, and its column; no text if there are more."""
    texts = {column: text for column, text in enumerate(cells) if text and column != counter}
    if not texts and counter is not None:
        return counter, cells[counter]
    return next(iter(texts.items())) if len(set(texts.values())) == 1 else (-1, "")


class _Sorter:
    def __init__(self, sheet: Sheet, recognition: Recognition) -> None:
        self._sheet = sheet
        self._mapping = recognition.mapping
        self._counter = recognition.counter
        self._identifiers = [self._mapping[f] for f in IDENTIFIERS if f in self._mapping]
        self._person = [self._mapping[Field.NAME], *self._identifiers]
        self._headers = [
            self._mapped(self._own(line))
            for line in sheet.lines[recognition.header : recognition.body]
        ]

    def closing(self, body: Sequence[Line]) -> int:
        """The index where place, date and signatures begin: below the last NIP or NIK, and
        with little in the line, for people may have a place and date of birth."""
        last = max((i for i, line in enumerate(body) if self._has_number(line.cells)), default=-1)
        for index in range(last + 1, len(body)):
            texts = [text for text in body[index].cells if text]
            if len(texts) < 3 and any(_CLOSING.match(text) for text in texts):
                return index
        return len(body)

    def kind(self, line: Line) -> tuple[LineKind, str]:
        cells = self._own(line)
        if self._is_header(cells):
            return LineKind.HEADER, ""
        if _are_column_numbers(cells):
            return LineKind.NUMBERS, ""
        if all((line.number, column) in self._sheet.repeated for column in self._person):
            return LineKind.REST, ""
        if self._is_total(cells):
            return LineKind.TOTAL, ""
        column, text = _lone(cells, self._counter)
        return (self._kind_of_lone(line, column, text) if text else LineKind.PERSON), text

    def _kind_of_lone(self, line: Line, column: int, text: str) -> LineKind:
        if column == self._counter and text.strip("(). ").isdigit():
            return LineKind.EMPTY
        if names_kinds_only(text):
            return LineKind.GROUP
        if len(text) > _LONGEST_GROUP or _NOTE.match(fold(text)):
            return LineKind.NOTE
        if self._is_group(line, column, text):
            return LineKind.GROUP
        return LineKind.PERSON if column in self._person else LineKind.NOTE

    def _is_group(self, line: Line, column: int, text: str) -> bool:
        """A text left of the people or across them, or one that is clearly no name. Right of
        them a lone text is what somebody filled in before the people."""
        if column > max(self._person) or not any(character.isalpha() for character in text):
            return False
        if _first_word(text) in _UPPERMOST_UNITS | _INNER_UNITS:
            return True
        if column > min(self._person):
            return False
        wide = (line.number, column) in self._sheet.wide
        return wide or column < min(self._person) or self._is_numbered_as_group(line, text)

    def _is_numbered_as_group(self, line: Line, text: str) -> bool:
        """By II, A and the like in the column of numbers, or before the text; there one letter
        may be a title or an initial ("H. Mulyadi")."""
        marker = _MARKER.match(text)
        if marker and len(marker[1]) > 1 and not marker[1].isdigit():
            return True
        number = "" if self._counter is None else line.cells[self._counter].strip("(). ")
        return number.isalpha()

    def _own(self, line: Line) -> list[str]:
        """The cells without what was repeated from a merged cell above."""
        repeated = self._sheet.repeated
        return [
            "" if (line.number, column) in repeated else text
            for column, text in enumerate(line.cells)
        ]

    def _mapped(self, cells: Sequence[str]) -> list[str]:
        return [fold(cells[column]) for column in self._mapping.values()]

    def _is_header(self, cells: Sequence[str]) -> bool:
        mapped = self._mapped(cells)
        return any(mapped) and mapped in self._headers

    def _is_total(self, cells: Sequence[str]) -> bool:
        first = next((text for text in cells if text), "")
        return bool(_TOTAL.match(fold(first))) and not self._has_number(cells)

    def _has_number(self, cells: Sequence[str]) -> bool:
        return any(_LONG_NUMBER.fullmatch(cells[column]) for column in self._identifiers)


def _are_column_numbers(cells: Sequence[str]) -> bool:
    """1, 2, 3 … under the header, from the first column on."""
    numbers = [
        match and int(match[1]) for match in map(_COLUMN_NUMBER.fullmatch, filter(None, cells))
    ]
    return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))
