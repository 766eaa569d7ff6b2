"""The audit log of an event, for its admins."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pledges import access, filenames, trails
from pledges.access import Permission
from pledges.forms.oversight import TrailFilter
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page

_PER_PAGE = 50


@login_required
@require_GET
def trail(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    form = _filter(request)
    found = trails.entries(event, form.chosen)
    told, more = trails.page(found, before=form.before, count=_PER_PAGE)
    return event_page(
        request,
        "organiser/trail.html",
        event,
        tab="trail",
        form=form,
        told=told,
        more=more,
        query=_query(request),
    )


def _filter(request: HttpRequest) -> TrailFilter:
    form = TrailFilter(request.GET)
    form.is_valid()
    return form


def _query(request: HttpRequest) -> str:
    """What was chosen, as a part of an address, without the page."""
    return urlencode({name: value for name, value in request.GET.items() if name != "sebelum"})


@login_required
@never_cache
@require_GET
def trail_csv(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Everything that was chosen, as CSV."""
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    pieces = trails.export(event, _filter(request).chosen, by=user)
    name = filenames.safe(f"Catatan audit {event.code}") + ".csv"
    return StreamingHttpResponse(
        pieces,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )
