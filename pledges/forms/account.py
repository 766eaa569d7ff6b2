"""allauth's forms in the words of this site."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from allauth.mfa.base import forms as second_step
from allauth.mfa.totp import forms as app
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.core.exceptions import ValidationError

from pledges import tasks

_LABELS = {
    "login": "Alamat surel",
    "email": "Alamat surel",
    "password": "Kata sandi",
    "oldpassword": "Kata sandi yang sekarang",
    "password1": "Kata sandi baru",
    "password2": "Kata sandi baru, sekali lagi",
    "code": "Kode",
    "name": "Nama",
    "passwordless": "Masuk cukup dengan kunci sandi ini",
}
_HELP = {
    "password1": (
        "Paling sedikit 10 huruf atau angka, bukan kata yang umum, dan tidak mirip nama Anda."
    ),
    "name": "Agar Anda mengenalinya nanti, misalnya “Ponsel saya”.",
    "passwordless": (
        "Tanpa mengetik kata sandi: cukup sidik jari, wajah, atau PIN perangkat Anda."
    ),
}
_TOO_MANY_CODES = "Terlalu banyak kode yang salah untuk akun ini. Tunggu 15 menit, lalu coba lagi."


class _InOurWords(forms.Form):
    """A label above each field instead of a placeholder in it, which vanishes on typing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.widget.is_hidden:
                continue
            field.label = _LABELS[name]
            field.help_text = _HELP.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)


class _OfCodes(_InOurWords):
    """Digits, for the keypad of a telephone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                raise ValidationError(_TOO_MANY_CODES, code=error.code) from error
            raise
        return code


class LoginForm(_InOurWords, allauth.LoginForm):
    pass


class ChangePasswordForm(_InOurWords, allauth.ChangePasswordForm):
    pass


class ResetPasswordForm(_InOurWords, allauth.ResetPasswordForm):
    def save(self, *_: Any, **__: Any) -> str:
        """Known or not, one task is woken: how long it takes tells nobody whose address it is."""
        user = next((user.pk for user in self.users), 0)
        tasks.send_password_link.enqueue(user)
        return str(self.cleaned_data["email"])


class ResetPasswordKeyForm(_InOurWords, allauth.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(_InOurWords, allauth.ReauthenticateForm):
    pass


class SecondStepForm(_OfCodes, second_step.AuthenticateForm):
    pass


class CodeAgainForm(_OfCodes, second_step.ReauthenticateForm):
    pass


class ActivateAppForm(_OfCodes, app.ActivateTOTPForm):
    pass


class AddPasskeyForm(_InOurWords, passkeys.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(_InOurWords, passkeys.EditWebAuthnForm):
    pass
