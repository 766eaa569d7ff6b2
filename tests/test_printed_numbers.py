"""Every number on paper against the rows it tells of, counted again person by person.

A random roster in a tree of units goes through the real signing, sealing, reporting and
printing; what is true of it is worked out here in plain Python from the tables' rows.
"""

from __future__ import annotations

import datetime
import hashlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from pledges import (
    audit,
    books,
    events,
    fairness,
    guesses,
    identity,
    marks,
    reports,
    signing,
    spelled,
)
from pledges.documents import press
from pledges.documents.issue import issue
from pledges.documents.reported import Reported
from pledges.exports import Whose
from pledges.marks import Mark
from pledges.models import (
    Agency,
    Desk,
    Dispute,
    Event,
    Excuse,
    Kind,
    Part,
    Refusal,
    Report,
    Scan,
    Signatory,
    Signature,
)
from pledges.paper import scans
from pledges.signing import Delivery
from tests import cast, rosters
from tests.cast import City
from tests.pdfs import agency_sealer, in_order, lines, page_count, stored, words
from tests.photographs import jpeg
from tests.test_downloads import taken

PEOPLE = 60
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
    "Oktober", "November", "Desember",
)  # fmt: skip


# A random roster


class Roster:
    """Some sixty people and what became of each: all of it by the domain's own calls, at
    moments of the last days before and after a deadline that is over."""

    def __init__(self, city: City, admin: User, seed: int) -> None:
        self.rng = random.Random(seed)
        self.admin = admin
        more = [cast.make_agency(f"SDN {n} Contoh", above=city.education) for n in range(2, 6)]
        self.units = [city.agency, city.education, city.school, city.health, city.clinic, *more]
        self.night_shift = city.clinic
        self.event = cast.make_open(city)
        midnight = timezone.now().astimezone(self.event.zone).replace(hour=0, minute=0, second=0)
        self.deadline = midnight - datetime.timedelta(days=4)
        Event.objects.filter(pk=self.event.pk).update(deadline=self.deadline)
        self.desk = Desk.objects.create(
            event=self.event, unit=city.agency, officer=admin, pin=make_password("1")
        )
        people = [self.person(number) for number in range(1, PEOPLE + 1)]
        for person in people:
            self.fate(person)
        self.burst()
        self.voided_at_both_ends()
        self.disputes()
        for numbers in (17, 31):
            audit.record(
                by=None, action=guesses.ACTION, target=self.event, event=self.event,
                same_code=9, numbers=numbers, signed=0,
            )  # fmt: skip
        self.event.refresh_from_db()

    def person(self, number: int, unit: Agency | None = None, **fields: Any) -> Signatory:
        return cast.make_person(
            self.event, unit=unit or self.rng.choice(self.units), name=f"Orang {number}",
            nip=f"19800101200501{number:04}", position="Staf", **fields,
        )  # fmt: skip

    def fate(self, person: Signatory) -> None:
        if self.rng.random() < 0.05:
            Signatory.objects.filter(pk=person.pk).update(
                kind=Kind.OUTSIDE, part=Part.WITNESS, nip=None
            )
            return
        if self.rng.random() < 0.2:
            Signatory.objects.filter(pk=person.pk).update(wave=2)
        elif self.rng.random() < 0.6:
            self.signs(person)
        if self.rng.random() < 0.3:
            Excuse.objects.create(
                signatory=person, code=self.rng.choice(Excuse.Code.values), note="catatan",
                lifted_at=timezone.now() if self.rng.random() < 0.3 else None,
            )  # fmt: skip
        if self.rng.random() < 0.2:
            taken_back = timezone.now() if self.rng.random() < 0.3 else None
            Refusal.objects.create(signatory=person, taken_back_at=taken_back)
        if self.rng.random() < 0.08:
            Signatory.objects.filter(pk=person.pk).update(withdrawn_at=timezone.now())

    def signs(self, person: Signatory) -> None:
        hours = datetime.timedelta(hours=self.rng.uniform(-72, 40))
        with at(self.deadline + hours):
            signature = self.way(person)
        if self.rng.random() < 0.2:
            with at(self.deadline + hours + datetime.timedelta(hours=1)):
                signing.void(signature, reason="Salah orang", by=None)
            if self.rng.random() < 0.5:
                with at(self.deadline + hours + datetime.timedelta(hours=2)):
                    self.way(self.event.signatories.get(pk=person.pk))

    def way(self, person: Signatory) -> Signature:
        way = self.rng.random()
        if way < 0.15:
            return self.on_paper(person)
        desk = self.desk if way < 0.35 else None
        ticket = (
            identity.issue(person, method=identity.DESK, detail="Petugas", desk=desk.pk)
            if desk
            else cast.ticket_of(person)
        )
        device = self.rng.choice(["ponsel 1", "ponsel 2", "ponsel 3", f"milik {person.pk}"])
        alike = self.rng.choice([1, 2, person.number])
        mark = self.rng.choice([marks.drawn(f"M{alike} 0L900 300"), marks.typed("Nama")])
        return signing.sign(
            ticket, mark=mark, consents=range(1, 41), delivery=Delivery(device=device)
        )

    def on_paper(self, person: Signatory) -> Signature:
        shade = self.rng.randrange(256)
        content = jpeg(Image.new("RGB", (300, 424), (shade, person.number, 99)))
        name = default_storage.save(f"scans/{person.pk}.jpg", ContentFile(content))
        digest = hashlib.sha256(content).hexdigest()
        scan = Scan.objects.create(
            event=self.event, filename="lembar.jpg", source=digest, sha256=digest, file=name,
            state=Scan.State.TRAY, problem=Scan.Problem.UNREADABLE,
        )  # fmt: skip
        return scans.file_chosen(scan, person, by=self.admin)

    def burst(self) -> None:
        """A shift of the clinic comes at half past ten, one after the other."""
        start = self.deadline - datetime.timedelta(hours=25, minutes=30)
        for number in range(10):
            person = self.person(PEOPLE + 1 + number, self.night_shift)
            with at(start + datetime.timedelta(seconds=40 * number)):
                signing.sign(
                    cast.ticket_of(person),
                    mark=marks.drawn(f"M{person.number} 9L900 300"),
                    consents=range(1, 41),
                )

    def voided_at_both_ends(self) -> None:
        """The first signature of all and the last, neither of which stands."""
        for number, hours in ((PEOPLE + 21, -80), (PEOPLE + 22, 44)):
            with at(self.deadline + datetime.timedelta(hours=hours)):
                signature = self.way(self.person(number))
                signing.void(signature, reason="Salah orang", by=None)

    def disputes(self) -> None:
        signed = list(Signature.objects.filter(signatory__event=self.event).order_by("pk"))
        for signature in self.rng.sample(signed, 6):
            Dispute.objects.create(signature=signature, message="Bukan saya")


def at(moment: datetime.datetime) -> mock._patch[mock.Mock]:
    return mock.patch.object(timezone, "now", return_value=moment)


# What is true


def rows(event: Event) -> list[Signature]:
    """Every signature that was ever given, void or not, as it came."""
    found = Signature.objects.filter(signatory__event=event)
    return list(found.select_related("signatory__unit", "pact").order_by("signed_at", "pk"))


def stand(signatures: Iterable[Signature]) -> list[Signature]:
    return [each for each in signatures if each.voided_at is None]


def counted(event: Event) -> list[Signature]:
    """Those of people whom a report counts."""
    owing = {person.pk for person in rosters.people(event, event.agency)}
    return [each for each in stand(rows(event)) if each.signatory_id in owing]


def percent(part: int, whole: int) -> str:
    return f"{part * 1000 // whole / 10:.1f}".replace(".", ",")


def moment(when: datetime.datetime, event: Event) -> str:
    local = when.astimezone(event.zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year} pukul {local:%H.%M} WIB"


def shared(
    signatures: Iterable[Signature], key: Callable[[Signature], str], *, more_than: int
) -> list[list[Signature]]:
    groups = defaultdict(list)
    for signature in signatures:
        groups[key(signature)].append(signature)
    return [group for group in groups.values() if people(group) > more_than]


def people(signatures: Iterable[Signature]) -> int:
    return len({signature.signatory_id for signature in signatures})


def bursts(event: Event) -> Iterator[list[Signature]]:
    """Of each unit: whoever is, at night, one of ten within ten minutes, and belongs together."""
    by_unit = defaultdict(list)
    for signature in rows(event):
        hour = signature.signed_at.astimezone(event.zone).hour
        if hour >= 21 or hour < 5:
            by_unit[signature.signatory.unit_id].append(signature)
    for night in by_unit.values():
        together: list[int] = []
        for first in range(len(night) - 9):
            if night[first + 9].signed_at - night[first].signed_at > datetime.timedelta(minutes=10):
                continue
            if together and first > together[-1]:
                yield [night[index] for index in together]
                together = []
            together = sorted({*together, *range(first, first + 10)})
        if together:
            yield [night[index] for index in together]


def where(signatures: Iterable[Signature]) -> str:
    """ "SDN 1 Contoh (4), Puskesmas Contoh (2), dan 3 unit lain"."""
    of_people = {each.signatory_id: each.signatory.unit.name for each in signatures}
    ranked = sorted(Counter(of_people.values()).items(), key=lambda each: (-each[1], each[0]))
    told = [f"{name} ({count})" for name, count in ranked[:3]]
    return ", ".join(told + ([f"dan {len(ranked) - 3} unit lain"] if len(ranked) > 3 else []))


# What is printed


def printed(event: Event, kind: Report.Kind, *, reveals_refusals: bool) -> bytes:
    report = reports.make(
        event, kind=kind, unit=event.agency, by=None, reveals_refusals=reveals_refusals
    )
    return press.press_report(Reported.of(report.statement), sealer=agency_sealer())


def assert_totals(text: str, truth: Counter[str]) -> None:
    asked = truth["total"] - truth["excused"]
    of_asked = " dari yang tidak berhalangan" if truth["excused"] else ""
    expected = [
        f"Dalam daftar {truth['total']} orang",
        f"Sudah menandatangani {truth['signed']} orang "
        f"({percent(truth['signed'], asked)} %{of_asked})",
        f"di antaranya terlambat {truth['late']} orang",
        f"di antaranya dengan tanda tangan basah {truth['paper']} orang",
        *([f"Menyatakan tidak bersedia {truth['declined']} orang"] if truth["declined"] else []),
        f"Berhalangan {truth['excused']} orang",
        *([f"Menunggu gelombang {truth['waiting']} orang"] if truth["waiting"] else []),
        f"Belum menandatangani {truth['missing']} orang",
    ]
    assert " ".join(expected) in text


def assert_recap(event: Event, units: Sequence[Agency], *, reveals_refusals: bool) -> None:
    text = lines(printed(event, Report.Kind.RECAP, reveals_refusals=reveals_refusals))
    truth = {
        unit: rosters.truth(event, unit, reveals_refusals=reveals_refusals)
        for unit in sorted(units, key=lambda unit: unit.path)
    }
    assert_totals(text, truth[event.agency])
    names = ["signed", "late", "paper", "declined", "excused", "waiting", "missing"]
    if not reveals_refusals:
        names.remove("declined")
    table = [
        " ".join([
            unit.name, str(counts["total"]), *(str(counts[name]) for name in names),
            percent(counts["signed"], counts["total"] - counts["excused"])
            if counts["total"] - counts["excused"] else "100,0",
        ])
        for unit, counts in truth.items()
        if counts["total"]
    ]  # fmt: skip
    [found] = re.findall(rf"%? ({re.escape(table[0])} .*?) Setiap unit menghitung", text)
    assert found == " ".join(table)
    assert_unsigned(text, event, reveals_refusals=reveals_refusals)


def assert_unsigned(text: str, event: Event, *, reveals_refusals: bool) -> None:
    """The list of names, unit by unit, with the count of each and why."""
    expected = defaultdict(list)
    for person in sorted(
        rosters.people(event, event.agency), key=lambda each: (each.unit.path, each.number)
    ):
        status, _ = rosters.standing(event, person, reveals_refusals=reveals_refusals)
        if status != "signed":
            expected[person.unit].append((person.name, why(person, status)))
    headings = re.findall(r"(\S+) · (\d+) orang", text)
    assert headings == [(unit.name.split()[-1], str(len(each))) for unit, each in expected.items()]
    in_units = re.split(r"\S+ · \d+ orang", text)[1:]
    for section, listed in zip(in_units, expected.values(), strict=True):
        found = re.findall(r"(\d+) (Orang \d+|\S+[^•\d]*?) \d{4}•+\d+ (?:Staf )?", section)
        assert [number for number, _ in found] == [str(n) for n in range(1, len(listed) + 1)]
        for name, reason in listed:
            assert name in section
            assert reason in section


def why(person: Signatory, status: str) -> str:
    if status == "excused":
        [excuse] = [each for each in person.excuses.all() if each.lifted_at is None]
        return Excuse.Code(excuse.code).label
    return {
        "declined": "Tidak bersedia",
        "waiting": "Menunggu gelombang",
        "missing": "Belum menandatangani",
    }[status]


def assert_minutes(event: Event) -> None:
    pdf = printed(event, Report.Kind.MINUTES, reveals_refusals=True)
    truth = rosters.truth(event, event.agency, reveals_refusals=True)
    first, *_, last = counted(event)
    text = words(pdf)
    assert_totals(lines(pdf), truth)
    assert (
        f"dari {truth['total']} ({spelled.number(truth['total'])}) orang dalam daftar, "
        f"{truth['signed']} ({spelled.number(truth['signed'])}) orang sudah menandatangani"
    ) in text
    assert (
        f"Tanda tangan pertama diterima {moment(first.signed_at, event)} dan yang terakhir "
        f"{moment(last.signed_at, event)}"
    ) in text


def assert_plausibility(event: Event) -> None:
    pdf = printed(event, Report.Kind.PLAUSIBILITY, reveals_refusals=True)
    text = in_order(pdf)
    given = rows(event)
    assert_disputes(text, event)
    assert_groups(
        text,
        "perangkat",
        shared([each for each in given if each.device and not each.desk_id], device, more_than=3),
        event,
    )
    drawings = [each for each in given if each.mark.startswith(Mark.DRAWN)]
    assert_groups(text, "gambar", shared(drawings, mark, more_than=1), event)
    assert_groups(text, "rangkaian", list(bursts(event)), event)
    assert "2 kali, terbanyak 31 nomor" in text
    assert_shares(lines(pdf), event)


def device(signature: Signature) -> str:
    return str(signature.device)


def mark(signature: Signature) -> str:
    return str(signature.mark)


def assert_disputes(text: str, event: Event) -> None:
    reported = [d.signature for d in Dispute.objects.filter(signature__signatory__event=event)]
    voided = sum(signature.voided_at is not None for signature in reported)
    told = f"{len(reported)} laporan" + (f", {voided} tanda tangannya dibatalkan" * bool(voided))
    assert f"{told} {where(reported)}" in text


def assert_groups(text: str, what: str, groups: list[list[Signature]], event: Event) -> None:
    most = max(map(people, groups))
    told = f"{len(groups)} {what}, {sum(map(people, groups))} orang; terbanyak {most} orang, mulai "
    # Where several are as large, any of them may be told of.
    assert any(
        told
        + f"{moment(group[0].signed_at, event)}, dalam "
        + f"{max(1, (group[-1].signed_at - group[0].signed_at) // datetime.timedelta(minutes=1))} "
        + f"menit {where(signature for group in groups for signature in group)}"
        in text
        for group in groups
        if people(group) == most
    ), (told, text)


def assert_shares(text: str, event: Event) -> None:
    shares: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for signature in counted(event):
        for name in ("Semua unit", signature.signatory.unit.name):
            shares[name]["signed"] += 1
            shares[name][signature.method] += 1
    whole = shares.pop("Semua unit")
    others = [(name, each) for name, each in shares.items() if each["desk"] or each["paper"]]
    others.sort(key=lambda row: (-row[1]["desk"] - row[1]["paper"], row[1]["signed"], row[0]))
    table = [
        f"{name} {each['signed']} {each['desk']} {percent(each['desk'], each['signed'])} "
        f"{each['paper']} {percent(each['paper'], each['signed'])}"
        for name, each in [("Semua unit", whole), *others[:6]]
    ]
    if len(others) > 6:
        table.append(f"dan {len(others) - 6} unit lain")
    assert " ".join(table) in text


def assert_book(event: Event, sealer) -> None:
    """Of what is sealed: on the cover, in the table of contents, and page by page."""
    bound = []
    for signature in stand(rows(event)):
        if signature.signatory.number % 10:  # some wait for their seal
            bound.append((signature, page_count(stored(issue(signature, sealer=sealer)))))
    bound.sort(key=lambda each: (each[0].signatory.unit.path, each[0].signatory.number))
    export = books.ask(
        event, unit=event.agency, whose=Whose.EVERYBODY, by=cast.make_user("cetak@contoh.example")
    )
    books.make(export)
    export.refresh_from_db()
    book = taken(export)

    assert f"Isi {len(bound)} pakta" in lines(book)
    front = page_count(book) - sum(pages for _, pages in bound)
    contents = " ".join(lines(book, page=number) for number in range(2, front + 1))
    for number, (signature, _) in enumerate(bound, start=1):
        person, local = signature.signatory, signature.signed_at.astimezone(event.zone)
        day = f"{local.day} {MONTHS[local.month - 1]} {local.year}"
        shown = f"{number} {person.name} {person.nip} {person.unit.name} {day}"
        assert f"{shown} {signature.verification_code}" in contents
    assert contents.count("19800101200501") == len(bound)
    page = front + 1
    for number, (signature, pages) in enumerate(bound, start=1):
        assert f"No. {number} dalam buku" in words(book, page=page)
        assert signature.verification_code in words(book, page=page)
        page += pages
    assert page == page_count(book) + 1


@pytest.mark.parametrize("seed", [1, 2])
def test_every_number_printed_in_recap_minutes_book_and_plausibility_is_that_of_a_random_roster(
    city: City, admin: User, sealer, seed
):
    roster = Roster(city, admin, seed)
    event, units = roster.event, roster.units
    truth = rosters.truth(event, event.agency, reveals_refusals=True)
    kinds = ("signed", "late", "paper", "declined", "excused", "waiting", "missing")
    assert all(truth[kind] for kind in kinds), truth
    found = fairness.signals(event, event.signatories.all())
    assert found.devices
    assert found.marks
    assert found.bursts
    assert event.signatories.filter(kind=Kind.OUTSIDE).exists()
    assert event.signatories.filter(withdrawn_at__isnull=False).exists()

    assert_recap(event, units, reveals_refusals=True)
    assert_recap(event, units, reveals_refusals=False)
    assert_plausibility(event)
    assert_book(event, sealer)
    event = events.close(event, by=None)
    assert_recap(event, units, reveals_refusals=True)
    assert_minutes(event)
