"""The list of events, one event's overview and its facts."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pledges import access, addresses, events, fairness, presets, progress
from pledges.access import Permission
from pledges.events import WrongState
from pledges.forms.events import EventForm, facts_like, facts_of
from pledges.models import Correction, Event, Part, Way
from pledges.views.guards import posted, user_of
from pledges.views.organiser import waves
from pledges.views.organiser.page import event_page


@login_required
@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    found = list(access.events(user))
    tallies = progress.by_event(access.people(user))
    context = {
        "rows": [(event, tallies.get(event.pk, progress.NOBODY)) for event in found],
        "may_create": bool(access.agencies(user)),
        "may_look_up": bool(access.oversight(user)),
        "shows_agency": len({event.agency_id for event in found}) > 1,
    }
    return render(request, "organiser/events.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_event(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    agencies = access.agencies(user)
    if not agencies:
        raise PermissionDenied
    source = _source(user, request.GET.get("dari", ""))
    form = EventForm(
        posted(request), agencies=agencies, initial=facts_like(source) if source else None
    )
    if form.is_valid():
        event = presets.create_event(form.chosen_agency, facts=form.facts, source=source, by=user)
        return redirect("organiser:event", event.code)
    context = {"form": form, "source": source, "sources": access.managed(user)}
    return render(request, "organiser/new_event.html", context, status=_status(form))


def _source(user: AbstractUser, code: str) -> Event | None:
    """The earlier event that a new one shall resemble."""
    return access.event(user, code, Permission.MANAGE) if code else None


def _status(form: EventForm) -> int:
    return 422 if form.is_bound else 200


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a draft's checklist; without problems it is done."""

    title: str
    problems: list[str]
    state: str
    url: str
    action: str


@login_required
@require_GET
def event(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.VIEW)
    if event.is_draft:
        steps = _steps(event)
        following = next((step for step in steps if step.problems), None)
        return event_page(
            request, "organiser/draft.html", event, tab="event", steps=steps, following=following
        )
    people = access.signatories(user, event, Permission.VIEW)
    turns = waves.turns(event, people)
    overseen = access.signatories(user, event, Permission.OVERSEE)
    oversees = access.may(user, event, Permission.OVERSEE)
    return event_page(
        request,
        "organiser/event.html",
        event,
        tab="event",
        tally=progress.tally(people, reveals_refusals=access.may(user, event, Permission.MANAGE)),
        units=[] if access.may(user, event, Permission.MANAGE)
        else access.units(user, event, Permission.VIEW),
        address=addresses.of_event(event),
        warning=addresses.warning(),
        ways=_ways(event),
        turns=turns,
        current_turn=next((turn for turn in reversed(turns) if turn.is_open), None),
        next_turn=waves.next_turn(turns),
        asked=access.corrections(user, event).filter(state=Correction.State.OPEN).count(),
        signals=fairness.signals(event, overseen).count if oversees else 0,
        alert=fairness.latest_alert(event) if oversees else None,
        is_late=timezone.now() > event.deadline,
    )  # fmt: skip


def _steps(event: Event) -> list[Step]:
    people = event.signatories.active().owing().count()
    rows = event.pacts.count()
    return [
        Step("Data acara", [], "Lengkap", _url("facts", event), "Ubah"),
        Step(
            "Kop surat instansi", events.agency_problems(event), event.agency.name,
            reverse("organiser:agency", args=[event.agency.pk]) + f"?acara={event.code}",
            "Isi kop surat" if events.agency_problems(event) else "Ubah",
        ),
        Step(
            "Naskah", events.text_problems(event), f"{rows} naskah", _url("texts", event),
            "Periksa naskah" if rows else "Pilih naskah",
        ),
        Step(
            "Daftar penanda tangan", events.roster_problems(event), f"{people} orang",
            _url("roster", event), "Lihat daftar" if people else "Impor daftar",
        ),
        Step(
            "Peran dalam acara", events.ceremony_problems(event), _parts_said(event),
            _url("parts", event), "Atur peran",
        ),
        Step("Gelombang", [], _waves_said(event), _url("waves", event), "Atur gelombang"),
        Step("Cara membuktikan diri", [], _ways(event), _url("ways", event), "Ubah"),
    ]  # fmt: skip


def _ways(event: Event) -> str:
    """As one line: "Tautan atau kode pribadi pada slip · Meja petugas"."""
    return " · ".join(Way(way).label for way in event.ways)


def _parts_said(event: Event) -> str:
    people = event.signatories.active()
    counts = {part: people.filter(part=part).count() for part in Part if part != Part.SIGNER}
    said = [f"{count} {part.label.lower()}" for part, count in counts.items() if count]
    return ", ".join(said) or "Tidak ada; setiap orang menandatangani paktanya sendiri"


def _waves_said(event: Event) -> str:
    count = event.waves.count()
    return f"{count} gelombang, dibuka satu per satu" if count else "Tidak ada; semua sekaligus"


def _url(name: str, event: Event) -> str:
    return reverse(f"organiser:{name}", args=[event.code])


@login_required
@require_http_methods(["GET", "POST"])
def facts(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    if not event.is_draft:
        messages.error(request, "Data acara yang sudah diterbitkan tidak dapat diubah.")
        return redirect("organiser:event", event.code)
    form = EventForm(posted(request), agencies=[event.agency], initial=facts_of(event))
    if form.is_valid():
        return _save(request, event, form)
    return event_page(
        request, "organiser/facts.html", event, tab="event", form=form, status=_status(form)
    )


def _save(request: HttpRequest, event: Event, form: EventForm) -> HttpResponse:
    try:
        events.update_facts(event, facts=form.facts, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Data acara disimpan.")
    return redirect("organiser:event", event.code)
