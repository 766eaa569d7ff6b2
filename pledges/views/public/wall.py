"""The wall: title, ikrar point by point, then the event's QR code and the live count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pledges import addresses, declaration, logos, pact, wall
from pledges.models import Event
from pledges.pact import Pact
from pledges.wall import Count, UnknownWall

View = Callable[..., HttpResponseBase]


def wall_page(view: View) -> View:
    """Kept by no cache; a wrong address is explained."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        try:
            response = view(request, **kwargs)
        except UnknownWall as error:
            context = {"heading": "Layar tidak dikenal", "message": str(error)}
            response = render(request, "signer/refused.html", context, status=404)
        response["Cache-Control"] = "no-store"
        return response

    return answer


# The most characters of each class of type in wall.css but the last, which takes any number.
_MOST = (60, 100, 150, 210, 280, 370, 500, 750, 1200)
# A line that breaks off early takes the room of so many characters, about.
_LINE = 30
# A title has to share its screen.
_TITLE = 1.8


def _size(characters: float) -> int:
    """How large type can be for all of it to be seen at once: 1 is the largest."""
    return 1 + sum(characters > most for most in _MOST)


@dataclass(frozen=True, slots=True)
class Scene:
    """One screenful of the ikrar; `point` is 0 for its opening and closing."""

    heading: str
    words: str
    point: int = 0

    @property
    def size(self) -> int:
        return _size(len(self.words) + _LINE * self.words.count("\n"))


@wall_page
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    event = wall.event_at(token)
    text = declaration.text_of(event)
    address = addresses.of_event(event)
    context = {
        "event": event,
        "token": token,
        "title_size": _size(_TITLE * len(event.title)),
        "scenes": list(_scenes(pact.of(text))) if text else [],
        "host": address.partition("://")[2].removesuffix(f"/a/{event.code}"),
        "qr": segno.make(address, error="m", micro=False).svg_data_uri(border=4),
    }
    return render(request, "public/wall.html", context)


def _scenes(text: Pact) -> Iterator[Scene]:
    if text.before_identity:
        yield Scene(text.title, text.before_identity)
    for number, point in enumerate(text.points, start=1):
        yield Scene(f"Butir {number} dari {len(text.points)}", point, number)
    if text.closing:
        yield Scene("Penutup", text.closing)


@wall_page
@require_safe
def logo(request: HttpRequest, token: str) -> HttpResponse:
    """The coat of arms as large as it is kept; that of the signer's page is small."""
    event = wall.event_at(token)
    if not event.agency.logo:
        raise UnknownWall
    with logos.opened(event.agency.logo) as file:
        return HttpResponse(file.read(), content_type="image/png")


@wall_page
@require_safe
def count(request: HttpRequest, token: str) -> JsonResponse:
    """Asked for every second by every screen."""
    counted = wall.count(token)
    local = counted.at.astimezone(counted.zone)
    return JsonResponse(
        {
            "is_draft": counted.state == Event.State.DRAFT,
            "signed": counted.signed,
            "total": counted.total,
            "status": _status(counted),
            "at": f"{local:%H.%M.%S} {local.tzname()}",
            # Tells counts of several processes apart: a screen never shows an older one.
            "moment": counted.at.timestamp(),
            "units": [
                {"name": unit.name or "Lainnya", "signed": unit.signed, "total": unit.total}
                for unit in counted.units
            ],
        }
    )


def _status(counted: Count) -> str:
    if counted.state == Event.State.DRAFT:
        return "Gladi: penandatanganan belum dibuka."
    if counted.state == Event.State.CLOSED:
        return "Penandatanganan sudah ditutup."
    if not counted.waves:
        return ""
    if not counted.open_wave:
        return "Tunggu sebentar: gelombang 1 segera dibuka."
    return f"Giliran gelombang {counted.open_wave} dari {counted.waves}: {counted.wave}"
