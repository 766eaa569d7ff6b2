"""Whom to remind by e-mail, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pledges.forms.roster import unit_choices
from pledges.models import Agency
from pledges.reminders import MOST_DAYS


class UnitForm(forms.Form):
    """A unit of one's part of the event, with all below it; the first where none is given."""

    unit = forms.TypedChoiceField(label="Unit kerja", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, units: Sequence[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._units = {unit.pk: unit for unit in units}
        self._first = units[0]
        self.fields["unit"].choices = unit_choices(units)  # type: ignore[attr-defined]

    @property
    def asks(self) -> bool:
        """Of a valid form: whether a unit was chosen."""
        return self.cleaned_data["unit"] is not None

    @property
    def chosen_unit(self) -> Agency:
        return self._units[self.cleaned_data["unit"]] if self.asks else self._first


class PlanForm(UnitForm):
    days_before = forms.IntegerField(
        label="Berapa hari sebelum batas waktu?",
        min_value=0,
        max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": "Isi berapa hari sebelum batas waktu."},
    )
