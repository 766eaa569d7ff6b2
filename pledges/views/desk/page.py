"""The desk's one page, and what it asks the server for. The page itself names nobody."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from pledges import desks, envelopes, identity, pact, signing
from pledges.desks import AlreadySigned, DeskLocked, NotAtDesk, WrongPin
from pledges.forms.desks import AttestForm, PinForm
from pledges.forms.signing import PledgeForm
from pledges.identity import NotIdentified, UnknownLink
from pledges.models import Desk, Signatory
from pledges.views.desk.session import desk_page
from pledges.views.signer.pledge import Sheet, sheets

# What the page's script tells apart.
_REASONS: dict[type[NotIdentified], str] = {
    WrongPin: "pin",
    DeskLocked: "locked",
    AlreadySigned: "signed",
    NotAtDesk: "refused",
}


@desk_page
@require_safe
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    if not desk.event.is_open:
        return render(request, "desk/closed.html", {"desk": desk, "event": desk.event}, status=403)
    forms = [
        {"digests": " ".join(digests), "sheets": (shown := _sheets(desk, digests)),
         "form": PledgeForm(points=sum(len(sheet.points) for sheet in shown))}
        for digests in sorted(set(desks.texts(desks.people(desk)).values()))
        if digests
    ]  # fmt: skip
    context = {
        "desk": desk,
        "event": desk.event,
        "forms": forms,
        "token": desks.token(desk),
        "public_key": envelopes.public_key(),
    }
    return render(request, "desk/page.html", context)


def _sheets(desk: Desk, digests: tuple[str, ...]) -> list[Sheet]:
    frozen = {row.digest: pact.of(row) for row in desk.event.pacts.filter(digest__in=digests)}
    return sheets([frozen[digest] for digest in digests])


@desk_page
@require_POST
def unlock(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The names, once the officer has shown to be there."""
    form = PinForm(request.POST)
    if not form.is_valid():
        return _problem(str(form.errors["pin"][0]), "pin")
    try:
        desks.unlock(desk, pin=form.cleaned_data["pin"])
    except NotIdentified as error:
        return _problem(str(error), _REASONS[type(error)])
    return JsonResponse({"people": _people(desk), "open_wave": desk.event.open_wave})


def _problem(message: str, reason: str) -> JsonResponse:
    return JsonResponse({"problem": message, "reason": reason}, status=409)


def _people(desk: Desk) -> list[dict[str, Any]]:
    people = desks.people(desk).order_by("name", "pk")
    texts = desks.texts(people)
    units: dict[int, str] = {}
    for person in people:
        if person.unit_id not in units:
            units[person.unit_id] = _unit(person)
    return [
        {
            "id": person.pk,
            "name": person.name,
            "number": f"{person.identifier_label} {person.masked_identifier}",
            "position": person.position,
            "unit": person.unit.name,
            "wave": person.wave,
            "texts": " ".join(texts[person.pk]),
            "generation": person.generation,
            "voids": person.voids,
            "capacity": person.capacity or person.get_part_display(),
            "identity": _identity(person, person.masked_identifier, units[person.unit_id]),
        }
        for person in people
    ]


def _unit(person: Signatory) -> str:
    return ", ".join(reversed(signing.unit_path(person)))


def _identity(person: Signatory, identifier: str, unit: str) -> list[tuple[str, str]]:
    """The rows of the identity on the sheet."""
    rank = ", ".join(filter(None, [person.rank, person.grade]))
    rows = [
        ("Nama", person.name),
        (person.identifier_label, identifier),
        ("Pangkat/Golongan" if person.rank else "Golongan", rank),
        ("Jabatan", person.position),
        ("Unit Kerja", unit),
    ]
    return [(label, value) for label, value in rows if value]


@desk_page
@require_POST
def attest(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = AttestForm(request.POST)
    if not form.is_valid():
        return _problem("Isi PIN, lalu coba lagi.", "pin")
    try:
        person, ticket = desks.attest(
            desk, form.cleaned_data["person"], pin=form.cleaned_data["pin"]
        )
    except NotIdentified as error:
        return _problem(str(error), _REASONS[type(error)])
    return JsonResponse(
        {
            "ticket": ticket.seal(),
            "number": f"{person.identifier_label} {person.identifier}",
            "identity": _identity(person, person.identifier, _unit(person)),
            "open_wave": person.event.open_wave,
        }
    )


@desk_page
@require_safe
def receipt_qr(request: HttpRequest, desk: Desk, token: str) -> HttpResponse:
    """The address of a receipt, for the phone of whoever has just signed."""
    try:
        signature = identity.signature_of_receipt(token)
    except UnknownLink as error:
        raise Http404 from error
    address = reverse("signer:receipt", args=[identity.receipt_token(signature)])
    picture = BytesIO()
    code = segno.make(f"{settings.BASE_URL}{address}", error="m", micro=False)
    code.save(picture, kind="svg", scale=4, border=2)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")
