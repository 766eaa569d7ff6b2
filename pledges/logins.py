"""Proof by an agency's own login (OpenID Connect): a NIP that the login vouches for.

It yields a ticket and leaves nothing behind: no user, no account, none of its claims. What
makes a login believable is checked in `pledges.openid`, before anything comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.models import SocialApp
from django.db import transaction

from pledges import audit, identity, ways
from pledges.audit import Actor
from pledges.identity import NotIdentified, Ticket, WayNotOffered
from pledges.models import Event, LoginProvider, Signatory, Way
from pledges.nip import NIK_LENGTH, NIP_LENGTH


@dataclass(frozen=True, slots=True)
class Registration:
    """What a provider and this installation know of each other."""

    # Part of the address to which the provider sends people back.
    short_name: str
    # Named on documents: "login SSO Kota Contoh".
    name: str
    server_url: str
    client_id: str
    # "" leaves the one that is kept.
    secret: str


@transaction.atomic
def register(provider: LoginProvider, registration: Registration, *, by: Actor) -> None:
    """Save a provider, new or known, together with allauth's row of it."""
    app = provider.app if provider.pk else SocialApp(provider="openid_connect")
    app.provider_id = registration.short_name
    app.name = registration.name
    app.client_id = registration.client_id
    app.secret = registration.secret or app.secret
    app.settings = {"server_url": registration.server_url}
    app.save()
    provider.app = app
    provider.save()
    audit.record(by=by, action="login_provider.save", target=provider, agency=provider.agency_id)


def is_taken(short_name: str, *, other_than: LoginProvider) -> bool:
    named = SocialApp.objects.filter(provider_id=short_name)
    return bool(named.exclude(pk=other_than.app_id).exists())


@transaction.atomic
def remove(provider: LoginProvider, *, by: Actor) -> None:
    """Documents keep its name. Events that offer no other way have none then."""
    audit.record(by=by, action="login_provider.remove", target=provider, agency=provider.agency_id)
    provider.app.delete()


class NotRecognised(NotIdentified):
    """The login succeeded and leads to nobody of this event."""


class NoNumber(NotRecognised):
    def __init__(self, provider: LoginProvider) -> None:
        super().__init__(
            f"{provider.app.name} tidak memberitahukan NIP Anda, jadi Anda belum dapat dikenali. "
            "Gunakan cara lain, dan beri tahu pengelola kepegawaian unit Anda."
        )


class NotOnRoster(NotRecognised):
    def __init__(self, provider: LoginProvider) -> None:
        super().__init__(
            f"Login {provider.app.name} berhasil, tetapi NIP pada akun itu tidak ada dalam daftar "
            "penanda tangan acara ini. Tidak ada yang disimpan. Bila menurut Anda ini keliru, "
            "hubungi pengelola kepegawaian unit Anda."
        )


def provider_for(event: Event) -> LoginProvider:
    """By which a person may log in to this event."""
    provider = ways.provider_of(event) if event.offers(Way.LOGIN) else None
    if provider is None:
        raise WayNotOffered
    return provider


def by_login(
    event: Event, *, provider: LoginProvider, claims: Mapping[str, Any]
) -> tuple[Signatory, Ticket]:
    """A provider serves the events of its agency, and vouches for nobody at another's."""
    if provider_for(event) != provider:
        raise WayNotOffered
    found = identity.find(event, _number(claims, provider))
    if found is None:
        raise NotOnRoster(provider)
    person = identity.people().get(pk=found.pk)
    if person.is_withdrawn:
        raise identity.Withdrawn
    return person, identity.issue(person, method=identity.LOGIN, detail=provider.app.name)


def _number(claims: Mapping[str, Any], provider: LoginProvider) -> str:
    """Taken as it stands but for spaces, as text or as a JSON number; nothing is guessed."""
    claim = claims.get(provider.nip_claim)
    number = str(claim).replace(" ", "") if isinstance(claim, str | int) else ""
    if not (number.isascii() and number.isdigit() and len(number) in {NIP_LENGTH, NIK_LENGTH}):
        raise NoNumber(provider)
    return number
