"""Everybody of an event, for those who prepare it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from pledges import access, progress
from pledges.access import Permission
from pledges.forms.roster import RosterSearch
from pledges.models import ImportState
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page

PER_PAGE = 50


@login_required
@require_GET
def roster(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    units = access.subtree(user, event, Permission.MANAGE)
    everybody = access.signatories(user, event, Permission.MANAGE)
    search = RosterSearch(request.GET, units=units, waves=list(event.waves.all()))
    people = everybody.in_unit(search.chosen_unit) if search.chosen_unit else everybody
    people = people.filter(wave=search.chosen_wave) if search.chosen_wave else people
    found = progress.search(
        people,
        in_care=everybody,
        status=search.chosen_status,
        text=search.text,
        reveals_refusals=True,
    )
    return event_page(
        request,
        "organiser/roster.html",
        event,
        tab="roster",
        search=search,
        tally=progress.tally(everybody),
        units=len(units) - 1,
        page=Paginator(found, PER_PAGE).get_page(request.GET.get("hal")),
        is_empty=not everybody.owing().exists(),
        withdrawn=everybody.exclude(withdrawn_at=None).count(),
        imports=event.imports.exclude(state=ImportState.ENROLLED),
        earlier=event.imports.filter(state=ImportState.ENROLLED).select_related("confirmed_by"),
    )
