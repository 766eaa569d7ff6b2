"""What may need a second look, for admins and overseers."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from pledges import access, notices
from pledges import fairness as signals
from pledges.access import Permission
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page


@login_required
@require_GET
def fairness(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.OVERSEE)
    if event.is_draft:
        return redirect("organiser:event", event.code)
    people = access.signatories(user, event, Permission.OVERSEE)
    return event_page(
        request,
        "organiser/fairness.html",
        event,
        tab="fairness",
        signals=signals.signals(event, people),
        notices=notices.counts(people),
    )
