"""Recording that somebody need not sign this time, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from pledges import access, excuses
from pledges.access import Permission
from pledges.events import WrongState
from pledges.excuses import CannotExcuse
from pledges.forms.excuses import ExcuseForm
from pledges.models import Signatory
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page


@login_required
@require_http_methods(["GET", "POST"])
def excuse(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Asked for from the list of the missing (`?dari=daftar`), it leads back there."""
    person = _person(request, code, pk)
    form = ExcuseForm(posted(request))
    back = _back(request, person)
    if not form.is_valid():
        return event_page(
            request,
            "organiser/excuse.html",
            person.event,
            tab="progress",
            status=422 if form.is_bound else 200,
            person=person,
            standing=excuses.standing(person),
            form=form,
            back=back,
        )
    try:
        found = excuses.record(
            person,
            code=form.chosen_code,
            note=form.cleaned_data["note"],
            by=user_of(request),
        )
    except (CannotExcuse, WrongState) as error:
        messages.error(request, str(error))
    else:
        reason = found.get_code_display()
        messages.success(request, f"{person.name} dicatat berhalangan: {reason}.")
    return redirect(back)


def _back(request: HttpRequest, person: Signatory) -> str:
    if request.GET.get("dari") == "daftar":
        return reverse("organiser:people", args=[person.event.code])
    return reverse("organiser:person", args=[person.event.code, person.pk])


@login_required
@require_POST
def lift(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    person = _person(request, code, pk)
    try:
        excuses.lift(person, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Catatan halangan {person.name} dicabut.")
    return redirect("organiser:person", code, pk)


def _person(request: HttpRequest, code: str, pk: int) -> Signatory:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    return access.signatory(user, event, pk, Permission.CARE)
