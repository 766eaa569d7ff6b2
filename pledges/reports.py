"""What was on record of an event or unit at one moment, gathered once and for ever.

A recap says who has signed and who has not, and why; the minutes (berita acara) say how the
event went, once it is closed; the report on plausibility says what may need a second look.
The statement, canonical JSON as in `pledges.pact`, holds:

    version       1
    kind, title   which of the three, and its heading
    event         {code, state, deadline, published_at, closed_at}; times in ISO 8601 and UTC
    facts, letterhead, pacts
                  what the frozen texts say of the event and the agency; [{title, digest}]
    unit          names from the event's agency down to the unit that it is about
    tells_refusals, is_example
    made_at, made_by
                  server time; the maker's name or ""
    verification_code
    salt          32 random bytes in hex

A recap also:

    totals        {total, signed, late, paper, declined, excused, waiting, missing, percent};
                  late and paper are among signed, nobody is in two of the others
    units         [{name, depth, …the same counts}] of each unit with people, in the order of
                  the tree, each with all of its subtree counted
    unsigned      [{unit, name, identifier, position, status, reason}]; unit is the position
                  in units, identifier is masked, status as in `progress.Status`. Older ones
                  hold a note too, which nothing prints

The minutes also:

    totals        as above
    legal_bases   those of the frozen texts
    first_signed_at, last_signed_at
    declaration   {code, completed_at, signed, places}, or null
    signers       [{role, position, name}], to sign on paper; both may be ""

The report on plausibility also:

    devices, marks, bursts
                  {groups, people, largest, units, other_units}, see `pledges.fairness`; largest
                  is null or {people, first, minutes}; units are the first of [{name, people}]
    disputes      {reports, voided, units, other_units}
    alerts        {times, numbers}, of the whole event; numbers are those of the largest
    shares        {whole, units, other_units}; each unit is {name, signed, desk, paper}

Without `tells_refusals` whoever declined is counted and named as everybody else who has not
signed. NIPs and NIKs are masked in all of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone

from pledges import audit, events, filenames, identity, minutes, pact, plausibility, recap
from pledges.audit import Actor
from pledges.documents import recap_sheets
from pledges.documents.reported import Reported
from pledges.downloads import Entry
from pledges.events import WrongState
from pledges.minutes import Signer
from pledges.models import Agency, Event, Report
from pledges.models.collected import ReportQuerySet, new_report_code

VERSION = 1

_TITLES = {
    Report.Kind.RECAP: "Rekapitulasi Penandatanganan Pakta Integritas",
    Report.Kind.MINUTES: "Berita Acara Penandatanganan Pakta Integritas",
    Report.Kind.PLAUSIBILITY: "Laporan Kewajaran Penandatanganan Pakta Integritas",
}


class ReportUnsealed(Exception):
    def __init__(self) -> None:
        super().__init__("Laporan ini belum disegel. Coba lagi beberapa saat lagi.")


@transaction.atomic
def make(
    event: Event,
    *,
    kind: Report.Kind,
    unit: Agency,
    by: Actor,
    reveals_refusals: bool = False,
    signers: Sequence[Signer] = minutes.BLANK,
) -> Report:
    """Gather a report and leave it to be sealed. While a recap or minutes are gathered nobody
    signs: their numbers take several queries and are those of one moment.

    The minutes are of the whole event, once it is closed, and there is one of them that
    stands. Raises WrongState, or Purged, and writes nothing then.
    """
    event = events.hold(event, exclusive=kind != Report.Kind.PLAUSIBILITY)
    events.require_kept(event)
    _require_state(event, kind)
    data = _gathered(event, kind, unit, reveals_refusals=reveals_refusals, signers=signers)
    report = Report(
        event=event,
        unit=unit,
        kind=kind,
        verification_code=new_report_code(),
        tells_refusals=_tells_refusals(data),
        made_at=timezone.now(),
        made_by_id=by.pk if isinstance(by, AbstractUser) else None,
    )
    report.statement = pact.canonical(_head(report) | data)
    report.save(force_insert=True)
    audit.record(by=by, action="report.make", target=report, event=event, kind=kind, unit=unit.pk)
    return report


def _require_state(event: Event, kind: Report.Kind) -> None:
    if event.is_draft:
        raise WrongState("Laporan baru dapat dibuat setelah acara diterbitkan.")
    if kind != Report.Kind.MINUTES:
        return
    if not event.is_closed:
        raise WrongState("Berita acara baru dapat dibuat setelah acara ditutup.")
    if event.reports.live().filter(kind=kind).exists():
        raise WrongState(
            "Berita acara acara ini sudah dibuat. Bila perlu yang baru, batalkan dahulu yang lama."
        )


def _gathered(
    event: Event,
    kind: Report.Kind,
    unit: Agency,
    *,
    reveals_refusals: bool,
    signers: Sequence[Signer],
) -> dict[str, Any]:
    people = event.signatories.in_unit(unit)
    if kind == Report.Kind.RECAP:
        return recap.gathered(people, top=unit, reveals_refusals=reveals_refusals)
    if kind == Report.Kind.MINUTES:
        return minutes.gathered(event, signers=signers, reveals_refusals=reveals_refusals)
    return plausibility.gathered(event, people)


def _tells_refusals(data: dict[str, Any]) -> bool:
    return bool(data.get("totals", {}).get("declined"))


def _head(report: Report) -> dict[str, Any]:
    """What the statement of every kind says."""
    event = report.event
    texts = pact.frozen_of(event)
    return {
        "version": VERSION,
        "kind": report.kind,
        "title": _TITLES[Report.Kind(report.kind)],
        "event": {
            "code": event.code,
            "state": event.state,
            "deadline": event.deadline.isoformat(),
            "published_at": _iso(event.published_at),
            "closed_at": _iso(event.closed_at),
        },
        "facts": asdict(texts[0].event),
        "letterhead": asdict(texts[0].letterhead),
        "pacts": [{"title": text.title, "digest": text.digest} for text in texts],
        "unit": [event.agency.name, *report.unit.names_below(event.agency_id)],
        "tells_refusals": report.tells_refusals,
        "is_example": event.is_example,
        "made_at": report.made_at.isoformat(),
        "made_by": identity.name_of(report.made_by) if report.made_by else "",
        "verification_code": report.verification_code,
        "salt": secrets.token_hex(32),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@transaction.atomic
def void(report: Report, *, reason: str, by: Actor) -> None:
    """Make a report void, for good; its document stays on record and verifies as void."""
    event = events.hold(report.event, exclusive=True)
    events.require_kept(event)
    if not event.reports.live().filter(pk=report.pk).void(reason):
        raise WrongState("Laporan ini sudah dibatalkan.")
    audit.record(by=by, action="report.void", target=report, event=event, kind=report.kind)


def ended_by_reopening(event: Event) -> ReportQuerySet:
    """What `events.reopen` would make void now."""
    return event.reports.ended_by_reopening().select_related("unit")


def export(report: Report, *, by: Actor) -> Entry:
    """The sealed PDF, void or not, to be taken away; the log says by whom."""
    events.require_kept(report.event)
    document = getattr(report, "document", None)
    if document is None:
        raise ReportUnsealed
    audit.record(by=by, action="export.report", target=report, event=report.event, form="pdf")
    return Entry(
        path=file_name(report, ".pdf"),
        stored=document.file,
        size=document.size,
        crc32=document.crc32,
        name=report.get_kind_display(),
        identifier="",
        unit=report.unit.name,
        signed_at=report.made_at.isoformat(),
        sha256=document.sha256,
    )


def file_name(report: Report, extension: str) -> str:
    """ "Rekapitulasi K7M2QD 2024-07-29 1530 Dinas Kesehatan.pdf", in the event's zone."""
    made = report.made_at.astimezone(report.event.zone)
    kind, unit = report.get_kind_display(), filenames.safe(report.unit.name)
    return f"{kind} {report.event.code} {made:%Y-%m-%d %H%M} {unit}{extension}"


def export_sheets(report: Report, *, by: Actor) -> bytes:
    """A recap as XLSX, out of the same statement as the PDF."""
    events.require_kept(report.event)
    audit.record(by=by, action="export.report", target=report, event=report.event, form="xlsx")
    return recap_sheets.as_xlsx(Reported.of(report.statement))
