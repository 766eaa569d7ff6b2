"""For who came before their turn: whether it has come, and the way on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from pledges import identity
from pledges.identity import Ticket
from pledges.views.signer.page import signer_page
from pledges.views.signer.pledge import invite


@require_safe
@cache_control(public=True, max_age=5)
def turn(request: HttpRequest, code: str) -> JsonResponse:
    """Which waves may sign. Asked by every waiting phone, so it is one small query."""
    try:
        event = identity.event_at(code)
    except identity.UnknownEvent as error:
        return JsonResponse({"message": str(error)}, status=404)
    return JsonResponse({"open_wave": event.open_wave if event.is_open else 0})


@csrf_exempt
@signer_page
@require_POST
def proceed(request: HttpRequest) -> HttpResponse:
    """From the waiting page on, however its reader proved who they are."""
    person, ticket = identity.renewed(Ticket.unseal(request.POST.get("ticket", "")))
    return invite(request, person, ticket)
