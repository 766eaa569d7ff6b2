"""Reminders by e-mail: what was sent, who was not reached, what is planned."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pledges import access, mailed, reminders
from pledges.access import Permission
from pledges.events import WrongState
from pledges.forms.reminders import PlanForm
from pledges.models import Agency, Event
from pledges.reminders import Outlook, PastSchedule, Result
from pledges.templatetags.pakta import moment
from pledges.views.guards import posted, user_of
from pledges.views.organiser.chasing import not_yet, unit_asked_for
from pledges.views.organiser.page import event_page

_PER_PAGE = 50
_USUAL_DAYS = 3


@login_required
@require_GET
def reminder_list(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.CARE)
    if event.is_draft:
        return not_yet(request, event)
    form = PlanForm(units=_units(request, event), initial={"days_before": _USUAL_DAYS})
    return _page(request, event, form)


def _page(request: HttpRequest, event: Event, form: PlanForm) -> HttpResponse:
    user = user_of(request)
    found = reminders.results(access.reminder_runs(user, event))
    people = access.signatories(user, event, Permission.CARE)
    page = Paginator(reminders.unreached(people), _PER_PAGE).get_page(request.GET.get("hal"))
    return event_page(
        request,
        "organiser/reminders.html",
        event,
        tab="chase",
        view="reminders",
        status=422 if form.is_bound else 200,
        form=form,
        planned=_planned(request, event, found),
        past=[result for result in found if result.run.begun_at],
        # Whoever may not know of refusals could tell one by how many were written to.
        counts=access.may(user, event, Permission.MANAGE),
        page=page,
        unreached=[(reminder, reminders.reason(reminder)) for reminder in page],
        is_set_up=mailed.is_set_up(),
    )


def _units(request: HttpRequest, event: Event) -> list[Agency]:
    return access.subtree(user_of(request), event, Permission.CARE)


def _planned(request: HttpRequest, event: Event, found: list[Result]) -> list[tuple[Result, bool]]:
    """Those that have not begun, the next one first, and whether this user may cancel each."""
    mine = {unit.pk for unit in _units(request, event)}
    planned = sorted((r for r in found if not r.run.begun_at), key=lambda result: result.due_at)
    return [(result, result.run.unit_id in mine) for result in planned]


@login_required
@require_http_methods(["GET", "POST"])
def send_now(request: HttpRequest, code: str) -> HttpResponse:
    """Asks first, with what would happen; `unit` in the address says to whom."""
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    form = unit_asked_for(request, event)
    if request.method == "POST":
        return _sent(request, event, form.chosen_unit)
    manages = access.may(user, event, Permission.MANAGE)
    people = access.signatories(user, event, Permission.CARE).in_unit(form.chosen_unit)
    outlook = reminders.outlook(event, people, reveals_refusals=manages)
    if not (outlook.to_send if manages else outlook.missing):
        messages.info(request, _nobody(form.chosen_unit, outlook))
        return _back(event)
    return event_page(
        request,
        "organiser/question.html",
        event,
        tab="chase",
        change={
            "question": f"Kirim surel pengingat kepada yang belum di {form.chosen_unit.name}?",
            "consequences": _consequences(outlook, counts=manages),
            "answer": "Kirim sekarang",
        },
        back=reverse("organiser:reminders", args=[event.code]),
    )


def _nobody(unit: Agency, outlook: Outlook) -> str:
    if not outlook.missing:
        return f"Di {unit.name} tidak ada yang perlu diingatkan."
    return (
        f"Di {unit.name} tidak ada yang dapat dikirimi sekarang: {outlook.reminded_today} orang "
        f"sudah mendapat surel hari ini, {outlook.without_address} tidak mempunyai alamat surel."
    )


def _consequences(outlook: Outlook, *, counts: bool) -> list[str]:
    """Without the numbers that would tell of a refusal to who may not know of it."""
    found = [f"{outlook.missing} orang belum menandatangani dan tidak berhalangan."]
    if outlook.without_address:
        found.append(
            f"{outlook.without_address} orang tidak mempunyai alamat surel, jadi tidak mendapatnya."
            " Hubungi mereka lewat WhatsApp."
        )
    if not counts:
        found.append("Siapa yang hari ini sudah mendapat surel pengingat tidak mendapat lagi.")
        return found
    if outlook.reminded_today:
        found.append(
            f"{outlook.reminded_today} orang hari ini sudah mendapat surel pengingat, jadi tidak "
            "mendapat lagi."
        )
    return [*found, f"{outlook.to_send} orang mendapat surel sekarang, masing-masing satu."]


def _sent(request: HttpRequest, event: Event, unit: Agency) -> HttpResponse:
    try:
        reminders.send_now(event, unit=unit, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, "Pengingat mulai dikirim dalam satu menit. Hasilnya muncul di halaman ini."
        )
    return _back(event)


@login_required
@require_POST
def plan(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.CARE)
    form = PlanForm(posted(request), units=_units(request, event))
    if form.is_valid() and _planned_as(request, event, form):
        return _back(event)
    return _page(request, event, form)


def _planned_as(request: HttpRequest, event: Event, form: PlanForm) -> bool:
    days = form.cleaned_data["days_before"]
    try:
        run = reminders.plan(event, unit=form.chosen_unit, days_before=days, by=user_of(request))
    except PastSchedule as error:
        form.add_error("days_before", f"Itu {moment(error.at, event.zone)}. {error}")
        return False
    except WrongState as error:
        form.add_error(None, str(error))
        return False
    at = moment(reminders.due_at(run), event.zone)
    messages.success(request, f"Pengingat dijadwalkan {at}, kepada yang saat itu belum.")
    return True


@login_required
@require_POST
def cancel(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    try:
        reminders.cancel(access.reminder_run(user, event, pk), by=user)
    except reminders.AlreadyBegun as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Pengingat itu dibatalkan; tidak ada yang dikirim.")
    return _back(event)


def _back(event: Event) -> HttpResponse:
    return redirect("organiser:reminders", event.code)
