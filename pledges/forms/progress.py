"""How the people of an event are filtered: all of it stands in the address of the page."""

from __future__ import annotations

from django import forms

from pledges.progress import Status


class PeopleFilter(forms.Form):
    """Whatever makes no sense here filters nothing."""

    status = forms.ChoiceField(choices=[("", "Semua"), *Status.choices], required=False)
    unit = forms.IntegerField(required=False)
    # Those of the unit itself, without those of the units below it.
    langsung = forms.BooleanField(required=False)
    q = forms.CharField(max_length=100, required=False)

    @property
    def chosen_status(self) -> Status | None:
        """Those who are missing, unless somebody asks for others."""
        if "status" not in self.data:
            return Status.MISSING
        chosen = self.cleaned_data.get("status")
        return Status(chosen) if chosen else None

    @property
    def chosen_unit(self) -> int | None:
        return self.cleaned_data.get("unit")

    @property
    def is_direct(self) -> bool:
        return bool(self.cleaned_data.get("langsung"))

    @property
    def text(self) -> str:
        return str(self.cleaned_data.get("q", ""))
