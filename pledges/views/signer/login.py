"""To the agency's own login, and back with a NIP that it vouches for."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from pledges import access, identity, logins, openid
from pledges.logins import NotRecognised
from pledges.views.signer.page import published, refused, signer_page
from pledges.views.signer.pledge import invite

_FAILED = (
    "Login tidak selesai, atau tidak dapat dipastikan keasliannya. Belum ada yang tersimpan atas "
    "nama Anda. Mulai lagi dari halaman acara, atau gunakan cara lain."
)
_UNREACHABLE = (
    "Layanan login instansi sedang tidak dapat dihubungi. Belum ada yang tersimpan atas nama "
    "Anda. Coba lagi beberapa menit lagi, atau gunakan cara lain."
)
# Not a 5xx, which phones take for a lost network, see the service worker.
_DEPENDS = HTTPStatus.FAILED_DEPENDENCY


@signer_page
@require_GET
def login(request: HttpRequest, code: str) -> HttpResponse:
    """A link and no form: the policy of these pages lets no form lead to another site."""
    event = published(code)
    try:
        return openid.begin(request, logins.provider_for(event), event)
    except openid.Unreachable:
        return refused(request, "Login belum bisa", _UNREACHABLE, status=_DEPENDS, event=event)


@signer_page
@require_GET
def login_return(request: HttpRequest, provider: str) -> HttpResponse:
    """Where the provider sends the browser back to."""
    login = access.login_provider(provider)
    try:
        code, claims = openid.finish(request, login)
    except openid.Unreachable:
        return refused(request, "Login belum bisa", _UNREACHABLE, status=_DEPENDS)
    except openid.Failed as failure:
        return _failed(request, failure)
    event = published(code)
    try:
        person, ticket = logins.by_login(event, provider=login, claims=claims)
    except NotRecognised as error:
        return refused(request, "Anda belum dikenali", str(error), status=403, event=event)
    return invite(request, person, ticket)


def _failed(request: HttpRequest, failure: openid.Failed) -> HttpResponse:
    if failure.is_cancelled:
        return redirect("signer:event", failure.event_code)
    event = identity.event_at(failure.event_code) if failure.event_code else None
    return refused(request, "Login tidak selesai", _FAILED, status=403, event=event)
