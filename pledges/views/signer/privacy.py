"""Which data are held of a signer, why and how long; and all of them, for the signer alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from pledges import identity, own_data, retention, ways
from pledges.models import Kind, Way
from pledges.views.signer.page import published, signer_page


@signer_page
@require_safe
def about(request: HttpRequest, code: str) -> HttpResponse:
    """Open to everybody at the event's address, and about nobody in particular."""
    event = published(code)
    context = {
        "event": event,
        "until": retention.expires_on(event),
        "asks_nik": event.signatories.filter(kind=Kind.NON_ASN).exists(),
        "sends_codes": Way.EMAIL in ways.offered(event),
        "provider": ways.provider_of(event) if Way.LOGIN in ways.offered(event) else None,
        "has_desks": Way.DESK in ways.offered(event),
        "has_declaration": event.signatories.with_part().exists(),
    }
    return render(request, "signer/privacy.html", context)


@csrf_exempt
@signer_page
@require_POST
def own_data_file(request: HttpRequest, token: str) -> HttpResponse:
    """From the receipt; a POST, because that it was taken is recorded. Without what was confided
    to admins: an officer who holds the link comes here too."""
    person = identity.owner_of_receipt(token)
    return HttpResponse(
        own_data.take_out(person, by=person),
        content_type="application/zip",
        headers={
            "Content-Disposition": content_disposition_header(True, "data-saya.zip") or "",
        },
    )
