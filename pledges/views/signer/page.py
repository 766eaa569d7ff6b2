"""The signer's pages.

No cookie is read or set here, so signing works without them, and nothing ambient
authorises anything: the personal link, the typed code and the ticket in the page are
the whole authority, and another site cannot know them. That is why both forms are
exempt from the CSRF check. Somebody who knows a code could at most show their own pact to
another person's browser; it opens with their name, and "Apakah ini Anda?".

Only the way through an agency's own login keeps a session, until it comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from pledges import disputes, events, identity, keys, pact, signing
from pledges.models import Event

View = Callable[..., HttpResponseBase]

# What ends a visit, as status and heading; the exception says the rest.
_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    identity.UnknownLink: (404, "Tautan tidak dikenal"),
    disputes.UnknownDisputeLink: (404, "Tautan tidak dikenal"),
    identity.UnknownEvent: (404, "Acara tidak ditemukan"),
    identity.Withdrawn: (403, "Anda tidak ada dalam daftar"),
    identity.WayNotOffered: (403, "Bukan dengan cara ini"),
    identity.ReceiptOutdated: (403, "Mintalah kepada BKPSDM"),
    identity.BadTicket: (403, "Halaman tidak berlaku lagi"),
    pact.NoPactForSignatory: (409, "Naskah belum tersedia"),
    signing.EventNotOpen: (409, "Penandatanganan belum dibuka"),
    signing.NotYourTurn: (409, "Belum giliran Anda"),
    signing.DeclarationClosed: (409, "Deklarasi sudah ditutup"),
    signing.TextChanged: (409, "Naskah sudah berubah"),
    events.Purged: (410, "Data sudah dihapus"),
    # Not a 5xx, which phones take for a lost network, see the service worker.
    keys.WrongNikKey: (409, "Data Anda sedang tidak dapat dibuka"),
}
_TOO_BIG = (
    "Kiriman ini terlalu besar untuk sebuah tanda tangan, dan tidak disimpan. "
    "Buka lagi tautan Anda dan gambar tanda tangan yang lebih sederhana."
)


def signer_page(view: View) -> View:
    """Kept by no cache, and explaining whatever is refused."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        try:
            response = view(request, **kwargs)
        except tuple(_REFUSALS) as error:
            status, heading = _REFUSALS[type(error)]
            response = refused(request, heading, str(error), status=status)
        except (RequestDataTooBig, TooManyFieldsSent):
            response = refused(request, "Kiriman terlalu besar", _TOO_BIG, status=413)
        response["Cache-Control"] = "no-store"
        return response

    return answer


def refused(
    request: HttpRequest, heading: str, message: str, *, status: int, event: Event | None = None
) -> HttpResponse:
    """With an event, the page leads back to its address."""
    context = {"heading": heading, "message": message, "event": event}
    return render(request, "signer/refused.html", context, status=status)


def published(code: str) -> Event:
    """The event of a short address, if its signers may come: closed ones show their receipts."""
    event = identity.event_at(code)
    if event.is_draft:
        raise signing.EventNotOpen(event)
    events.require_kept(event)
    return event
