"""For those who check: one civil servant across events, and what is on record of them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from pledges import access, evidence, lookups
from pledges.access import Permission
from pledges.forms.oversight import LookupForm
from pledges.views.guards import posted, user_of
from pledges.views.taking import streamed


@login_required
@sensitive_post_parameters("nip")
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """By POST, so that no NIP stands in an address, a history or a server's log."""
    user = user_of(request)
    if not access.oversight(user):
        raise PermissionDenied
    form = LookupForm(posted(request))
    found = None
    if form.is_valid():
        people = access.overseen(user)
        found = lookups.by_nip(people, form.cleaned_data["nip"], by=user)
    status = 422 if form.errors else 200
    return render(request, "organiser/look_up.html", {"form": form, "found": found}, status=status)


@login_required
@never_cache
@require_GET
def person_evidence(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    user = user_of(request)
    event = access.event(user, code, Permission.OVERSEE)
    person = access.signatory(user, event, pk, Permission.OVERSEE)
    found = evidence.gather(
        person,
        with_declaration=access.covers(user, event, Permission.DOWNLOAD),
        reveals_refusals=access.may(user, event, Permission.MANAGE),
        by=user,
    )
    return streamed(found.chunks(), found.name, size=found.size, content_type="application/zip")
