"""The signer's pages.

No cookie is read or set here, so signing works without them, and nothing ambient
authorises anything: the personal link, the typed code and the ticket in the page are
the whole authority, and another site cannot know them. That is why both forms are
exempt from the CSRF check. Somebody who knows a code could at most show their own pact to
another person's browser; it opens with their name, and "Apakah ini Anda?".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import PurePath

import segno
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from pledges import identity, logos, pact, signing
from pledges.documents.form import Act
from pledges.forms.signing import IdentifyForm, PledgeForm
from pledges.identity import CodeEntryLocked, Ticket, WrongCode
from pledges.models import Event, Signatory, Signature
from pledges.pact import Pact

View = Callable[..., HttpResponseBase]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

# What ends a visit, as status and heading; the exception says the rest.
_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    identity.UnknownLink: (404, "Tautan tidak dikenal"),
    identity.UnknownEvent: (404, "Acara tidak ditemukan"),
    identity.Withdrawn: (403, "Anda tidak ada dalam daftar"),
    identity.BadTicket: (403, "Halaman tidak berlaku lagi"),
    pact.NoPactForSignatory: (409, "Naskah belum tersedia"),
    signing.EventNotOpen: (409, "Penandatanganan belum dibuka"),
    signing.TextChanged: (409, "Naskah sudah berubah"),
}
_TOO_BIG = (
    "Kiriman ini terlalu besar untuk sebuah tanda tangan, dan tidak disimpan. "
    "Buka lagi tautan Anda dan gambar tanda tangan yang lebih sederhana."
)


def _signer_page(view: View) -> View:
    """Kept by no cache, running no foreign script, and explaining whatever is refused."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        try:
            response = view(request, **kwargs)
        except tuple(_REFUSALS) as error:
            status, heading = _REFUSALS[type(error)]
            response = _refused(request, heading, str(error), status=status)
        except (RequestDataTooBig, TooManyFieldsSent):
            response = _refused(request, "Kiriman terlalu besar", _TOO_BIG, status=413)
        response["Cache-Control"] = "no-store"
        response["Content-Security-Policy"] = _POLICY
        return response

    return answer


def _refused(request: HttpRequest, heading: str, message: str, *, status: int) -> HttpResponse:
    context = {"heading": heading, "message": message}
    return render(request, "signer/refused.html", context, status=status)


@_signer_page
@require_safe
def personal_link(request: HttpRequest, token: str) -> HttpResponse:
    """Changes nothing: robots that preview links open it too."""
    person, ticket = identity.by_link(token)
    return _invite(request, person, ticket)


@csrf_exempt
@_signer_page
@require_http_methods(["GET", "HEAD", "POST"])
def event_address(request: HttpRequest, code: str) -> HttpResponse:
    event = identity.event_at(code)
    if event.is_draft:
        return render(request, "signer/not_open.html", {"event": event}, status=403)
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
    return _invite(request, person, ticket)


def _ask_who(
    request: HttpRequest, event: Event, form: IdentifyForm, *, status: int = 200
) -> HttpResponse:
    context = {"event": event, "form": form}
    return render(request, "signer/identify.html", context, status=status)


def _invite(request: HttpRequest, person: Signatory, ticket: Ticket) -> HttpResponse:
    """The receipt for who has signed, the text for who may sign, the reason for who may not."""
    if signature := signing.signature_of(person):
        return _to_receipt(signature)
    event = person.event
    if not event.is_open:
        context = {"event": event, "person": person}
        return render(request, "signer/not_open.html", context, status=403)
    text = pact.of(pact.for_signatory(person))
    return _pledge(request, person, ticket, text, PledgeForm(points=len(text.points)))


def _pledge(
    request: HttpRequest,
    person: Signatory,
    ticket: Ticket,
    text: Pact,
    form: PledgeForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "event": person.event,
        "person": person,
        "unit": ", ".join(reversed(signing.unit_path(person))),
        "text": text,
        "logo": PurePath(text.letterhead.logo).stem,
        "ticket": ticket.seal(),
        "form": form,
        "problem": problem,
        "is_late": timezone.now() > person.event.deadline,
    }
    return render(request, "signer/sign.html", context, status=status)


@csrf_exempt
@_signer_page
def submit(request: HttpRequest) -> HttpResponse:
    """Whoever comes without a ticket, by opening the address say, is told where to begin."""
    ticket = Ticket.unseal(request.POST.get("ticket", ""))
    person = identity.signatory_of_ticket(ticket)
    text = pact.of(pact.for_signatory(person))
    form = PledgeForm(request.POST, points=len(text.points))
    if not form.is_valid():
        status = 413 if form.is_too_complex else 400
        return _pledge(request, person, ticket, text, form, status=status)
    try:
        signature = signing.sign(ticket, mark=form.mark, consents=form.cleaned_data["consents"])
    except signing.EventNotOpen as error:
        if text.digest != ticket.digest:
            raise
        return _pledge(request, person, ticket, text, form, problem=str(error), status=409)
    return _to_receipt(signature)


def _to_receipt(signature: Signature) -> HttpResponse:
    response = redirect("signer:receipt", identity.receipt_token(signature))
    response.status_code = 303
    return response


@require_safe
@cache_control(public=True, immutable=True, max_age=365 * 24 * 60 * 60)
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """A coat of arms, small. It never changes: its name is its digest."""
    try:
        return HttpResponse(logos.small(f"logos/{digest}.png"), content_type="image/png")
    except FileNotFoundError as error:
        raise Http404 from error


@_signer_page
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    signature = identity.signature_of_receipt(token)
    act = Act.of(signature.statement)
    code = act.verification_code
    context = {
        "event": signature.signatory.event,
        "signature": signature,
        "act": act,
        "text": pact.of(signature.pact),
        "token": token,
        "code": [f"{code[:4]} {code[4:8]}", f"{code[8:12]} {code[12:]}"],
        "short_url": act.url.partition("://")[2],
        "qr": segno.make(act.url, error="m", micro=False).svg_data_uri(scale=4, border=2),
        "is_sealed": _is_sealed(signature),
    }
    return render(request, "signer/receipt.html", context)


def _is_sealed(signature: Signature) -> bool:
    return hasattr(signature, "document")


@_signer_page
@require_safe
def receipt_status(request: HttpRequest, token: str) -> HttpResponse:
    """Asked by the receipt until its document is sealed."""
    return JsonResponse({"sealed": _is_sealed(identity.signature_of_receipt(token))})


@_signer_page
@require_safe
def document(request: HttpRequest, token: str) -> HttpResponseBase:
    signature = identity.signature_of_receipt(token)
    if not _is_sealed(signature):
        return redirect("signer:receipt", token)
    return FileResponse(
        default_storage.open(signature.document.file),
        as_attachment=True,
        filename=f"Pakta-Integritas-{signature.verification_code}.pdf",
        content_type="application/pdf",
    )
