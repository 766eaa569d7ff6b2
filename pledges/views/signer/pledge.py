"""The text, the ticks and the mark; and what stands there when it is not yet, or no more, time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from pledges import (
    corrections,
    envelopes,
    identity,
    logos,
    pact,
    refusals,
    reminders,
    signing,
    waves,
)
from pledges.forms.signing import PledgeForm
from pledges.identity import Ticket
from pledges.models import PactKind, Signatory, Signature
from pledges.pact import Pact
from pledges.views.signer.page import signer_page
from pledges.views.signer.refusals import to_refusal


def invite(request: HttpRequest, person: Signatory, ticket: Ticket) -> HttpResponse:
    """The receipt for who has signed, the text for who may sign, the reason for who may not.

    The ticket was issued just now, so it names exactly what is still to be signed.
    """
    if not ticket.digests and (signature := signing.signature_of(person)):
        return to_receipt(signature)
    event = person.event
    if not event.is_open and (refusal := refusals.standing(person)):
        return to_refusal(refusal)
    if not event.is_open:
        context = {"event": event, "person": person}
        return render(request, "signer/not_open.html", context, status=403)
    if not ticket.digests:
        pact.texts_of(person)  # says so where the own pact is still lacking
        raise signing.DeclarationClosed
    if not waves.is_turn_of(person):
        return _wait(request, person, ticket)
    texts = signing.texts_of(ticket, person)
    return _pledge(request, person, ticket, texts, PledgeForm(points=points_of(texts)))


def _wait(request: HttpRequest, person: Signatory, ticket: Ticket) -> HttpResponse:
    """Whoever comes early is told when it is their turn."""
    event = person.event
    context = {
        "event": event,
        "person": person,
        "ticket": ticket.seal(),
        "wave": waves.of(person),
        "current": event.waves.filter(number=event.open_wave).first(),
    }
    return render(request, "signer/waiting.html", context, status=403)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One of the texts on the page. Its points are numbered on from those of the text before."""

    text: Pact
    number: int
    total: int
    before: int

    @property
    def points(self) -> list[tuple[int, int, str]]:
        """Each as its number on the page, its number in the text, and its words."""
        return [(self.before + n, n, point) for n, point in enumerate(self.text.points, start=1)]

    @property
    def logo(self) -> str:
        return PurePath(self.text.letterhead.logo).stem

    @property
    def is_declaration(self) -> bool:
        return self.text.kind == PactKind.DECLARATION


def sheets(texts: Sequence[Pact]) -> list[Sheet]:
    return [
        Sheet(text, number=at + 1, total=len(texts), before=points_of(texts[:at]))
        for at, text in enumerate(texts)
    ]


def points_of(texts: Sequence[Pact]) -> int:
    return sum(len(text.points) for text in texts)


def _pledge(
    request: HttpRequest,
    person: Signatory,
    ticket: Ticket,
    texts: Sequence[Pact],
    form: PledgeForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "event": person.event,
        "person": person,
        "unit": ", ".join(reversed(signing.unit_path(person))),
        "sheets": sheets(texts),
        "ticket": ticket.seal(),
        "key": envelopes.public_key(),
        "form": form,
        "problem": problem,
        "is_late": timezone.now() > person.event.deadline,
        "correction": corrections.latest_of(person),
        "refusal": refusals.standing(person),
        "may_refuse": refusals.may_be_made_by(person),
        "awaits_opening": reminders.awaits_opening(person),
    }
    return render(request, "signer/sign.html", context, status=status)


@csrf_exempt
@signer_page
def submit(request: HttpRequest) -> HttpResponse:
    """Whoever comes without a ticket, by opening the address say, is told where to begin."""
    ticket = Ticket.unseal(request.POST.get("ticket", ""))
    if ticket.desk is not None:
        # A desk's page delivers by script, where it is asked whether its officer still serves.
        raise identity.BadTicket
    person = identity.signatory_of_ticket(ticket)
    texts = signing.texts_of(ticket, person)
    form = PledgeForm(request.POST, points=points_of(texts))
    if not form.is_valid():
        status = 413 if form.is_too_complex else 400
        return _pledge(request, person, ticket, texts, form, status=status)
    try:
        signature = signing.sign(ticket, mark=form.mark, consents=form.cleaned_data["consents"])
    except signing.EventNotOpen as error:
        return _pledge(request, person, ticket, texts, form, problem=str(error), status=409)
    return to_receipt(signature)


@csrf_exempt
@signer_page
@require_POST
def opened(request: HttpRequest) -> HttpResponse:
    """What the page's script tells. Opening the link alone does not count: programs that
    preview links do so too."""
    identity.note_opened(Ticket.unseal(request.POST.get("ticket", "")))
    return HttpResponse(status=204)


def to_receipt(signature: Signature) -> HttpResponse:
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
