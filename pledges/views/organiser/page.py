"""What every page of one event shares."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pledges import access
from pledges.access import Permission
from pledges.models import Event
from pledges.views.guards import user_of


def event_page(
    request: HttpRequest,
    template: str,
    event: Event,
    *,
    tab: str,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Render a page under the event's heading and tabs; a user sees the tabs of their roles."""
    may = {
        permission.name.lower(): access.may(user_of(request), event, permission)
        for permission in Permission
    }
    covers = access.covers(user_of(request), event, Permission.VIEW)
    context |= {"event": event, "tab": tab, "may": may, "covers": covers}
    return render(request, template, context, status=status)
