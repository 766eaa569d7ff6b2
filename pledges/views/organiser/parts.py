"""Who presides, who represents, who witnesses: the parts in the ceremony."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pledges import access, ceremony, declaration, presets
from pledges.access import Permission
from pledges.events import WrongState
from pledges.forms.parts import GuestForm, PartForm, PeopleSearch, presiding_of, said_of
from pledges.models import Event, Kind, Part, Signatory
from pledges.texts import BadText
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page

_MOST_FOUND = 20


@login_required
@require_GET
def part_list(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    people = access.signatories(user, event, Permission.MANAGE)
    places = declaration.places(event)
    completed = declaration.current(event)
    has_ikrar = declaration.text_of(event) is not None
    search = PeopleSearch(request.GET)
    return event_page(
        request,
        "organiser/parts.html",
        event,
        tab="ceremony",
        view="parts",
        groups=[
            (part, [place for place in places if place[0].part == part])
            for part in (Part.PRESIDING, Part.REPRESENTATIVE, Part.WITNESS)
        ],
        completed=completed,
        has_ikrar=has_ikrar,
        may_change=not event.is_closed and not completed and (event.is_draft or has_ikrar),
        withdrawn=people.filter(kind=Kind.OUTSIDE).exclude(withdrawn_at=None),
        search=search,
        found=ceremony.candidates(people, search.text)[:_MOST_FOUND] if search.text else None,
        most_found=_MOST_FOUND,
    )


@login_required
@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One person's part and capacity; of a guest also who they are."""
    person = _managed(request, code, pk)
    if person.is_outside:
        return _guest(request, person)
    form = PartForm(posted(request), initial={"part": person.part, "capacity": person.capacity})
    if form.is_valid():
        try:
            ceremony.give(
                person,
                part=form.chosen_part,
                capacity=form.cleaned_data["capacity"],
                by=user_of(request),
            )
        except WrongState as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{person.name}: {person.get_part_display().lower()}.")
            return redirect("organiser:parts", code)
    return _form(request, person.event, "organiser/part.html", form, person=person)


def _guest(request: HttpRequest, person: Signatory) -> HttpResponse:
    form = GuestForm(posted(request), initial=said_of(person))
    if form.is_valid():
        try:
            ceremony.change_guest(person, form.guest, by=user_of(request))
        except WrongState as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Data {person.name} disimpan.")
            return redirect("organiser:parts", person.event.code)
    return _form(request, person.event, "organiser/guest.html", form, person=person)


@login_required
@require_http_methods(["GET", "POST"])
def new_guest(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    asked = request.GET.get("peran", Part.WITNESS)
    initial = presiding_of(event) if asked == Part.PRESIDING else {"part": asked}
    form = GuestForm(posted(request), initial=initial)
    if form.is_valid():
        try:
            person = ceremony.add_guest(event, form.guest, by=user_of(request))
        except WrongState as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{person.name} ditambahkan. Slipnya sudah dapat dicetak.")
            return redirect("organiser:parts", event.code)
    return _form(request, event, "organiser/guest.html", form)


def _form(
    request: HttpRequest, event: Event, template: str, form: Any, **context: Any
) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return event_page(request, template, event, tab="ceremony", status=status, form=form, **context)


_PLACES = {"naik": -1, "turun": 1}


@login_required
@require_POST
def move(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    person = _managed(request, code, pk)
    try:
        ceremony.move(
            person, places=_PLACES.get(request.POST.get("arah", ""), 0), by=user_of(request)
        )
    except WrongState as error:
        messages.error(request, str(error))
    return redirect(reverse("organiser:parts", args=[code]) + f"#orang-{pk}")


@login_required
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Make somebody a signer like all others. A guest can only be withdrawn."""
    person = _managed(request, code, pk)
    if person.is_outside:
        return redirect("organiser:withdraw", code, pk)
    if request.method == "GET":
        return _ask(request, person)
    try:
        ceremony.give(person, part=Part.SIGNER, capacity="", by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{person.name} kini menandatangani seperti yang lain.")
    return redirect("organiser:parts", code)


def _ask(request: HttpRequest, person: Signatory) -> HttpResponse:
    change = {
        "question": f"Lepas peran {person.name}?",
        "consequences": [
            "Orang ini tetap dalam daftar dan tetap menandatangani pakta.",
            "Ia tidak lagi menandatangani ikrar bersama.",
            "Perannya dapat diberikan lagi selama deklarasi bersama belum selesai.",
        ],
        "answer": "Lepas peran",
    }
    back = reverse("organiser:parts", args=[person.event.code])
    return event_page(
        request, "organiser/question.html", person.event, tab="ceremony", change=change, back=back
    )


@login_required
@require_POST
def add_ikrar(request: HttpRequest, code: str) -> HttpResponse:
    """Give a draft without an ikrar the usual one, to be edited afterwards."""
    event = access.event(user_of(request), code, Permission.MANAGE)
    try:
        presets.add_ikrar(event, by=user_of(request))
    except (BadText, WrongState) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Ikrar ditambahkan. Periksa kata-katanya sebelum diterbitkan.")
    return redirect("organiser:texts", event.code)


def _managed(request: HttpRequest, code: str, pk: int) -> Signatory:
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    return access.signatory(user, event, pk, Permission.MANAGE)
