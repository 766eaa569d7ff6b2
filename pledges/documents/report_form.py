"""The pages of reports: recap, minutes, report on plausibility.

Everything on them comes from the report's statement.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from pledges import spelled
from pledges.documents import page
from pledges.documents.reported import Reported, UnitLine, Unsigned
from pledges.models import Report, SealCertificate

# Each with its style sheet.
_TEMPLATES = {
    Report.Kind.RECAP: "recap",
    Report.Kind.MINUTES: "minutes",
    Report.Kind.PLAUSIBILITY: "plausibility",
}


def lay_out(told: Reported, *, certificate: SealCertificate, watermark: str) -> bytes:
    # See there: costly to import, and not every page of the web prints.
    from pledges.documents import typesetting

    name = _TEMPLATES[told.kind]
    with translation.override("id"):
        notes = _notes(told, certificate)
        context = {
            # What the base page calls its text: a title, a letterhead, an event.
            "pact": told,
            "told": told,
            "data": told.data,
            "url": told.url,
            "watermark": watermark,
            "event_date": page.day(told.event.day),
            "made": page.time(told.event, told.made_at),
            "scope": " › ".join(told.unit),
            "notes": notes,
            "are_long": page.are_long([watermark, *notes]),
        }
        html = render_to_string(f"pdf/{name}.html", context | _CONTEXTS[told.kind](told))
    return typesetting.write_pdf(
        html,
        stylesheet=f"pdf/{name}.css",
        images=page.images(told.letterhead, url=told.url, watermark=watermark),
        identifier=page.identifier(told.verification_code),
        is_numbered=True,
    )


def _notes(told: Reported, certificate: SealCertificate) -> list[str]:
    maker = f" oleh {told.made_by}" if told.made_by else ""
    made = f"Dibuat{maker} pada {page.time(told.event, told.made_at)} menurut catatan Pakta."
    digest = f"Sidik isi {told.digest[:8]}; SHA-256 lengkap: {told.digest}"
    return [made, page.how_sealed(certificate), digest]


# So many lines are some fifty pages, and many seconds of a worker: what is longer is no paper.
MAX_LINES = 1000


def _recap(told: Reported) -> dict[str, Any]:
    units = _printed_units(told.units)
    names = told.unsigned if len(told.unsigned) <= MAX_LINES else []
    return {
        "totals": told.totals,
        "units": units,
        "unprinted_units": len(told.units) - len(units),
        "groups": [_Group(unit, list(people)) for unit, people in groupby(names, _unit_of)],
        "unprinted_names": len(told.unsigned) - len(names),
        "state": _state(told),
    }


def _printed_units(units: list[UnitLine]) -> list[UnitLine]:
    """All of them, or those of the upper levels, each of which counts what is below it."""
    depth = max((unit.depth for unit in units), default=0)
    while len(units) > MAX_LINES and depth > 0:
        depth -= 1
        units = [unit for unit in units if unit.depth <= depth]
    return units


@dataclass(frozen=True, slots=True)
class _Group:
    """Those of one unit who have not signed."""

    unit: str
    people: list[Unsigned]


def _unit_of(person: Unsigned) -> str:
    return person.unit


def _state(told: Reported) -> str:
    closed_at = _told_time(told, "closed_at")
    if closed_at:
        return f"Penandatanganan ditutup {closed_at}."
    return f"Penandatanganan masih dibuka; batas waktunya {_told_time(told, 'deadline')}."


def _told_time(told: Reported, name: str) -> str:
    moment = told.data["event"][name]
    return _time(told, datetime.datetime.fromisoformat(moment)) if moment else ""


def _time(told: Reported, moment: datetime.datetime) -> str:
    """Without seconds, which only signatures need."""
    local = moment.astimezone(told.event.zone)
    return f"{page.day(local)} pukul {local:%H.%M} {told.event.zone_name}"


# Where somebody writes by hand.
_DOTS = "." * 44


def _minutes(told: Reported) -> dict[str, Any]:
    assert told.totals is not None  # noqa: S101 (minutes have them)
    head, *witnesses = told.data["signers"]
    first, last = told.moment("first_signed_at"), told.moment("last_signed_at")
    declaration: Mapping[str, Any] | None = told.data["declaration"]
    return {
        "totals": told.totals,
        "spelled_date": spelled.date(told.event.day),
        "spelled_total": spelled.number(told.totals.total),
        "spelled_signed": spelled.number(told.totals.signed),
        "published": _told_time(told, "published_at"),
        "closed": _told_time(told, "closed_at"),
        "deadline": _told_time(told, "deadline"),
        "first": _time(told, first) if first else "",
        "last": _time(told, last) if last else "",
        "texts": [text["title"] for text in told.data["pacts"]],
        "declaration": declaration,
        "dots": _DOTS,
        "head": head,
        "witnesses": witnesses,
        "place_and_date": page.place_and_date(told.event, told.made_at),
    }


def _plausibility(told: Reported) -> dict[str, Any]:
    whole = told.data["shares"]["whole"]
    return {
        "pact": _with_short_heading(told),
        "scope": _cut(" › ".join(told.unit), 90),
        "signals": list(_signals(told)),
        "whole": _Share(told.unit_name, **whole),
        "shares": [
            _Share(**row | {"name": _cut(row["name"], 48)}) for row in told.data["shares"]["units"]
        ],
        "other_shares": told.data["shares"]["other_units"],
        "state": _state(told),
    }


def _with_short_heading(told: Reported) -> Reported:
    """It has one page, however long the names of agency, event and place are."""
    event, letterhead = told.event, told.letterhead
    return replace(
        told,
        event=replace(event, title=_cut(event.title, 120), venue=_cut(event.venue, 60)),
        letterhead=replace(
            letterhead,
            agency=_cut(letterhead.agency, 50),
            address=_cut(letterhead.address, 90),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Share:
    name: str
    signed: int
    desk: int
    paper: int

    @property
    def desk_percent(self) -> float:
        return self._percent(self.desk)

    @property
    def paper_percent(self) -> float:
        return self._percent(self.paper)

    def _percent(self, part: int) -> float:
        return part * 1000 // self.signed / 10 if self.signed else 0.0


@dataclass(frozen=True, slots=True)
class _Signal:
    """What was looked for, how often it was found and where, and what else it may be."""

    title: str
    found: str
    units: str
    context: str


def _signals(told: Reported) -> Iterator[_Signal]:
    data = told.data
    disputes, alerts = data["disputes"], data["alerts"]
    yield _Signal(
        "Laporan “Bukan saya”",
        _or_none(disputes["reports"], "laporan")
        + (f", {disputes['voided']} tanda tangannya dibatalkan" if disputes["voided"] else ""),
        _units(disputes),
        "Pelapor dapat lupa sudah menandatangani, atau salah menekan tautan pada surelnya.",
    )
    yield _Signal(
        "Satu perangkat untuk lebih dari tiga orang",
        _grouped(told, data["devices"], "perangkat"),
        _units(data["devices"]),
        "Satu ponsel atau komputer kantor dapat dipakai bergantian. Meja petugas tidak dihitung.",
    )
    yield _Signal(
        "Gambar tanda tangan yang persis sama",
        _grouped(told, data["marks"], "gambar"),
        _units(data["marks"]),
        "Dua orang dapat sama-sama menarik satu garis lurus. Nama yang diketik tidak dibandingkan.",
    )
    yield _Signal(
        "Sepuluh orang satu unit dalam sepuluh menit, pukul 21.00–05.00",
        _grouped(told, data["bursts"], "rangkaian"),
        _units(data["bursts"]),
        "Regu jaga malam, rumah sakit, mengejar batas waktu, atau kiriman yang tertunda jaringan.",
    )
    yield _Signal(
        "Kode salah pada banyak nomor, di seluruh acara",
        f"{alerts['times']} kali, terbanyak {alerts['numbers']} nomor" if alerts["times"] else "–",
        "",
        "NIP salah ketik berulang, atau slip yang tertukar. Kode tidak tertebak dengan mencoba.",
    )


def _or_none(count: int, what: str) -> str:
    return f"{count} {what}" if count else "–"


def _grouped(told: Reported, found: Mapping[str, Any], what: str) -> str:
    if not found["groups"]:
        return "–"
    largest = found["largest"]
    first = _time(told, datetime.datetime.fromisoformat(largest["first"]))
    return (
        f"{found['groups']} {what}, {found['people']} orang; terbanyak {largest['people']} orang, "
        f"mulai {first}, dalam {max(1, largest['minutes'])} menit"
    )


def _units(found: Mapping[str, Any]) -> str:
    """ "SDN 1 Contoh (4), Puskesmas Contoh (2), dan 3 unit lain"."""
    named = [f"{_cut(unit['name'])} ({unit['people']})" for unit in found["units"]]
    others = [f"dan {found['other_units']} unit lain"] if found["other_units"] else []
    return ", ".join(named + others)


def _cut(name: str, longest: int = 34) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"


_CONTEXTS = {
    Report.Kind.RECAP: _recap,
    Report.Kind.MINUTES: _minutes,
    Report.Kind.PLAUSIBILITY: _plausibility,
}
