"""Inviting one person to a role, and giving another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pledges.accounts import LONGEST_EMAIL, Invitation
from pledges.forms.roster import unit_choices
from pledges.models import Agency, Membership, Role


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


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Peran", choices=Role.choices)
    unit = forms.TypedChoiceField(
        label="Unit kerja", coerce=int, help_text="Peran berlaku juga untuk semua unit di bawahnya."
    )

    def __init__(
        self, data: Any = None, *, membership: Membership, units: Sequence[Agency]
    ) -> None:
        super().__init__(data, initial={"role": membership.role, "unit": membership.agency_id})
        self._units = {unit.pk: unit for unit in units}
        self.fields["unit"].choices = unit_choices(units)  # type: ignore[attr-defined]

    @property
    def chosen_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    @property
    def chosen_unit(self) -> Agency:
        return self._units[self.cleaned_data["unit"]]
