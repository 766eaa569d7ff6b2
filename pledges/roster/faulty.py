"""The rows that were not imported, as a workbook that can be mended and imported again."""

from __future__ import annotations

from pledges import tables
from pledges.roster.cells import KIND_NAMES
from pledges.roster.fields import IDENTIFIERS, UNITS, Field
from pledges.roster.reading import Faulty, Reading
from pledges.roster.words import filled, fold

_SHEET = "Perbaiki"
_WIDTHS = {Field.NIP: 24, Field.NIK: 22, Field.NIP_OR_NIK: 24, Field.NAME: 36}
_USUAL_WIDTH = 26


def bad_rows_workbook(reading: Reading) -> bytes:
    """All columns are text, so that Excel leaves the NIPs alone that are typed into them. Units
    that came from group rows, merged cells or the sheet's name have columns of their own."""
    rows = [_values(faulty) for faulty in reading.faulty]
    fields = _fields({field for row in rows for field, text in row.items() if text})
    columns = [
        tables.Column("Masalah", 80, is_text=True),
        tables.Column("Asal", _USUAL_WIDTH, is_text=True),
        *(tables.Column(f.label, _WIDTHS.get(f, _USUAL_WIDTH), is_text=True) for f in fields),
    ]
    lines = [
        [*_why_and_whence(faulty), *(row.get(field, "") for field in fields)]
        for faulty, row in zip(reading.faulty, rows, strict=True)
    ]
    return tables.as_xlsx(_SHEET, columns, lines)


def _fields(used: set[Field]) -> list[Field]:
    wanted = used | {Field.NAME}
    if wanted.isdisjoint(IDENTIFIERS):
        wanted.add(Field.NIP)
    return [field for field in Field if field in wanted]


def _why_and_whence(faulty: Faulty) -> tuple[str, str]:
    return " ".join(faulty.messages), f"{faulty.entry.sheet}, baris {faulty.entry.row}"


def _values(faulty: Faulty) -> dict[Field, str]:
    values = dict(faulty.entry.cells)
    written = {fold(values.get(field, "")) for field in UNITS} - {""}
    if written <= set(map(fold, faulty.unit)) and len(faulty.unit) <= len(UNITS):
        values |= dict.fromkeys(UNITS, "") | dict(zip(UNITS, faulty.unit, strict=False))
    if faulty.entry.kind and not filled(values.get(Field.KIND, "")):
        values[Field.KIND] = KIND_NAMES[faulty.entry.kind]
    return values
