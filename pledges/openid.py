"""An agency's own login, believed only after every check that OpenID Connect asks for.

allauth makes the round trip: state, code and token. What it leaves out or leaves to a setting
is added here: PKCE always, a nonce, the signature of the ID token although it came over TLS,
the issuer that was registered and no other, and one subject in ID token and userinfo.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache as remembered
from typing import Any, NoReturn
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.internal.statekit import STATE_TTL
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from requests import RequestException, Session

from pledges import keys, outgoing
from pledges.models import Event, LoginProvider

logger = logging.getLogger(__name__)

# Seconds that the clocks of two servers may differ by.
_LEEWAY = 60
_DISCOVERY_KEPT = 10 * 60
# Signed with the provider's private key. Never "none", nor a secret that clients share.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_CLAIMS = ["iss", "aud", "exp", "iat", "sub", "nonce"]
_ENDPOINTS = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
_OPTIONAL = "userinfo_endpoint"


class Unreachable(Exception):
    """The provider gives no answer, or one that makes no sense."""


@dataclass
class Failed(Exception):
    """Nobody was proved to be anybody; `event_code` is "" when not even that is known."""

    event_code: str
    is_cancelled: bool


@dataclass
class _Proved(Exception):
    """Leaves allauth's flow before it looks for an account or makes one."""

    event_code: str
    claims: dict[str, Any]


def return_address(provider_id: str) -> str:
    """What is registered at the provider; from BASE_URL like every address."""
    return f"{settings.BASE_URL}{reverse('signer:login_return', args=[provider_id])}"


def begin(request: HttpRequest, login: LoginProvider, event: Event) -> HttpResponse:
    """Send the browser to the provider, which asks for the password although it may know who
    is there: on a borrowed phone somebody else may still be logged in."""
    provider = _Provider(request, login)
    nonce = keys.random_code(keys.SECRET_BITS)
    parameters = {"prompt": "login"} | provider.get_auth_params() | {"nonce": nonce}
    try:
        response: HttpResponse = provider.redirect(
            request,
            AuthProcess.LOGIN,
            data={"event": event.code},
            nonce=nonce,
            auth_params=parameters,
        )
    except (RequestException, OAuth2Error) as error:
        _tell(login, error)
        raise Unreachable from error
    if not request.user.is_authenticated:
        request.session.set_expiry(STATE_TTL)
    return response


def finish(request: HttpRequest, login: LoginProvider) -> tuple[str, dict[str, Any]]:
    """The event that was being opened, and the claims of whoever logged in."""
    try:
        OAuth2CallbackView.adapter_view(_Exchange(request, login))(request)
    except _Proved as proved:
        return proved.event_code, proved.claims
    except (RequestException, OAuth2Error) as error:
        _tell(login, error)
        raise Unreachable from error
    finally:
        # An organiser stays logged in; everybody else leaves nothing behind.
        if not request.user.is_authenticated:
            request.session.flush()
    raise AssertionError("allauth went on without us")


def _tell(login: LoginProvider, error: BaseException | None) -> None:
    """Not in its own words, which may quote what the provider sent about somebody."""
    cause = error.__cause__ if error else None
    names = [type(one).__name__ for one in (error, cause) if one is not None]
    logger.warning("login through provider %s failed: %s", login.pk, " from ".join(names))


class Adapter(DefaultSocialAccountAdapter):
    """Where allauth would log somebody in, link an account or make one, it is left."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        claims, state = sociallogin.account.extra_data, sociallogin.state
        if not keys.same(str(claims["nonce"]), state["nonce"]):
            raise OAuth2Error("not the answer to this question: nonce")
        raise _Proved(state["data"]["event"], claims)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: _Provider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        state = (extra_context or {}).get("state") or {"data": {"event": ""}}
        is_cancelled = error == AuthError.CANCELLED
        if not is_cancelled:
            _tell(provider.login, exception)
        raise Failed(state["data"]["event"], is_cancelled) from exception

    def get_requests_session(self) -> Session:
        apps = SocialApp.objects.filter(login_provider__isnull=False)
        servers = [urlsplit(app.settings.get("server_url", "")).hostname for app in apps]
        return outgoing.session(registered={host for host in servers if host})

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False


class _Provider(OpenIDConnectProvider):
    def __init__(self, request: HttpRequest, login: LoginProvider) -> None:
        super().__init__(request, app=login.app)
        self.login = login

    def get_oauth2_adapter(self, request: HttpRequest) -> _Exchange:
        return _Exchange(request, self.login)

    def get_pkce_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = generate_code_challenge()
        return parameters


class _Exchange(OpenIDConnectOAuth2Adapter):
    def __init__(self, request: HttpRequest, login: LoginProvider) -> None:
        super().__init__(request, login.app.provider_id)
        self.login = login

    def get_provider(self) -> _Provider:
        return _Provider(self.request, self.login)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return return_address(app.provider_id)

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's own description of itself, which must be of whom was registered."""
        address = self.get_provider().server_url
        config: dict[str, Any] | None = cache.get(f"openid:{address}")
        if config is None:
            config = super().openid_config
            _require_registered(config, address)
            cache.set(f"openid:{address}", config, _DISCOVERY_KEPT)
        return config

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        claims = self._decode_id_token(app, kwargs["response"].get("id_token") or "")
        if self.login.nip_claim not in claims:
            claims = self._of_userinfo(token, claims["sub"]) | claims
        return SocialLogin(account=SocialAccount(uid=claims["sub"], extra_data=claims))

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        config = self.openid_config
        try:
            claims = jwt.decode(
                id_token,
                _key_of(id_token, config["jwks_uri"]),
                algorithms=_ALGORITHMS,
                audience=app.client_id,
                issuer=config["issuer"],
                leeway=_LEEWAY,
                options={"require": _CLAIMS},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise OAuth2Error("ID token") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("ID token of another client")
        return claims

    def _of_userinfo(self, token: SocialToken, subject: str) -> dict[str, Any]:
        """What the ID token leaves out, of the same subject (OpenID Connect Core, 5.3.2)."""
        if _OPTIONAL not in self.openid_config:
            return {}
        found: dict[str, Any] = self._fetch_user_info(token.token)
        if found.get("sub") != subject:
            raise OAuth2Error("userinfo of another subject")
        return found


def _require_registered(config: dict[str, Any], address: str) -> None:
    """OpenID Connect Discovery, 4.3: the issuer is the address that was asked."""
    registered = address.partition("/.well-known/")[0]
    addresses = [config.get(name) for name in _ENDPOINTS]
    if _OPTIONAL in config:
        addresses.append(config[_OPTIONAL])
    if not all(isinstance(one, str) and outgoing.is_allowed(one) for one in addresses):
        raise OAuth2Error("a discovery document with addresses that are none")
    if config["issuer"].rstrip("/") != registered.rstrip("/"):
        raise OAuth2Error("discovery document of another issuer")


def _key_of(id_token: str, address: str) -> jwt.PyJWK:
    """Where a provider has but one key, the token need not name it."""
    keys_there = _keys_of(address)
    if name := jwt.get_unverified_header(id_token).get("kid"):
        return keys_there.get_signing_key(name)
    [only] = keys_there.get_signing_keys()
    return only


class _Keys(jwt.PyJWKClient):
    """Asks as everything else does, and not with a client of its own."""

    def fetch_data(self) -> Any:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.uri)
            answer.raise_for_status()
            found = answer.json()
        if not isinstance(found, dict):
            raise jwt.PyJWKSetError("not a set of keys")
        if self.jwk_set_cache is not None:
            self.jwk_set_cache.put(found)
        return found


@remembered
def _keys_of(address: str) -> jwt.PyJWKClient:
    """Keeps the provider's public keys for five minutes, and asks again for one it lacks."""
    return _Keys(address)
