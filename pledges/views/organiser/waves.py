"""Waves: laid out in the draft, opened one by one on the morning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from pledges import access, declaration, progress, tasks, waves
from pledges.access import Permission
from pledges.events import WrongState
from pledges.forms.waves import PersonWaveForm, waves_of
from pledges.models import Event, Wave
from pledges.models.signatory import SignatoryQuerySet
from pledges.progress import Tally
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page
from pledges.waves import BY_RANK, AlreadyOpened, Definition


@dataclass(frozen=True, slots=True)
class Turn:
    """A wave of a published event, with how many of its people have signed; `guests` are on no
    roster and sign the joint declaration only."""

    wave: Wave
    tally: Tally
    guests: int
    guests_signed: int
    is_open: bool
    is_next: bool


def turns(event: Event, people: SignatoryQuerySet) -> list[Turn]:
    tallies = progress.by_wave(people)
    guests = [(p.wave, signed) for p, signed in declaration.places(event) if p.is_outside]
    expected = Counter(wave for wave, _ in guests)
    signed = Counter(wave for wave, signature in guests if signature)
    return [
        Turn(
            wave=wave,
            tally=tallies.get(wave.number, progress.NOBODY),
            guests=expected[wave.number],
            guests_signed=signed[wave.number],
            is_open=wave.number <= event.open_wave,
            is_next=event.is_open and wave.number == event.open_wave + 1,
        )
        for wave in event.waves.select_related("opened_by")
    ]


def next_turn(found: Sequence[Turn]) -> Turn | None:
    return next((turn for turn in found if turn.is_next), None)


@login_required
@require_http_methods(["GET", "POST"])
def wave_list(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    if not event.is_draft:
        return _opened(request, event)
    formset = waves_of(event, posted(request))
    change = request.POST.get("act", "")
    if change == "by_rank":
        return _define(request, event, BY_RANK)
    if formset.is_valid():
        return _define(request, event, formset.definitions(change, zone=event.zone))
    counts = waves.headcounts(event)
    total = event.waves.count()
    return event_page(
        request,
        "organiser/waves.html",
        event,
        tab="ceremony",
        view="waves",
        status=422 if formset.is_bound else 200,
        formset=formset,
        lines=[(form, counts.get(number)) for number, form in enumerate(formset, start=1)],
        total=total,
        beyond=event.signatories.active().filter(given_wave__gt=total).count(),
        everybody=sum(count.total for count in counts.values()),
    )


def _define(request: HttpRequest, event: Event, definitions: Sequence[Definition]) -> HttpResponse:
    try:
        waves.define(event, definitions, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Gelombang disimpan." if definitions else "Tanpa gelombang.")
    return redirect("organiser:waves", event.code)


def _opened(request: HttpRequest, event: Event) -> HttpResponse:
    if request.method == "POST":
        messages.error(
            request,
            "Gelombang acara yang sudah diterbitkan tidak dapat diubah. Tidak ada yang berubah.",
        )
        return redirect("organiser:waves", event.code)
    found = turns(event, access.signatories(user_of(request), event, Permission.MANAGE))
    return event_page(
        request,
        "organiser/waves_opened.html",
        event,
        tab="ceremony",
        view="waves",
        turns=found,
        following=next_turn(found),
    )


@login_required
@require_http_methods(["GET", "POST"])
def open_wave(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Asks first: an opened wave is not closed again."""
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    if request.method == "GET":
        return _ask(request, event, number)
    try:
        wave = waves.open_next(event, number, by=user)
    except AlreadyOpened as error:
        messages.info(request, str(error))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{wave} dibuka. Mereka dapat menandatangani sekarang.")
        # Sheets that were photographed before their turn are filed now.
        transaction.on_commit(lambda: tasks.work_through_scans.enqueue(event.pk))
    return redirect("organiser:event", event.code)


def _ask(request: HttpRequest, event: Event, number: int) -> HttpResponse:
    found = turns(event, access.signatories(user_of(request), event, Permission.MANAGE))
    turn = next((turn for turn in found if turn.wave.number == number), None)
    if turn is None:
        raise Http404("Gelombang ini tidak ada.")
    if not turn.is_next:
        messages.info(request, _why_not(turn, event))
        return redirect("organiser:waves", event.code)
    change = {
        "question": f"Buka {_named(turn.wave)}?",
        "consequences": list(_consequences(turn, found)),
        "answer": f"Buka gelombang {number}",
    }
    back = reverse("organiser:waves", args=[event.code])
    return event_page(
        request, "organiser/question.html", event, tab="ceremony", change=change, back=back
    )


def _named(wave: Wave) -> str:
    return f"gelombang {wave.number}: {wave.name}"


def _why_not(turn: Turn, event: Event) -> str:
    if turn.is_open:
        return f"{turn.wave} sudah dibuka."
    if not event.is_open:
        return "Gelombang hanya dapat dibuka selama acara sedang dibuka."
    return f"Buka dahulu gelombang {event.open_wave + 1}."


def _consequences(turn: Turn, found: Sequence[Turn]) -> list[str]:
    said = [f"{turn.tally.total + turn.guests} orang di gelombang ini dapat menandatangani."]
    before = [other for other in found if other.is_open]
    missing = sum(o.tally.missing + o.guests - o.guests_signed for o in before)
    if missing:
        said.append(
            f"{missing} orang dari gelombang sebelumnya belum menandatangani; mereka tetap dapat "
            "menandatangani."
        )
    return [*said, "Gelombang yang sudah dibuka tidak dapat ditutup lagi."]


@login_required
@require_POST
def give_wave(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Put one person into a wave, or back where the rules put them."""
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    person = access.signatory(user, event, pk, Permission.MANAGE)
    form = PersonWaveForm(request.POST, event=event)
    if not form.is_valid():
        messages.error(request, "Gelombang itu tidak ada. Tidak ada yang berubah.")
        return redirect("organiser:person", event.code, person.pk)
    try:
        waves.give(person, form.cleaned_data["wave"], by=user)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{person.name} menandatangani di gelombang {person.wave}.")
    return redirect("organiser:person", event.code, person.pk)
