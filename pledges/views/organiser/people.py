"""One person of an event: data, personal code, adding, withdrawing, restoring."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pledges import (
    access,
    addresses,
    audit,
    corrections,
    excuses,
    fairness,
    identity,
    progress,
    signing,
    waves,
)
from pledges.access import Permission
from pledges.documents.pact_form import Act
from pledges.events import WrongState
from pledges.forms.people import PersonForm
from pledges.forms.waves import PersonWaveForm
from pledges.models import Event, Signatory, Way
from pledges.pact import NoPactForSignatory
from pledges.roster import enrol
from pledges.roster.enrol import AlreadyEnrolled, AlreadySigned
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page


@login_required
@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    units = access.subtree(user, event, Permission.MANAGE)
    form = PersonForm(posted(request), units=units, top=event.agency)
    if form.is_valid() and (person := _added(request, event, form)):
        return redirect("organiser:person", event.code, person.pk)
    status = 422 if form.is_bound else 200
    return event_page(
        request, "organiser/person_new.html", event, tab="roster", status=status, form=form
    )


def _added(request: HttpRequest, event: Event, form: PersonForm) -> Signatory | None:
    try:
        person = enrol.add_person(event, form.row, by=user_of(request))
    except (AlreadyEnrolled, WrongState) as error:
        form.add_error(None, str(error))
        return None
    for remark in form.remarks:
        messages.warning(request, remark)
    messages.success(request, f"{person.name} ditambahkan ke daftar.")
    return person


@login_required
@require_GET
def person(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.VIEW)
    return _page(request, access.signatory(user_of(request), event, pk, Permission.VIEW))


@login_required
@never_cache
@require_POST
def reveal(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Show somebody's personal link and code; that it was shown is recorded."""
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    found = access.signatory(user, event, pk, Permission.CARE)
    link, personal_code = identity.reveal(found, by=user)
    qr = base64.b64encode(addresses.qr(link, kind="png")).decode()
    return _page(
        request,
        found,
        link=link,
        personal_code=personal_code,
        qr=f"data:image/png;base64,{qr}",
    )


def _page(request: HttpRequest, person: Signatory, **context: Any) -> HttpResponse:
    user, event = user_of(request), person.event
    cares = access.signatories(user, event, Permission.CARE).filter(pk=person.pk).exists()
    manages = access.may(user, event, Permission.MANAGE)
    overseen = access.signatories(user, event, Permission.OVERSEE).filter(pk=person.pk)
    if cares:
        audit.look(by=user, target=person, event=event, people=1 if person.nip else 0)
    return event_page(
        request,
        "organiser/person.html",
        event,
        tab="roster" if manages else "progress",
        person=progress.with_status(
            access.signatories(user, event, Permission.VIEW), reveals_refusals=manages
        ).get(pk=person.pk),
        asked=corrections.open_of(person) if cares else None,
        signatures=[
            (s, Act.of(s.statement) if s.statement else None)
            for s in access.signatures_of(user, person)
        ],
        refusals=person.refusals.all() if manages else [],
        excuse=excuses.standing(person),
        units=signing.unit_path(person),
        is_asked=_is_asked(person),
        serves_link=event.offers(Way.SLIP) or person.is_outside,
        wave=waves.of(person),
        wave_form=PersonWaveForm(event=event, initial={"wave": person.given_wave}),
        disputes=fairness.disputes_of(overseen),
        oversees=not event.is_draft and overseen.exists(),
        cares=cares,
        warning=addresses.warning(),
        **context,
    )


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    found = _managed(request, code, pk)
    if request.method == "GET":
        return _ask(request, found)
    try:
        enrol.withdraw(found, by=user_of(request))
    except (AlreadySigned, WrongState) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found.name} dikeluarkan dari daftar.")
    return redirect("organiser:person", found.event.code, found.pk)


def _is_asked(person: Signatory) -> bool:
    """Whether there is, or will be, something left to sign."""
    try:
        return bool(signing.unsigned(person))
    except NoPactForSignatory:
        return person.event.is_draft


def _ask(request: HttpRequest, person: Signatory) -> HttpResponse:
    change = {
        "question": f"Keluarkan {person.name} dari daftar?",
        "consequences": [
            "Orang ini tidak lagi ditunggu dan tidak lagi dihitung.",
            "Tautan dan kode pribadinya berhenti berlaku.",
            "Ia dapat dipulihkan kapan saja selama acara belum ditutup.",
        ],
        "answer": "Keluarkan dari daftar",
    }
    back = reverse("organiser:person", args=[person.event.code, person.pk])
    return event_page(
        request, "organiser/question.html", person.event, tab="roster", change=change, back=back
    )


@login_required
@require_POST
def restore(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    found = _managed(request, code, pk)
    try:
        enrol.restore(found, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found.name} dipulihkan ke daftar.")
    return redirect("organiser:person", found.event.code, found.pk)


def _managed(request: HttpRequest, code: str, pk: int) -> Signatory:
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    return access.signatory(user, event, pk, Permission.MANAGE)
