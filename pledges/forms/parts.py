"""Parts in the ceremony: of people on the roster, and of guests, who are on none."""

from __future__ import annotations

from typing import Any

from django import forms

from pledges.ceremony import Guest
from pledges.forms.events import printable
from pledges.models import Event, Part, Signatory
from pledges.roster import cells
from pledges.roster.cells import BadCell

_CAPACITY = forms.CharField(
    label="Bertindak sebagai",
    required=False,
    max_length=200,
    validators=[printable],
    help_text="Dicetak pada deklarasi bersama, misalnya “Ketua Paguyuban Camat”.",
)


class PartForm(forms.Form):
    part = forms.ChoiceField(label="Peran", choices=Part.choices, widget=forms.RadioSelect)
    capacity = _CAPACITY

    @property
    def chosen_part(self) -> Part:
        return Part(self.cleaned_data["part"])


class GuestForm(forms.Form):
    name = forms.CharField(
        label="Nama lengkap dengan gelar", max_length=150, validators=[printable]
    )
    position = forms.CharField(
        label="Jabatan dan lembaga",
        max_length=200,
        validators=[printable],
        help_text="Misalnya “Ketua KPU Kabupaten Contoh”.",
    )
    part = forms.ChoiceField(
        label="Peran", choices=[(part.value, part.label) for part in Part if part != Part.SIGNER]
    )
    capacity = _CAPACITY
    email = forms.EmailField(label="Alamat surel", required=False)
    phone = forms.CharField(label="Nomor WhatsApp", required=False)

    def clean_phone(self) -> str:
        try:
            return cells.phone(self.cleaned_data["phone"])
        except BadCell as bad:
            raise forms.ValidationError("Periksa nomornya, misalnya 0812 3456 7890.") from bad

    @property
    def guest(self) -> Guest:
        """What a valid form says."""
        return Guest(**self.cleaned_data | {"part": Part(self.cleaned_data["part"])})


def said_of(person: Signatory) -> dict[str, Any]:
    """A form's initial values."""
    return {name: getattr(person, name) for name in GuestForm.base_fields}


def presiding_of(event: Event) -> dict[str, Any]:
    """Initial values for the presiding official whom the event's facts name."""
    return {
        "name": event.presiding_name,
        "position": event.presiding_position,
        "part": Part.PRESIDING,
    }


class PeopleSearch(forms.Form):
    q = forms.CharField(
        label="Cari nama, jabatan, atau NIP",
        required=False,
        max_length=100,
        widget=forms.SearchInput(attrs={"autocomplete": "off"}),
    )

    @property
    def text(self) -> str:
        return self.cleaned_data["q"].strip() if self.is_valid() else ""
