"""Sound rows → people of an event, in one transaction: all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from pledges import audit, ceremony, events, keys, niks, waves
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.models import Agency, Event, Part, Signatory, Signature
from pledges.roster.rows import Row
from pledges.roster.words import fold

_BATCH = 1000
# What a roster may change of a person who has not signed yet; the unit comes on top.
_PERSON = ("kind", "name", "rank", "grade", "position", "echelon", "email", "phone")
_PART = ("part", "capacity", "sequence")
_FIELDS = (*_PERSON, *_PART, "given_wave")


class AlreadyEnrolled(Exception):
    """Somebody with this NIP or NIK is in the event already."""

    def __init__(self, person: Signatory) -> None:
        self.person = person
        if person.is_withdrawn:
            message = f"{person.name} sudah pernah dikeluarkan dari daftar; pulihkan di halamannya."
        else:
            message = f"NIP atau NIK ini sudah ada dalam daftar ({person.name})."
        super().__init__(message)


class AlreadySigned(Exception):
    """A person who has signed cannot be withdrawn."""


@dataclass(slots=True)
class Plan:
    """What enrolling would do. `signed` have signed and stay as they are, though the file
    differs; `withdrawn` were withdrawn by hand and stay so; `absent` are the people of the
    event who are not in the file, and they stay as well."""

    new: list[Row] = field(default_factory=list)
    changed: list[tuple[Signatory, Row]] = field(default_factory=list)
    unchanged: int = 0
    signed: list[Signatory] = field(default_factory=list)
    withdrawn: list[Signatory] = field(default_factory=list)
    absent: list[Signatory] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "signed": len(self.signed),
            "withdrawn": len(self.withdrawn),
            "absent": len(self.absent),
        }


def plan(event: Event, rows: Iterable[Row]) -> Plan:
    """Compare rows, each of another person, with the people already there. Changes nothing.

    Raises WrongNikKey: with another key nobody would be found by a NIK.
    """
    niks.require_key()
    people = {_key(p): p for p in event.signatories.owing().select_related("unit")}
    signatures = Signature.objects.live().filter(signatory__event=event)
    signed = set(signatures.values_list("signatory", flat=True))
    units = _Units(event.agency)
    result = Plan()
    for row in rows:
        person = people.pop(row_key(row), None)
        if person is None:
            result.new.append(row)
        elif person.is_withdrawn:
            result.withdrawn.append(person)
        elif not _differs(person, row, units):
            result.unchanged += 1
        elif person.pk in signed:
            result.signed.append(person)
        else:
            result.changed.append((person, row))
    result.absent = [person for person in people.values() if not person.is_withdrawn]
    return result


@transaction.atomic
def enrol(event: Event, rows: Sequence[Row], *, by: Actor) -> Plan:
    """Add the new, update those who have not signed, leave everybody else alone."""
    event = hold_unclosed(event)
    result = plan(event, rows)
    _require_parts_are_free(event, result)
    units = _Units(event.agency)
    _add(event, result.new, units)
    _change(event, result.changed, units)
    audit.record(by=by, action="roster.enrol", target=event, event=event, **result.counts)
    return result


def obstacle(event: Event, planned: Plan) -> str:
    """Why enrolling would be refused as a whole, for the admin; empty if it would not."""
    try:
        _require_parts_are_free(event, planned)
    except WrongState as error:
        return str(error)
    return ""


def _require_parts_are_free(event: Event, planned: Plan) -> None:
    changed = [(p, row) for p, row in planned.changed if _changes(p, row).intersection(_PART)]
    given = [row.part for row in planned.new if row.part] + [row.part for _, row in changed]
    if given:
        ceremony.require_incomplete(event)
    if "presiding" in given:
        presiding = next((p for p, row in changed if row.part == "presiding"), None)
        ceremony.require_presiding_is_free(event, but=presiding)


@transaction.atomic
def add_person(event: Event, row: Row, *, by: Actor) -> Signatory:
    """Enrol one more person, also after publication."""
    event = hold_unclosed(event)
    require_new_number(event, row)
    (person,) = _add(event, [row], _Units(event.agency))
    audit.record(by=by, action="roster.add", target=person, event=event)
    return person


@transaction.atomic
def withdraw(person: Signatory, *, by: Actor) -> None:
    """Take somebody off the roster who has not signed; undone by `restore`."""
    event = hold_unclosed(person.event)
    if person.signatures.live().exists():
        raise AlreadySigned(
            f"{person.name} sudah menandatangani, jadi tidak dapat dikeluarkan dari daftar."
        )
    person.withdrawn_at = timezone.now()
    person.save(update_fields=["withdrawn_at"])
    audit.record(by=by, action="roster.withdraw", target=person, event=event)


@transaction.atomic
def restore(person: Signatory, *, by: Actor) -> None:
    event = hold_unclosed(person.event)
    if person.part == Part.PRESIDING:
        ceremony.require_presiding_is_free(event, but=person)
    person.withdrawn_at = None
    person.save(update_fields=["withdrawn_at"])
    audit.record(by=by, action="roster.restore", target=person, event=event)


def require_new_number(event: Event, row: Row, *, but: Signatory | None = None) -> None:
    if not row.nip:
        niks.require_key()
    same = Q(nip=row.nip) if row.nip else Q(nik_hash=row_key(row))
    earlier = event.signatories.filter(same).first()
    if earlier and earlier != but:
        raise AlreadyEnrolled(earlier)


def hold_unclosed(event: Event) -> Event:
    """Lock the event, then the tree of its units: two events may share one tree."""
    event = events.hold(event, exclusive=True)
    if event.is_closed:
        raise WrongState("Acara sudah ditutup; daftarnya tidak dapat diubah lagi.")
    root = event.agency.path[: Agency.steplen]
    Agency.objects.select_for_update().get(path=root)
    return event


def numbers(row: Row) -> dict[str, str | None]:
    """A NIP as it is; a NIK encrypted, with the hash by which it is found."""
    nik = row.nik or None
    return {
        "nip": row.nip,
        "nik_cipher": nik and keys.encrypt_nik(nik),
        "nik_hash": nik and keys.nik_hash(nik),
    }


def row_key(row: Row) -> str:
    """NIP or lookup hash of the NIK: what makes a person one person in an event."""
    return row.nip or keys.nik_hash(row.nik or "")


def _key(person: Signatory) -> str:
    return person.nip or person.nik_hash or ""


def _given(row: Row) -> dict[str, str | int]:
    """What a row says. A file without a column, or an empty cell, takes nothing away, but who
    is named as a signer has no capacity and no place in an order."""
    values = {name: getattr(row, name) for name in _FIELDS}
    said = {name: value for name, value in values.items() if value}
    if row.part == "signer":
        said |= {"capacity": "", "sequence": 0}
    return said


def _changes(person: Signatory, row: Row) -> set[str]:
    return {name for name, value in _given(row).items() if getattr(person, name) != value}


def _differs(person: Signatory, row: Row, units: _Units) -> bool:
    return bool((row.unit and units.find(row.unit) != person.unit) or _changes(person, row))


def _apply(person: Signatory, row: Row, units: _Units) -> None:
    for name, value in _given(row).items():
        setattr(person, name, value)
    if row.unit or person.unit_id is None:
        person.unit = units.get(row.unit)


def _change(event: Event, changed: Sequence[tuple[Signatory, Row]], units: _Units) -> None:
    """Few of a file's people have a part or a wave of their own; each column costs time."""
    in_order = [p for p, row in changed if _changes(p, row).intersection((*_PART, "given_wave"))]
    for person, row in changed:
        _apply(person, row, units)
    people = [person for person, _ in changed]
    Signatory.objects.bulk_update(people, [*_PERSON, "unit"], batch_size=_BATCH)
    Signatory.objects.bulk_update(in_order, [*_PART, "given_wave"], batch_size=_BATCH)
    Signatory.objects.bulk_update(waves.assign(event, people), ["wave"], batch_size=_BATCH)


def _add(event: Event, rows: Sequence[Row], units: _Units) -> list[Signatory]:
    last = event.signatories.aggregate(last=Max("number"))["last"] or 0
    people = []
    for number, row in enumerate(rows, start=last + 1):
        person = Signatory(event=event, number=number, **numbers(row))
        _apply(person, row, units)
        people.append(person)
    waves.assign(event, people)
    return Signatory.objects.bulk_create(people, batch_size=_BATCH)


class _Units:
    """The work units below an agency by their folded paths; missing ones are made on demand."""

    def __init__(self, top: Agency) -> None:
        self._top = top
        self._known: dict[tuple[str, ...], Agency] = {(): top}
        names: dict[str, tuple[str, ...]] = {top.path: ()}
        for unit in Agency.objects.filter(path__startswith=top.path, depth__gt=top.depth):
            above = names[unit.path[: -Agency.steplen]]
            names[unit.path] = path = (*above, fold(unit.name))
            self._known.setdefault(path, unit)

    def find(self, path: Sequence[str]) -> Agency | None:
        return self._known.get(tuple(map(fold, path)))

    def get(self, path: Sequence[str]) -> Agency:
        known = self.find(path)
        if known is None:
            above = self.get(path[:-1])
            known = Agency.objects.add_child(
                above, {"name": path[-1], "timezone": self._top.timezone}
            )
            self._known[tuple(map(fold, path))] = known
        return known
