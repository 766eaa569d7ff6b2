"""Where allauth asks us: its adapters for accounts and for the second step of logging in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from pledges import audit, keys, second_factors, tasks

_BROWSER = f"{settings.COOKIE_PREFIX}pakta_browser"
_BROWSER_LASTS = 180 * 24 * 60 * 60
_TOO_MANY = (
    "Terlalu banyak percobaan masuk yang gagal pada akun ini. Tunggu 15 menit, lalu coba lagi. "
    "Bila Anda pemiliknya dan tidak dapat menunggu: masuk dengan kunci sandi, dari perangkat yang "
    "pernah Anda pakai, atau buat kata sandi baru lewat “Lupa kata sandi?”."
)
_PASSKEY = "mfa_reauthenticate:webauthn"
_METHODS = {
    "reauthenticate": "Pakai kata sandi",
    "mfa_reauthenticate": "Pakai kode dari aplikasi atau kode cadangan",
    _PASSKEY: "Pakai kunci sandi",
}
# What allauth calls a change of an account → what the audit log calls it.
_ACTIONS = {
    "password_set": "account.password",
    "password_changed": "account.password",
    "password_reset": "account.password",
    "totp_activated": "second_factor.add",
    "totp_deactivated": "second_factor.remove",
    "webauthn_added": "second_factor.add",
    "webauthn_removed": "second_factor.remove",
    "recovery_codes_generated": "second_factor.codes",
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from the superuser and from invitations only.

    Wrong passwords are counted for each account, and apart for each browser in which its owner
    was before: who guesses from elsewhere does not lock the owner out.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "Alamat surel atau kata sandi tidak cocok.",
        "enter_current_password": "Kata sandi yang sekarang tidak cocok.",
        "incorrect_password": "Kata sandi tidak cocok.",
        "too_many_login_attempts": _TOO_MANY,
        "rate_limited": "Terlalu banyak percobaan. Tunggu 15 menit, lalu coba lagi.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """No address is counted or kept: a whole office has one, or the proxy's."""
        return "0.0.0.0"  # noqa: S104  # nosec B104 # nobody listens there

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        email = _folded(credentials.get("email") or credentials.get("username") or "")
        return f"{email} {_known_browser(request, email)}"

    def set_password(self, user: User, password: str) -> None:
        """Whoever could set it is let in from here, whatever others try meanwhile."""
        super().set_password(user, password)
        context.request.session[_BROWSER] = _proof(user.email)
        elsewhere = f"{_folded(user.email)} "
        ratelimit.clear(
            context.request, app="allauth.account", action="login_failed", key=elsewhere
        )

    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        assert isinstance(user, User)  # noqa: S101 (for mypy)
        response.set_cookie(
            _BROWSER,
            _proof(user.email),
            max_age=_BROWSER_LASTS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    def get_login_stages(self) -> list[str]:
        theirs, ours = "allauth.mfa.stages.AuthenticateStage", "pledges.adapters.SecondStep"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, str]]:
        """Whoever has a second factor shows that: a password alone must not take it away."""
        methods = super().get_reauthentication_methods(user)
        allowed = [method for method in methods if method["id"] != "reauthenticate"] or methods
        allowed.sort(key=lambda method: method["id"] != _PASSKEY)
        return [method | {"description": _METHODS[method["id"]]} for method in allowed]

    def send_notification_mail(
        self, template_prefix: str, user: AbstractBaseUser, *args: Any, **kwargs: Any
    ) -> None:
        """The one place through which allauth tells that something about an account changed."""
        change = template_prefix.rpartition("/")[2]
        audit.record(by=user, action=_ACTIONS[change], target=user)
        transaction.on_commit(lambda: tasks.tell_of_change.enqueue(user.pk, change))


def _folded(email: str) -> str:
    """As databases compare: one account has one count, however its address is spelled; a long ſ
    is an s to them, and a dotless ı an i."""
    return email.upper().lower()


def _proof(email: str) -> str:
    """What a browser keeps of an account that was used in it: a number, and no name."""
    number = keys.random_code(60)
    return f"{number}-{_signature(_folded(email), number)}"


def _signature(email: str, number: str) -> str:
    return keys.derived("known-browser", email, number, bits=keys.SECRET_BITS)


def _known_browser(request: HttpRequest, email: str) -> str:
    """The number that this browser got when this account was last used in it; "" for another."""
    for proof in (request.session.get(_BROWSER, ""), request.COOKIES.get(_BROWSER, "")):
        number, _, signature = proof.partition("-")
        if keys.same(signature, _signature(email, number)):
            return str(number)
    return ""


class SecondStep(AuthenticateStage):
    """Whoever waits there while an admin takes the second factor away logs in anew; allauth would
    send the browser from one page to the other and back."""

    def is_resumable(self, request: HttpRequest) -> bool:
        return second_factors.steps(self.login.user).exists()


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Kode tidak cocok atau sudah dipakai. Tunggu kode berikutnya.",
        "cannot_generate_recovery_codes": "Pasang dahulu kunci sandi atau aplikasi autentikator.",
    }

    def encrypt(self, text: str) -> str:
        return second_factors.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factors.decrypt(encrypted_text)

    def generate_authenticator_name(
        self,
        user: AbstractBaseUser,
        type: Authenticator.Type,  # noqa: A002
    ) -> str:
        return f"Kunci sandi {second_factors.steps(user).filter(type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Of BASE_URL like every address: a passkey holds for one name."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "localhost", "name": "Pakta"}
