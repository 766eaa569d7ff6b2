"""Looking somebody up, and choosing from the audit log."""

from __future__ import annotations

from typing import Any

from django import forms

from pledges.nip import InvalidNip, parse_nip
from pledges.trails import Chosen, Theme


class LookupForm(forms.Form):
    """A whole NIP, however it is spaced: a piece of one finds nobody."""

    nip = forms.CharField(
        label="NIP",
        max_length=40,
        help_text="18 angka, lengkap. Boleh dengan spasi.",
        error_messages={"required": "Ketik NIP yang dicari, 18 angka."},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "mono"}
        ),
    )

    def clean_nip(self) -> str:
        try:
            return parse_nip(self.cleaned_data["nip"]).digits
        except InvalidNip as error:
            raise forms.ValidationError(str(error)) from error


def _date(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )


def _words(label: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=100, required=False)


class TrailFilter(forms.Form):
    """Whatever makes no sense here chooses everything; all of it stands in the address."""

    sejak = _date("Sejak")
    sampai = _date("Sampai")
    tentang = forms.ChoiceField(
        label="Tindakan", choices=[("", "Semua tindakan"), *Theme.choices], required=False
    )
    siapa = _words("Siapa")
    mengenai = _words("Mengenai")
    # The key of the last entry of the page before.
    sebelum = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def chosen(self) -> Chosen:
        value: Any = self.cleaned_data.get
        return Chosen(
            since=value("sejak"),
            until=value("sampai"),
            theme=Theme(value("tentang")) if value("tentang") else None,
            who=value("siapa") or "",
            about=value("mengenai") or "",
        )

    @property
    def before(self) -> int | None:
        return self.cleaned_data.get("sebelum")
