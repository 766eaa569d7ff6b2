"""Who is asking, what was sent, and who may keep the answer."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib.auth.models import AbstractUser
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from pakta.storage import StorageAway
from pledges import access
from pledges.events import Purged
from pledges.keys import WrongNikKey

logger = logging.getLogger(__name__)

_ACCOUNT = "/akun/"

Answer = Callable[[HttpRequest], HttpResponseBase]


def user_of(request: HttpRequest) -> AbstractUser:
    """The user of a view behind `login_required`."""
    assert isinstance(request.user, AbstractUser)  # noqa: S101 (for mypy)
    return request.user


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: a POST, be it empty, and nothing else."""
    return request.POST if request.method == "POST" else None


def kept_by_no_cache(answer: Answer) -> Answer:
    """Middleware: nobody reads an organiser's pages after them, on the same computer say."""

    def answer_privately(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        match = request.resolver_match
        if match and ("organiser" in match.namespaces or request.path.startswith(_ACCOUNT)):
            add_never_cache_headers(response)
        return response

    return answer_privately


_EXPLAINED = ((WrongNikKey, "nik_key.html", 503), (Purged, "purged.html", 410))
# A statement that took too long; a database or a store of files that is away.
_PASSING = (OperationalError, InterfaceError, StorageAway)


class Explained:
    """Middleware: a page says what it lacks, be it the key to a NIK, what was deleted after its
    retention, or a database that has time for it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        for kind, template, status in _EXPLAINED:
            if isinstance(error, kind):
                return render(request, template, {"message": str(error)}, status=status)
        return _busy(error) if isinstance(error, _PASSING) else None


def _busy(error: Exception) -> HttpResponse:
    """Without the request: who is logged in stands in the database."""
    logger.warning("%s: %s", type(error).__name__, str(error).partition("\n")[0])
    return HttpResponse(render_to_string("busy.html"), status=503, headers={"Retry-After": "5"})


# None of their pages is for whoever has logged in.
_FOR_EVERYBODY = {"public", "signer", "desk"}


class SecondFactorFirst:
    """Middleware: who works where a second factor is required sets one up before anything else.

    Pages of one's own account have no namespace; a new kind of page is closed until it is named
    above. What was sent is answered by a page that stays: once there is a second factor, the
    browser sends the same again, and nothing that was filled in is lost.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._answer(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not match.namespaces or match.namespaces[0] in _FOR_EVERYBODY:
            return None
        user = request.user
        if not isinstance(user, AbstractUser) or not access.owes_second_factor(user):
            return None
        address = f"{reverse('mfa_index')}?wajib"
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(address)
        if request.method in ("GET", "HEAD"):
            return redirect(address)
        return render(request, "second_factor_first.html", {"address": address}, status=403)
