"""One person who is added to a roster by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pledges.forms.roster import unit_choices
from pledges.models import Agency, Kind
from pledges.roster.fields import IDENTIFIERS, Field
from pledges.roster.ranks import GRADES, PPPK_GRADES
from pledges.roster.rows import Row
from pledges.roster.single import FIELDS, read_person


class PersonForm(forms.Form):
    """Its checks are those of a roster file."""

    name = forms.CharField(
        label="Nama lengkap dengan gelar", help_text="Seperti yang akan dicetak pada pakta."
    )
    kind = forms.ChoiceField(label="Jenis kepegawaian", choices=Kind.choices)
    nip_or_nik = forms.CharField(
        label="NIP atau NIK",
        help_text="18 angka NIP atau NI PPPK; untuk non-ASN 16 angka NIK.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    grade = forms.ChoiceField(label="Golongan", required=False)
    position = forms.CharField(label="Jabatan", required=False)
    unit = forms.TypedChoiceField(label="Unit kerja", coerce=int)
    email = forms.CharField(label="Alamat surel", required=False)
    phone = forms.CharField(label="Nomor WhatsApp", required=False)

    def __init__(self, *args: Any, units: Sequence[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._units = {unit.path: unit for unit in units}
        self._by_pk = {unit.pk: unit for unit in units}
        self.fields["unit"].choices = unit_choices(units)  # type: ignore[attr-defined]
        self.fields["grade"].choices = _GRADE_CHOICES  # type: ignore[attr-defined]
        # Remarks that do not stand in the way.
        self.remarks: list[str] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        read = read_person(self._cells(cleaned), unit=self._path(cleaned["unit"]))
        for problem in read.problems:
            name = _NAME_OF_LABEL[problem.header]
            if problem.blocking or name not in IDENTIFIERS:
                self.add_error(name, problem.message)
            else:
                self.remarks.append(problem.message)
        self._row = read.row
        return cleaned

    @property
    def row(self) -> Row:
        return self._row

    def _cells(self, cleaned: dict[str, Any]) -> dict[Field, str]:
        cells = {field: cleaned[field.value] for field in FIELDS}
        return cells | {Field.KIND: Kind(cleaned["kind"]).label}

    def _path(self, pk: int) -> tuple[str, ...]:
        """The names from the top work unit down; the first unit is the event's agency."""
        unit: Agency | None = self._by_pk[pk]
        names: list[str] = []
        while unit is not None:
            names.insert(0, unit.name)
            unit = self._units.get(unit.path[: -Agency.steplen])
        return tuple(names[1:])


_NAME_OF_LABEL = {field.label: field.value for field in FIELDS} | {
    Field.RANK.label: "grade",
    Field.UNIT_1.label: "unit",
}
_GRADE_CHOICES = [
    ("", "Tidak ada"),
    ("PNS", [(grade, grade) for grade in GRADES.values()]),
    ("PPPK", [(grade, grade) for grade in PPPK_GRADES]),
]
