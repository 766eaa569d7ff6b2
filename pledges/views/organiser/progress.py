"""Who is missing: the figures, the units, the names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pledges import access, charts, downloads, filenames, progress, tables
from pledges.access import Permission
from pledges.charts import Chart
from pledges.forms.progress import PeopleFilter
from pledges.models import Agency, Event, Signatory
from pledges.models.signatory import SignatoryQuerySet
from pledges.progress import Level, Status, Tally
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page

_PER_PAGE = 50
_UNITS_PER_PAGE = 60
# A message names so many units; who wants all takes the list.
_UNITS_IN_SUMMARY = 100
# Of how many units one can choose from a list.
_UNITS_TO_CHOOSE = 300
# How often, in seconds, a page asks for what is new: of up to so many people, and of more.
_MANY, _SOON, _LATER = 20_000, 15, 60


class Selection:
    """The part of an event that a user asks for, and may see."""

    def __init__(self, request: HttpRequest, event: Event) -> None:
        self.filter = PeopleFilter(request.GET)
        self.filter.is_valid()
        user, number = user_of(request), self.filter.chosen_unit
        self.event = event
        self.unit = access.unit(user, event, number, Permission.VIEW) if number else None
        self.is_whole = number is None and access.covers(user, event, Permission.VIEW)
        self.is_direct = self.unit is not None and self.filter.is_direct
        self.status, self.text = self.filter.chosen_status, self.filter.text
        self.people = self._of_unit(access.signatories(user, event, Permission.VIEW))
        self.in_care = access.signatories(user, event, Permission.CARE)
        # Who declined is for those who manage the event; for others they are missing.
        self.reveals_refusals = access.may(user, event, Permission.MANAGE)

    def _of_unit(self, people: SignatoryQuerySet) -> SignatoryQuerySet:
        if self.unit is None:
            return people
        return people.filter(unit=self.unit) if self.is_direct else people.in_unit(self.unit)

    def found(self) -> SignatoryQuerySet:
        return progress.search(
            self.people,
            in_care=self.in_care,
            status=self.status,
            text=self.text,
            reveals_refusals=self.reveals_refusals,
            event=self.event,
        )

    def tally(self) -> Tally:
        return progress.tally(self.people, reveals_refusals=self.reveals_refusals, event=self.event)

    @property
    def query(self) -> str:
        """The selection as a part of an address."""
        chosen = {
            "status": self.status or "",
            "unit": self.unit and self.unit.pk,
            "langsung": "on" if self.is_direct else None,
            "q": self.text,
        }
        return urlencode({name: value for name, value in chosen.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Part:
    """A unit with all below it; or the people of the unit that is shown, by themselves."""

    unit: Agency
    tally: Tally
    is_itself: bool

    @property
    def leads_down(self) -> bool:
        return not (self.is_itself or self.unit.is_leaf())

    @property
    def is_apart(self) -> bool:
        """Whether those of the units below it are not among these."""
        return self.is_itself and not self.unit.is_leaf()

    @property
    def fill(self) -> str:
        """How full it is, at a glance."""
        if self.tally.is_complete:
            return "full"
        return "high" if self.tally.percent >= 75 else "half" if self.tally.percent >= 25 else "low"


@login_required
@require_GET
def units(request: HttpRequest, code: str) -> HttpResponse:
    """One step down the tree, those to chase first unless `urut=susunan`. Asked by htmx, from
    time to time, it answers with what changes."""
    user = user_of(request)
    event = access.event(user, code, Permission.VIEW)
    if event.is_draft:
        return _not_yet(request, event)
    selection = Selection(request, event)
    mine = access.units(user, event, Permission.VIEW)
    tops = [selection.unit] if selection.unit else mine
    level = progress.level(
        selection.people,
        event=event,
        tops=tops,
        reveals_refusals=selection.reveals_refusals,
    )
    tally, in_order = level.whole, request.GET.get("urut") == "susunan"
    paths = sorted(level.tallies) if in_order else level.most_missing_first()
    page = Paginator(paths, _UNITS_PER_PAGE).get_page(request.GET.get("hal"))
    alone = tops[0] if len(tops) == 1 else None
    is_live = "HX-Request" in request.headers
    return event_page(
        request,
        f"organiser/{'_progress' if is_live else 'progress'}.html",
        event,
        tab="progress",
        view="table" if request.GET.get("tampilan") == "tabel" else "tiles",
        selection=selection,
        trail=progress.trail(selection.unit, below=mine) if selection.unit else [],
        tally=tally,
        parts=[Part(unit, tally, unit == alone) for unit, tally in level.units(list(page))],
        page=page,
        in_order=in_order,
        chart=_chart(selection, tally),
        summary=_summary(selection, tops, level),
        at=timezone.now(),
        is_live=is_live,
        seconds=_SOON if tally.total <= _MANY else _LATER,
    )


def _chart(selection: Selection, tally: Tally) -> Chart | None:
    event = selection.event
    if event.published_at is None or not tally.signed:
        return None
    end = event.closed_at or timezone.now()
    every, step = _step(end - event.published_at)
    return charts.growth(
        progress.timeline(
            event, every=every, people=None if selection.is_whole else selection.people
        ),
        step=step,
        end=end,
        whole=tally.asked,
        mark=event.deadline,
    )


def _step(span: timedelta) -> tuple[str, timedelta]:
    """Fine enough for the span, and of no more than some thousand."""
    if span <= timedelta(days=3):
        return "minute", timedelta(minutes=1)
    if span <= timedelta(days=90):
        return "hour", timedelta(hours=1)
    return "day", timedelta(days=1)


def _summary(selection: Selection, tops: list[Agency], level: Level) -> str:
    """As text, to be sent to a group: who declined is told to nobody there."""
    if level.whole.declined:
        level = progress.level(selection.people, event=selection.event, tops=tops)
    paths = [path for path in level.most_missing_first() if not level.tallies[path].is_complete]
    alone = tops[0] if len(tops) == 1 else None
    told = level.units(paths[:_UNITS_IN_SUMMARY])
    context = {
        "event": selection.event,
        "unit": selection.unit,
        "tally": level.whole,
        "at": timezone.now(),
        "incomplete": [Part(unit, tally, unit == alone) for unit, tally in told],
        "more": len(paths) - len(told),
    }
    return render_to_string("organiser/summary.txt", context).strip()


@login_required
@require_GET
def people(request: HttpRequest, code: str) -> HttpResponse:
    """The names, page by page."""
    event = access.event(user_of(request), code, Permission.VIEW)
    if event.is_draft:
        return _not_yet(request, event)
    selection = Selection(request, event)
    tally = selection.tally()
    page = _paginated(selection, tally).get_page(request.GET.get("hal"))
    found = list(page)
    names = progress.names_of([person.unit for person in found], top=event.agency)
    in_care = selection.in_care.filter(pk__in=[person.pk for person in found])
    cared_for = set(in_care.values_list("pk", flat=True))
    return event_page(
        request,
        "organiser/people.html",
        event,
        tab="progress",
        view="people",
        selection=selection,
        tally=tally,
        page=page,
        rows=[(p, names[p.unit_id], p.pk in cared_for) for p in found],
        units=_units_to_choose(request, event, selection),
        statuses=_statuses(event, selection, tally),
    )


def _paginated(selection: Selection, tally: Tally) -> Paginator[Signatory]:
    paginator = Paginator(selection.found(), _PER_PAGE)
    counted = getattr(tally, selection.status.value, None) if selection.status else None
    if counted is not None and not selection.text:
        # Spares counting 200,000 people a second time.
        paginator.count = counted
    return paginator


def _units_to_choose(
    request: HttpRequest, event: Event, selection: Selection
) -> list[tuple[int, str]]:
    """Every unit of the user's part; of a large tree those around the one that is shown."""
    user = user_of(request)
    mine = access.subtree(user, event, Permission.VIEW)
    if len(mine) > _UNITS_TO_CHOOSE:
        tops = [selection.unit] if selection.unit else access.units(user, event, Permission.VIEW)
        mine = progress.around(tops, among=mine)[:_UNITS_TO_CHOOSE]
    names = progress.names_of(mine, top=event.agency)
    return [(unit.pk, names[unit.pk]) for unit in mine]


def _statuses(
    event: Event, selection: Selection, tally: Tally
) -> list[tuple[str, str, int | None]]:
    """What one can filter by, and how many there are of each where that is known."""
    seldom = []
    if event.waves.exists():
        seldom.append((Status.WAITING, "Menunggu gelombang", tally.waiting))
    if tally.excused:
        seldom.append((Status.EXCUSED, "Berhalangan", tally.excused))
    if selection.reveals_refusals and (event.allows_refusal or tally.declined):
        seldom.append((Status.DECLINED, "Tidak bersedia", tally.declined))
    return [
        (Status.MISSING, "Belum", tally.missing),
        *seldom,
        (Status.SIGNED, "Sudah", tally.signed),
        (Status.LATE, "Terlambat", tally.late),
        *([(Status.PAPER, "Tanda tangan basah", tally.paper)] if tally.paper else []),
        ("", "Semua", tally.total),
        (Status.WITHDRAWN, "Dikeluarkan", None),
    ]


@login_required
@never_cache
@require_GET
def people_list(request: HttpRequest, code: str) -> HttpResponse:
    """The names of the selection as XLSX; whole numbers for those who care for the people."""
    user = user_of(request)
    event = access.event(user, code, Permission.VIEW)
    selection = Selection(request, event)
    content = downloads.export_list(
        selection.found(),
        event=event,
        in_care=selection.in_care,
        by=user,
    )
    title = selection.status.label if selection.status else "Daftar"
    where = selection.unit.name if selection.unit else event.code
    name = filenames.safe(f"{title} - {where}") + ".xlsx"
    return HttpResponse(
        content,
        content_type=tables.XLSX,
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )


def _not_yet(request: HttpRequest, event: Event) -> HttpResponse:
    messages.info(request, "Acara ini belum diterbitkan, jadi belum ada yang dapat menandatangani.")
    return redirect("organiser:event", event.code)
