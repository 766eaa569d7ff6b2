"""allauth's forms in the words of this site."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from django import forms

_LABELS = {
    "login": "Alamat surel",
    "email": "Alamat surel",
    "password": "Kata sandi",
    "oldpassword": "Kata sandi yang sekarang",
    "password1": "Kata sandi baru",
    "password2": "Kata sandi baru, sekali lagi",
}
_RULES = "Paling sedikit 10 huruf atau angka, bukan kata yang umum, dan tidak mirip nama Anda."


class _InOurWords(forms.Form):
    """A label above each field instead of a placeholder in it, which vanishes on typing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = _LABELS[name]
            field.widget.attrs.pop("placeholder", None)
        if "password1" in self.fields:
            self.fields["password1"].help_text = _RULES


class LoginForm(_InOurWords, allauth.LoginForm):
    pass


class ChangePasswordForm(_InOurWords, allauth.ChangePasswordForm):
    pass


class ResetPasswordForm(_InOurWords, allauth.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(_InOurWords, allauth.ResetPasswordKeyForm):
    pass
