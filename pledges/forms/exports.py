"""What somebody wants to take away: whose documents, and in which form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from pledges.exports import Whose
from pledges.models import Export

_FORMS = (
    (Export.Kind.DOCUMENTS, "ZIP: satu PDF bersegel untuk setiap orang"),
    (Export.Kind.BOOK, "Buku: satu PDF salinan untuk dicetak"),
)


class ExportForm(forms.Form):
    """`units` are the names of those the user cares for, by primary key."""

    unit = forms.TypedChoiceField(
        label="Unit kerja",
        coerce=int,
        error_messages={"invalid_choice": "Pilih unit kerja yang ada dalam daftar."},
    )
    whose = forms.ChoiceField(label="Siapa", choices=Whose.choices, required=False)
    kind = forms.ChoiceField(label="Bentuk", choices=_FORMS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, units: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = list(units.items())  # type: ignore[attr-defined]

    @property
    def chosen_unit(self) -> int:
        unit: int = self.cleaned_data["unit"]
        return unit

    @property
    def chosen_whose(self) -> Whose:
        return Whose(self.cleaned_data["whose"])

    @property
    def wants_book(self) -> bool:
        return bool(self.cleaned_data["kind"] == Export.Kind.BOOK)
