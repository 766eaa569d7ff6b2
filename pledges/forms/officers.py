"""Inviting one person to a role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pledges.accounts import LONGEST_EMAIL, Invitation
from pledges.forms.roster import unit_choices
from pledges.models import Agency, Role


class OfficerForm(forms.Form):
    name = forms.CharField(label="Nama", max_length=150)
    email = forms.EmailField(
        label="Alamat surel",
        max_length=LONGEST_EMAIL,
        help_text="Tautan masuk dikirim ke alamat ini.",
    )
    role = forms.ChoiceField(label="Peran", choices=Role.choices, initial=Role.OFFICER)
    unit = forms.TypedChoiceField(
        label="Unit kerja", coerce=int, help_text="Peran berlaku juga untuk semua unit di bawahnya."
    )

    def __init__(self, *args: Any, units: Sequence[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._units = {unit.pk: unit for unit in units}
        self.fields["unit"].choices = unit_choices(units)  # type: ignore[attr-defined]

    @property
    def invitation(self) -> Invitation:
        cleaned = self.cleaned_data
        return Invitation(
            cleaned["email"], cleaned["name"], self._units[cleaned["unit"]], Role(cleaned["role"])
        )
