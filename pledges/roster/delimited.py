"""CSV as Indonesian offices save it: comma, semicolon or tab; four encodings."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from pledges.roster.sheets import SAVE_AS_XLSX, Room, RosterFileError, SheetDraft, Workbook

SHEET_NAME = "CSV"

_DELIMITERS = (";", "\t", ",")
_SAMPLE_ROWS = 100
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)  # Excel's own hint
_AS_TEXT = re.compile(r'="([^"]*)"')  # how exports keep Excel from destroying a NIP
_BINARY = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f]")


def decode(data: bytes) -> str:
    """By byte order mark, else UTF-8, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(data, "cp1252")


def read_csv(text: str) -> Workbook:
    _refuse_binary(text)
    hint = _SEPARATOR_LINE.match(text)
    body = text[hint.end() :] if hint else text
    delimiter = hint[1] if hint else _delimiter(body)
    draft = SheetDraft(SHEET_NAME, Room())
    for number, record in enumerate(_records(body, delimiter), start=1):
        for column, cell in enumerate(record):
            draft.put(number, column, _AS_TEXT.sub(r"\1", cell) if cell[:1] == "=" else cell)
    return Workbook((draft.sheet(),))


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_a_table() from error


def _refuse_binary(text: str) -> None:
    """A stray control character is a row's problem; many of them are another kind of file."""
    if len(_BINARY.findall(text)) > len(text) / 100 or "\0" in text:
        raise _not_a_table()


def _not_a_table() -> RosterFileError:
    return RosterFileError(
        "Berkas ini bukan tabel: yang diterima adalah Excel (.xlsx, .xls) dan CSV. "
        f"Bila Anda membuatnya dengan program tabel: {SAVE_AS_XLSX}"
    )


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    row = 0
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            row += 1
            yield record
    except csv.Error as error:
        raise RosterFileError(
            f"Tanda kutip pada baris {row + 1} tidak berpasangan atau salah letak. "
            f"Perbaiki baris itu, atau simpan sebagai Excel. {SAVE_AS_XLSX}"
        ) from error


def _delimiter(text: str) -> str:
    """The one that cuts the most lines alike; the lines of a title have few or none."""
    return max(_DELIMITERS, key=lambda delimiter: _agreement(text, delimiter))


def _agreement(text: str, delimiter: str) -> int:
    cuts: Counter[int] = Counter()
    with suppress(RosterFileError):  # told when the whole file is read
        for record in islice(_records(text, delimiter), _SAMPLE_ROWS):
            cuts[len(record) - 1] += 1
    return max((cut * count for cut, count in cuts.items()), default=0)
