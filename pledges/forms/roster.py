"""Finding people in a roster, and telling how a file is to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from pledges.models import Agency, Wave
from pledges.progress import Status
from pledges.roster.fields import UNITS, Field
from pledges.roster.report import Choices, Column, SheetReport


class RosterSearch(forms.Form):
    q = forms.CharField(
        label="Cari nama atau NIP",
        required=False,
        widget=forms.SearchInput(attrs={"autocomplete": "off"}),
    )
    unit = forms.TypedChoiceField(label="Unit kerja", required=False, coerce=int, empty_value=None)
    status = forms.ChoiceField(
        label="Keadaan", required=False, choices=[("", "Semua"), *Status.choices]
    )

    gelombang = forms.TypedChoiceField(
        label="Gelombang", required=False, coerce=int, empty_value=None
    )

    def __init__(
        self, *args: Any, units: Sequence[Agency], waves: Sequence[Wave], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._units = {unit.pk: unit for unit in units}
        self.fields["unit"].choices = [("", "Semua"), *unit_choices(units)]  # type: ignore[attr-defined]
        choices = [(wave.number, str(wave)) for wave in waves]
        self.fields["gelombang"].choices = [("", "Semua"), *choices]  # type: ignore[attr-defined]
        if not waves:
            del self.fields["gelombang"]

    @property
    def chosen_wave(self) -> int | None:
        return self.cleaned_data.get("gelombang") if self.is_valid() else None

    @property
    def chosen_unit(self) -> Agency | None:
        pk = self.cleaned_data.get("unit") if self.is_valid() else None
        return self._units.get(pk) if pk else None

    @property
    def chosen_status(self) -> Status | None:
        chosen = self.cleaned_data.get("status") if self.is_valid() else ""
        return Status(chosen) if chosen else None

    @property
    def text(self) -> str:
        return self.cleaned_data.get("q", "") if self.is_valid() else ""


def unit_choices(units: Sequence[Agency]) -> list[tuple[int, str]]:
    """The tree as lines of a select, each level set in."""
    top = min((unit.depth for unit in units), default=0)
    return [(unit.pk, "\u2003" * (unit.depth - top) + unit.name) for unit in units]


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Berkas Excel atau CSV",
        error_messages={
            "required": "Pilih dahulu berkasnya.",
            "empty": "Berkas ini kosong. Pilih berkas yang berisi daftar.",
        },
    )


@dataclass(frozen=True, slots=True)
class SheetFields:
    sheet: SheetReport
    is_ticked: bool
    columns: list[tuple[Column, forms.BoundField]]

    @property
    def used(self) -> int:
        return sum(column.field is not None for column, _ in self.columns)


class ChoicesForm(forms.Form):
    """A tick per sheet and a select per column of each sheet."""

    sheets = forms.MultipleChoiceField(error_messages={"required": "Pilih sedikitnya satu lembar."})

    def __init__(self, *args: Any, found: Sequence[SheetReport]) -> None:
        super().__init__(*args)
        self._found = [sheet for sheet in found if sheet.columns]
        self.fields["sheets"].choices = [  # type: ignore[attr-defined]
            (sheet.name, sheet.name) for sheet in self._found
        ]
        for sheet in self._found:
            for column in sheet.columns:
                self.fields[self.name_of(sheet, column)] = _column_field(column)

    @property
    def sheets_with_fields(self) -> list[SheetFields]:
        """For the page: each sheet, whether it is ticked, and its columns with their selects."""
        ticked = self["sheets"].value() if self.is_bound else None
        return [
            SheetFields(
                sheet,
                sheet.is_read if ticked is None else sheet.name in ticked,
                [(column, self[self.name_of(sheet, column)]) for column in sheet.columns],
            )
            for sheet in self._found
        ]

    def name_of(self, sheet: SheetReport, column: Column) -> str:
        return f"column-{self._found.index(sheet)}-{column.letter}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for sheet in self._found:
            if sheet.name in cleaned.get("sheets", ()):
                self._check(sheet)
        return cleaned

    def _check(self, sheet: SheetReport) -> None:
        chosen = [field for _, field in self._chosen(sheet)]
        for field in Field:
            if chosen.count(field) > 1:
                self.add_error(
                    None, f"Pada lembar “{sheet.name}” {_label(field)} dipilih untuk dua kolom."
                )

    def _chosen(self, sheet: SheetReport) -> list[tuple[Column, Field]]:
        return [
            (column, Field(value))
            for column in sheet.columns
            if (value := self.cleaned_data.get(self.name_of(sheet, column)))
        ]

    @property
    def choices(self) -> Choices:
        mappings = {
            sheet.name: {field: column.index for column, field in self._chosen(sheet)}
            for sheet in self._found
        }
        return Choices(tuple(self.cleaned_data["sheets"]), mappings)


# In a path of units the same header may stand for either end.
_UNIT_LABELS = {field: f"Unit kerja, tingkat {level}" for level, field in enumerate(UNITS, start=1)}


def _label(field: Field) -> str:
    return _UNIT_LABELS.get(field, field.label)


def _column_field(column: Column) -> forms.ChoiceField:
    return forms.ChoiceField(
        required=False,
        widget=forms.Select(
            attrs={
                "class": "form-select form-select-sm",
                "aria-label": f"Kolom {column.letter} dibaca sebagai",
            }
        ),
        initial=column.field.value if column.field else "",
        choices=[("", "Tidak dipakai"), *((field.value, _label(field)) for field in Field)],
    )
