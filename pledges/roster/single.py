"""One person typed into a form, checked as a line of a file would be."""

from __future__ import annotations

from collections.abc import Mapping

from pledges import fonts
from pledges.roster.columns import Recognition
from pledges.roster.fields import Field
from pledges.roster.rows import ReadEntry, RowReader
from pledges.roster.sections import Entry
from pledges.roster.units import Path

FIELDS = (
    Field.NAME,
    Field.KIND,
    Field.NIP_OR_NIK,
    Field.GRADE,
    Field.POSITION,
    Field.EMAIL,
    Field.PHONE,
)
_LABELS = tuple(field.label for field in FIELDS)
_COLUMNS = Recognition("", 0, 0, _LABELS, {field: at for at, field in enumerate(FIELDS)})


def read_person(cells: Mapping[Field, str], *, unit: Path) -> ReadEntry:
    """`cells` by the fields above. The `header` of a problem is the label of its field."""
    reader = RowReader(_COLUMNS, unit_is_required=False, unsupported_characters=fonts.unsupported)
    return reader.read(Entry("", 0, dict(cells), unit, None))
