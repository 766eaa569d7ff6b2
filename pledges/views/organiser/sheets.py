"""Sheets to be signed with a pen: printed for a unit, or for one person."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pledges import access, addresses
from pledges.access import Permission
from pledges.paper import sheets
from pledges.paper.sheets import NoSuchPart, NotPrinted
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page
from pledges.views.taking import inline_pdf


@login_required
@require_GET
def sheet_list(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    people = access.signatories(user, event, Permission.CARE)
    piles = [
        pile
        for top in access.units(user, event, Permission.CARE)
        for pile in sheets.piles(people, top=top)
    ]
    return event_page(
        request,
        "organiser/sheets.html",
        event,
        tab="paper",
        view="sheets",
        piles=piles,
        warning=addresses.warning(),
        per_part=sheets.PER_PART,
    )


@login_required
@never_cache
@require_GET
def unit_pdf(request: HttpRequest, code: str, pk: int, part: int) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    unit = access.unit(user, event, pk, Permission.CARE)
    people = access.signatories(user, event, Permission.CARE).in_unit(unit)
    try:
        pdf = sheets.print_part(event, people, number=part, by=user)
    except NoSuchPart as error:
        raise Http404("Tidak ada lembar di bagian ini.") from error
    except NotPrinted as error:
        messages.error(request, str(error))
        return redirect("organiser:sheets", event.code)
    return inline_pdf(pdf, f"lembar {unit.name} {part}")


@login_required
@never_cache
@require_GET
def person_pdf(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    person = access.signatory(user, event, pk, Permission.CARE)
    try:
        pdf = sheets.print_one(person, by=user)
    except NotPrinted as error:
        messages.error(request, str(error))
        return redirect("organiser:person", event.code, person.pk)
    return inline_pdf(pdf, f"lembar {person.name}")
