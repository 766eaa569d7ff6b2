"""The way to the wall: what it is for, which keys it knows, and its address."""

from __future__ import annotations

import segno
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from pledges import access, addresses, declaration, wall
from pledges.access import Permission
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page


@login_required
@require_GET
def way_to_wall(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    address = wall.address(event)
    return event_page(
        request,
        "organiser/wall.html",
        event,
        tab="event",
        has_ikrar=declaration.text_of(event) is not None,
        token=wall.token(event),
        address=address,
        qr=segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4),
        warning=addresses.warning(),
    )
