"""Opening an officer's desk, which ends the officer's own session on this device."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pledges import access, desks, progress
from pledges.access import Permission
from pledges.desks import TooManyPeople
from pledges.events import WrongState
from pledges.forms.desks import DeskForm
from pledges.views.desk.session import seat
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page


@sensitive_post_parameters("pin", "pin_again")
@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    names = progress.unit_names(event.agency)
    units = access.subtree(user, event, Permission.CARE)
    form = DeskForm(posted(request), units=[(unit.pk, names[unit.pk]) for unit in units])
    if form.is_valid():
        unit = access.unit(user, event, form.cleaned_data["unit"], Permission.CARE)
        try:
            desk = desks.start(event, unit, pin=form.cleaned_data["pin"], by=user)
        except WrongState as error:
            messages.error(request, str(error))
            return redirect("organiser:event", event.code)
        except TooManyPeople as error:
            form.add_error("unit", str(error))
        else:
            seat(request, desk)
            return redirect("desk:page")
    return event_page(
        request,
        "organiser/desk_start.html",
        event,
        tab="desk",
        form=form,
        status=422 if form.is_bound else 200,
    )
