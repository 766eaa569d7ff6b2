"""How a signer comes in: by a personal link, or at the event's address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from pledges import events, identity, ways
from pledges.forms.signing import IdentifyForm, NumberForm
from pledges.identity import CodeEntryLocked, WrongCode
from pledges.models import Event
from pledges.views.signer.page import signer_page
from pledges.views.signer.pledge import invite


@signer_page
@require_safe
def personal_link(request: HttpRequest, token: str) -> HttpResponse:
    """Changes nothing: robots that preview links open it too."""
    person, ticket = identity.by_link(token)
    return invite(request, person, ticket)


@csrf_exempt
@signer_page
@require_http_methods(["GET", "HEAD", "POST"])
def event_address(request: HttpRequest, code: str) -> HttpResponse:
    event = identity.event_at(code)
    if event.is_draft:
        return render(request, "signer/not_open.html", {"event": event}, status=403)
    events.require_kept(event)
    if request.method == "POST":
        return _told_who(request, event)
    return _ask_who(request, event, IdentifyForm())


def _told_who(request: HttpRequest, event: Event) -> HttpResponse:
    form = IdentifyForm(request.POST)
    if not form.is_valid():
        return _ask_who(request, event, form, status=400)
    try:
        person, ticket = identity.by_code(event, **form.cleaned_data)
    except (WrongCode, CodeEntryLocked) as error:
        form.add_error(None, str(error))
        status = 429 if isinstance(error, CodeEntryLocked) else 403
        return _ask_who(request, event, form, status=status)
    return invite(request, person, ticket)


def _ask_who(
    request: HttpRequest, event: Event, form: IdentifyForm, *, status: int = 200
) -> HttpResponse:
    offered = ways.offered(event)
    context = {
        "event": event,
        "form": form,
        "number_form": NumberForm(),
        "usual": offered[0] if offered else None,
        "others": offered[1:],
        "provider": ways.provider_of(event),
    }
    return render(request, "signer/identify.html", context, status=status)
