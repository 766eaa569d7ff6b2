"""A device that stands on a desk: its session holds the desk's number and nobody's login."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve

from pledges import access, desks
from pledges.models import Desk
from pledges.views.guards import Answer

_DESK = "desk"
# Longer than a day at the office, shorter than a device forgotten in a cupboard.
_LASTS = timedelta(hours=12)

# What the desk's pages need besides themselves; none of it asks who is there.
_NEEDED = {"signer:logo", "signer:deliver", "signer:worker", "signer:shell"}


def seat(request: HttpRequest, desk: Desk) -> None:
    """End the officer's own session and begin one that knows the desk and nothing else."""
    logout(request)
    request.session[_DESK] = desk.pk
    request.session.set_expiry(_LASTS)


def desk_pages_only(answer: Answer) -> Answer:
    """Middleware: a device on a desk reaches nothing else, not even the login page."""

    def answer_at_desk(request: HttpRequest) -> HttpResponseBase:
        if _is_led_away(request):
            return redirect("desk:page")
        return answer(request)

    return answer_at_desk


def _is_led_away(request: HttpRequest) -> bool:
    """Asks the session last: to read it makes an answer one that no shared cache may keep."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return False
    if match.namespace == "desk" or match.view_name in _NEEDED:
        return False
    return _DESK in request.session


def desk_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives a view its `desk`, or says that there is none (any more). No cache keeps a page."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: str) -> HttpResponse:
        desk = desks.find(request.session.get(_DESK, 0))
        if desk and desk.ended_at is None and access.staffs(desk):
            response = view(request, desk=desk, **kwargs)
        else:
            response = _over(request, was_there=desk is not None)
        response["Cache-Control"] = "no-store"
        return response

    return answer


def _over(request: HttpRequest, *, was_there: bool) -> HttpResponse:
    if was_there:
        request.session.flush()
    return render(request, "desk/over.html", {"was_there": was_there}, status=403)
