"""One person who is added to a roster by hand, or whose data or number are mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pledges.forms.roster import unit_choices
from pledges.models import Agency, Kind, Signatory
from pledges.roster import cells
from pledges.roster.cells import BadCell
from pledges.roster.fields import IDENTIFIERS, Field
from pledges.roster.ranks import GRADES, PPPK_GRADES
from pledges.roster.rows import Row
from pledges.roster.single import FIELDS, read_person


class PersonForm(forms.Form):
    """Its checks are those of a roster file; its words are not, where a file's speak of cells or
    of what is done with the rest of the line."""

    name = forms.CharField(
        label="Nama lengkap dengan gelar", help_text="Seperti yang akan dicetak pada pakta."
    )
    kind = forms.ChoiceField(
        label="Jenis kepegawaian",
        choices=[(kind.value, kind.label) for kind in Kind if kind is not Kind.OUTSIDE],
    )
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

    def __init__(self, *args: Any, units: Sequence[Agency], top: Agency, **kwargs: Any) -> None:
        """`units` may be chosen from; `top` is the event's agency, above all of them."""
        super().__init__(*args, **kwargs)
        self._top = top
        self._units = {unit.pk: unit for unit in units}
        self.fields["unit"].choices = unit_choices(units)  # type: ignore[attr-defined]
        self.fields["grade"].choices = _GRADE_CHOICES  # type: ignore[attr-defined]
        # Remarks that do not stand in the way.
        self.remarks: list[str] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        read = read_person(self._cells(cleaned), unit=self._path(cleaned))
        for problem in read.problems:
            name = _NAME_OF_LABEL[problem.header]
            if problem.blocking or name not in IDENTIFIERS:
                told = _told(name, problem.message, typed=str(cleaned.get(name, "")))
                self.add_error(name if name in self.fields else None, told)
            else:
                self.remarks.append(problem.message)
        self._row = read.row
        return cleaned

    @property
    def row(self) -> Row:
        return self._row

    def _cells(self, cleaned: dict[str, Any]) -> dict[Field, str]:
        typed = {field: cleaned[field.value] for field in FIELDS}
        return typed | {Field.KIND: Kind(cleaned["kind"]).label}

    def _path(self, cleaned: dict[str, Any]) -> tuple[str, ...]:
        """The names from the top work unit down."""
        return tuple(self._units[cleaned["unit"]].names_below(self._top.pk))


def _told(name: str, message: str, *, typed: str) -> str:
    if name in _OWN_WORDS:
        return _OWN_WORDS[name]
    try:
        cells.computed(typed.strip(" ,"))
    except BadCell:
        return "Ketik isinya saja, tanpa “=” atau “#” di depannya."
    return message


class NumberForm(PersonForm):
    """Another number, and what depends on it; everything else stays as it is."""

    def __init__(self, *args: Any, person: Signatory, **kwargs: Any) -> None:
        initial = {"kind": person.kind, "grade": person.grade, "nip_or_nik": person.nip}
        top = person.event.agency
        super().__init__(*args, units=[], top=top, initial=initial, **kwargs)
        self._person = person
        for name in ("name", "position", "unit", "email", "phone"):
            del self.fields[name]

    def _cells(self, cleaned: dict[str, Any]) -> dict[Field, str]:
        kept = {"name": self._person.name, "position": "", "email": "", "phone": ""}
        return super()._cells(cleaned | kept)

    def _path(self, cleaned: dict[str, Any]) -> tuple[str, ...]:
        return ()


_NAME_OF_LABEL = {field.label: field.value for field in FIELDS} | {
    Field.RANK.label: "grade",
    Field.UNIT_1.label: "unit",
}
# Where a file's words tell what becomes of the line.
_OWN_WORDS = {
    "kind": "Jenis ini tidak cocok dengan nomornya. Pilih jenis yang sesuai, atau periksa "
    "nomornya.",
    "email": "Alamat surel ini tidak lengkap atau salah tulis.",
    "phone": "Periksa nomornya, misalnya 0812 3456 7890.",
}
_GRADE_CHOICES = [
    ("", "Tidak ada"),
    ("PNS", [(grade, grade) for grade in GRADES.values()]),
    ("PPPK", [(grade, grade) for grade in PPPK_GRADES]),
]
