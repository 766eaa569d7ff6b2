"""Opening a desk, attesting at it, leaving it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from pledges.desks import PIN_DIGITS

_PIN = {
    "class": "pin",
    "inputmode": "numeric",
    "autocomplete": "off",
    "spellcheck": "false",
    "maxlength": PIN_DIGITS,
}
_RUNS = ("0123456789", "9876543210")


class PinInput(forms.PasswordInput):
    """No password to the browser, which would offer to keep it and show it to the next person."""

    input_type = "text"


class PinField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=PinInput(_PIN),
            error_messages={"required": f"Isi PIN, {PIN_DIGITS} angka."},
            **options,
        )

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) != PIN_DIGITS or not value.isascii() or not value.isdigit():
            raise ValidationError(f"PIN terdiri atas {PIN_DIGITS} angka.")


class DeskForm(forms.Form):
    unit = forms.TypedChoiceField(
        label="Unit kerja",
        help_text="Orang dari unit ini dan unit di bawahnya dapat menandatangani di meja.",
        coerce=int,
        error_messages={"required": "Pilih unit kerja."},
    )
    pin = PinField(
        label="PIN meja",
        help_text=f"{PIN_DIGITS} angka pilihan Anda. Anda mengetiknya untuk setiap orang, "
        "sesudah memeriksa KTP atau kartu pegawainya; jangan beri tahu siapa pun.",
    )
    pin_again = PinField(label="PIN meja, sekali lagi")

    def __init__(self, data: Any = None, *, units: list[tuple[int, str]]) -> None:
        super().__init__(data)
        choices = units if len(units) == 1 else [("", "Pilih…"), *units]
        self.fields["unit"].choices = choices  # type: ignore[attr-defined]

    def clean_pin(self) -> str:
        pin: str = self.cleaned_data["pin"]
        if len(set(pin)) == 1 or any(pin in run for run in _RUNS):
            raise ValidationError("PIN ini terlalu mudah ditebak. Pilih angka yang lain.")
        return pin

    def clean(self) -> None:
        pins = {self.cleaned_data.get("pin"), self.cleaned_data.get("pin_again")}
        if len(pins - {None}) > 1:
            self.add_error("pin_again", "Kedua PIN tidak sama. Ketik lagi.")


class PinForm(forms.Form):
    pin = PinField()


class AttestForm(PinForm):
    person = forms.IntegerField()


class LeaveForm(forms.Form):
    password = forms.CharField(
        label="Kata sandi Anda",
        strip=False,
        # Not the browser's own: whoever holds the device must not find it filled in.
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "Isi kata sandi Anda."},
    )
