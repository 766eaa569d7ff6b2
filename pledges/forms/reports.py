"""What a report is to be about, who signs the minutes on paper, and why a report is void."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms

from pledges.forms.events import printable
from pledges.forms.voiding import VoidForm
from pledges.minutes import BLANK, Signer


class UnitForm(forms.Form):
    """Of which unit, with all below it."""

    unit = forms.TypedChoiceField(
        label="Unit kerja",
        coerce=int,
        error_messages={"required": "Pilih unit kerja.", "invalid_choice": "Pilih unit kerja."},
    )

    def __init__(self, data: Any = None, *, units: list[tuple[int, str]], prefix: str) -> None:
        super().__init__(data, prefix=prefix)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]


def _text(label: str, *, initial: str = "", required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        initial=initial,
        required=required,
        max_length=150,
        validators=[printable],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MinutesForm(forms.Form):
    """Who signs on paper. A name that is left out is written in by hand."""

    head_position = _text("Jabatan", initial=BLANK[0].position, required=True)
    head_name = _text("Nama (tidak wajib)")
    first_position = _text("Jabatan saksi pertama (tidak wajib)")
    first_name = _text("Nama saksi pertama (tidak wajib)")
    second_position = _text("Jabatan saksi kedua (tidak wajib)")
    second_name = _text("Nama saksi kedua (tidak wajib)")

    @property
    def signers(self) -> list[Signer]:
        """What a valid form says: the head, then the two witnesses."""
        said = self.cleaned_data
        return [
            replace(blank, position=said[f"{who}_position"], name=said[f"{who}_name"])
            for blank, who in zip(BLANK, ("head", "first", "second"), strict=True)
        ]


class VoidReportForm(VoidForm):
    """Its reason is for everybody who verifies the report."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "reason"
        ].help_text = (
            "Ditampilkan kepada siapa pun yang memeriksa laporan ini. Jangan sebut nama orang."
        )
