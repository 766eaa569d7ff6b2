"""What a signer sends: who they are, and their pledge."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from pledges import keys, mailed, marks
from pledges.identity import CODE_BITS
from pledges.marks import BadMark, Mark, TooComplex
from pledges.nip import NIK_LENGTH, NIP_LENGTH
from pledges.signing import Delivery

_CODE_LENGTH = CODE_BITS // 5
_DEVICE_LENGTH = 64
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class NumberForm(forms.Form):
    """Who somebody says they are."""

    identifier = forms.CharField(
        label="NIP atau NIK",
        help_text="ASN: NIP, 18 angka. Bukan ASN: NIK, 16 angka.",
        max_length=40,
        widget=forms.TextInput(_PLAIN | {"inputmode": "numeric"}),
        error_messages={"required": "Isi NIP atau NIK Anda."},
    )

    def clean_identifier(self) -> str:
        digits = "".join(c for c in self.cleaned_data["identifier"] if c in "0123456789")
        if len(digits) not in {NIP_LENGTH, NIK_LENGTH}:
            raise ValidationError(
                f"NIP terdiri atas {NIP_LENGTH} angka dan NIK {NIK_LENGTH} angka; "
                f"yang Anda ketik {len(digits)} angka."
            )
        return digits


class IdentifyForm(NumberForm):
    """And what proves it: the code on the slip."""

    code = forms.CharField(
        label="Kode pribadi",
        help_text="10 huruf dan angka pada slip Anda, misalnya 7KQ2M-X9T4R.",
        max_length=40,
        widget=forms.TextInput(_PLAIN | {"autocapitalize": "characters"}),
        error_messages={"required": "Isi kode pribadi yang ada pada slip Anda."},
    )

    def clean_code(self) -> str:
        code = keys.normalise(self.cleaned_data["code"])
        if len(code) != _CODE_LENGTH:
            raise ValidationError(
                f"Kode pribadi terdiri atas {_CODE_LENGTH} huruf dan angka; "
                f"yang Anda ketik {len(code)}."
            )
        return code


class EmailCodeForm(forms.Form):
    """The code out of the e-mail, and the sealed question that it answers."""

    question = forms.CharField(max_length=300, widget=forms.HiddenInput)
    code = forms.CharField(
        label="Kode dari surel",
        help_text=f"{mailed.DIGITS} angka, misalnya 4821 0937.",
        max_length=40,
        widget=forms.TextInput(_PLAIN | {"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "Isi kode yang dikirim ke surel Anda."},
    )

    def clean_code(self) -> str:
        digits = "".join(c for c in self.cleaned_data["code"] if c in "0123456789")
        if len(digits) != mailed.DIGITS:
            raise ValidationError(
                f"Kode terdiri atas {mailed.DIGITS} angka; yang Anda ketik {len(digits)} angka."
            )
        return digits


class PledgeForm(forms.Form):
    """The ticks, one for each of the text's points, and the mark."""

    kind = forms.ChoiceField(choices=[(Mark.DRAWN, "Gambar"), (Mark.TYPED, "Ketik nama")])
    path = forms.CharField(required=False, strip=False)
    typed = forms.CharField(required=False)

    mark: Mark

    def __init__(self, data: Any = None, *, points: int) -> None:
        super().__init__(data)
        self.numbers = range(1, points + 1)
        self.fields["consents"] = forms.TypedMultipleChoiceField(
            choices=[(number, str(number)) for number in self.numbers], coerce=int, required=False
        )

    @property
    def ticked(self) -> list[int]:
        """The points that are ticked, also in a form that has faults elsewhere."""
        return self.cleaned_data.get("consents", []) if self.is_bound else []

    @property
    def unticked(self) -> list[int]:
        """The points a sent form lacks; none in a form that was not sent yet."""
        return [n for n in self.numbers if n not in self.ticked] if self.is_bound else []

    @property
    def is_too_complex(self) -> bool:
        return self.has_error("path", "too_complex")

    def clean(self) -> None:
        if self.unticked:
            self.add_error(None, "Belum semua butir dinyatakan.")
        kind = self.cleaned_data.get("kind")
        field, make = ("path", marks.drawn) if kind == Mark.DRAWN else ("typed", marks.typed)
        try:
            self.mark = make(self.cleaned_data.get(field, ""))
        except TooComplex as error:
            self.add_error(field, ValidationError(str(error), code="too_complex"))
        except BadMark as error:
            self.add_error(field, str(error))


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label="Alasan (boleh kosong)",
        help_text="Dibaca admin BKPSDM saja.",
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )


class EntryForm(PledgeForm):
    """A pledge that a script sent, with what the device says of itself."""

    def delivery(self, *, is_sent_later: bool) -> Delivery:
        return Delivery(
            device=str(self.data.get("device") or "")[:_DEVICE_LENGTH],
            claimed_at=_moment(self.data.get("claimed_at")),
            is_sent_later=is_sent_later,
        )


def _moment(claimed: object) -> datetime | None:
    """A device's clock may say anything; what is no moment at all is left out."""
    try:
        moment = parse_datetime(str(claimed))
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or moment.year in {MINYEAR, MAXYEAR}:
        return None
    return moment.astimezone(UTC)
