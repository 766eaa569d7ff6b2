"""Slips with everybody's personal link and code, printed unit by unit."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pledges import access, addresses, slips
from pledges.access import Permission
from pledges.models import Way
from pledges.slips import NoSuchPart
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page
from pledges.views.taking import inline_pdf


@login_required
@require_GET
def slip_list(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    people = access.signatories(user, event, Permission.CARE)
    piles = [
        pile
        for top in access.units(user, event, Permission.CARE)
        for pile in slips.piles(event, people, top=top)
    ]
    return event_page(
        request,
        "organiser/slips.html",
        event,
        tab="slips",
        piles=piles,
        serves_everybody=event.offers(Way.SLIP),
        warning=addresses.warning(),
        per_part=slips.PER_PART,
    )


@login_required
@never_cache
@require_GET
def slip_pdf(request: HttpRequest, code: str, pk: int, part: int) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    unit = access.unit(user, event, pk, Permission.CARE)
    people = access.signatories(user, event, Permission.CARE).in_unit(unit)
    try:
        pdf = slips.print_part(event, people, number=part, by=user)
    except NoSuchPart as error:
        raise Http404("Tidak ada slip di bagian ini.") from error
    return inline_pdf(pdf, f"slip {unit.name} {part}")
