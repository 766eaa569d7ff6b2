"""Takes what a signing page sends by script, at once or kept and sent later.

The answer is JSON: `state` is "signed" (with `receipt` and `code`), or with a `message`
"later" (it may be accepted some day, so the device keeps it), "refused" (it never will be)
or "invalid" (the person has to mend something).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pledges import access, desks, envelopes, identity, keys, pact, signing
from pledges.envelopes import BadEnvelope
from pledges.forms.signing import EntryForm
from pledges.identity import Ticket
from pledges.models import Signature
from pledges.views.signer.pledge import points_of

# The most complex mark that is accepted, encrypted and encoded, with room to spare.
MOST_BYTES = 96 * 1024

_UNREADABLE = (
    "Kiriman ini tidak terbaca oleh server, jadi tidak ada yang tersimpan atas nama Anda. "
    "Buka lagi tautan Anda dan tanda tangani sekali lagi."
)
_OUTDATED = (
    "Tanda tangan ini dibuat pada halaman yang tidak berlaku lagi: tautan Anda sudah diganti, "
    "atau tanda tangan Anda dibatalkan sesudahnya. Buka lagi tautan Anda atau pindai lagi kode "
    "QR, lalu tanda tangani sekali lagi."
)


class OfficerGone(identity.NotIdentified):
    def __init__(self) -> None:
        super().__init__("Petugas meja ini tidak lagi bertugas untuk unit kerja penanda tangan.")


_KEPT = "Tanda tangan Anda tetap tersimpan di sini dan masuk sendiri bila {when}."
# Refusals that may end, and what ends them.
_LATER: dict[type[Exception], str] = {
    signing.EventNotOpen: "acara dibuka kembali",
    signing.NotYourTurn: "gelombang itu dibuka",
    desks.DeskLocked: "petugas mengakhiri meja ini dengan kata sandi",
    keys.WrongNikKey: "pengelola server membetulkan kunci itu",
    OfficerGone: "admin memberi petugas itu perannya kembali",
}
_REFUSED = (identity.NotIdentified, pact.NoPactForSignatory, signing.CannotSign)


class Invalid(Exception):
    def __init__(self, form: EntryForm) -> None:
        super().__init__(
            " ".join(str(error) for errors in form.errors.values() for error in errors)
        )


@csrf_exempt
@require_POST
@cache_control(no_store=True)
def deliver(request: HttpRequest) -> JsonResponse:
    try:
        parcel = _parcel(request)
        signature = _sign(parcel)
    except Invalid as error:
        return _refusal("invalid", str(error), status=400)
    except BadEnvelope:
        return _refusal("refused", _UNREADABLE, status=400)
    except identity.BadTicket:
        return _refusal("refused", _OUTDATED, status=403)
    except tuple(_LATER) as error:
        return _refusal("later", _told_to_wait(error), status=409)
    except _REFUSED as error:
        return _refusal("refused", str(error), status=403)
    return _receipt(signature, parcel)


@dataclass(frozen=True, slots=True)
class Parcel:
    entry: dict[str, Any]
    is_kept: bool


def _parcel(request: HttpRequest) -> Parcel:
    """The envelope's content; or the content itself from a browser that cannot seal it."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise BadEnvelope
    content = envelopes.parsed(request.body)
    entry: Any = content.get("entry")
    if isinstance(envelope := content.get("envelope"), str):
        entry = envelopes.open_envelope(envelope)
    if not isinstance(entry, dict):
        raise BadEnvelope
    return Parcel(entry, is_kept=content.get("is_kept") is True)


def _sign(parcel: Parcel) -> Signature:
    ticket = _ticket(parcel.entry)
    form = EntryForm(parcel.entry, points=points_of(signing.texts_shown(ticket)))
    if not form.is_valid():
        # Whether it is worth mending; `sign` asks it of the others.
        signing.texts_of(ticket, identity.signatory_of_ticket(ticket))
        raise Invalid(form)
    return signing.sign(
        ticket,
        mark=form.mark,
        consents=form.cleaned_data["consents"],
        delivery=form.delivery(is_sent_later=parcel.is_kept),
    )


def _ticket(entry: dict[str, Any]) -> Ticket:
    """The page's; or, for who signed at a desk without a network, by the officer's word."""
    if isinstance(attestation := entry.get("attestation"), str):
        ticket = desks.ticket_for(attestation)
    else:
        ticket = Ticket.unseal(str(entry.get("ticket")))
    if ticket.desk is not None and not _is_staffed(ticket.desk):
        raise OfficerGone
    return ticket


def _is_staffed(number: int) -> bool:
    desk = desks.find(number)
    return desk is not None and access.staffs(desk)


def _told_to_wait(error: Exception) -> str:
    reason = error.reason if isinstance(error, signing.NotNow) else str(error)
    return f"{reason} {_KEPT.format(when=_LATER[type(error)])}"


def _refusal(state: str, message: str, *, status: int) -> JsonResponse:
    return JsonResponse({"state": state, "message": message}, status=status)


def _receipt(signature: Signature, parcel: Parcel) -> JsonResponse:
    """Without the receipt's address where the next person already has the device."""
    is_shown = not (parcel.is_kept and signature.desk_id)
    receipt = reverse("signer:receipt", args=[identity.receipt_token(signature)])
    return JsonResponse(
        {
            "state": "signed",
            "receipt": receipt if is_shown else "",
            "code": signature.verification_code if is_shown else "",
        }
    )
