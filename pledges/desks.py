"""The officer's desk: one device, handed from person to person.

An officer opens it for the people of a unit and attests each of them with a PIN that the
officer alone knows, so that whoever holds the device can sign for nobody else. Without a
network the device seals the attestation for this server; it arrives with the signature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from pledges import audit, envelopes, events, identity, keys, pact, signing, waves
from pledges.audit import Actor
from pledges.envelopes import BadEnvelope
from pledges.events import WrongState
from pledges.identity import BadTicket, NotIdentified, Ticket
from pledges.models import Agency, Audience, Desk, Event, Signatory, Way
from pledges.models.signatory import SignatoryQuerySet

PIN_DIGITS = 6
MAX_FAILURES = 5
# More names than these do not go onto a device that goes from hand to hand.
MOST_PEOPLE = 2000


class TooManyPeople(ValueError):
    def __init__(self, count: int) -> None:
        super().__init__(
            f"Unit ini mempunyai {count} orang yang belum menandatangani; satu meja melayani "
            f"paling banyak {MOST_PEOPLE}. Pilih unit di bawahnya."
        )


class DeskOver(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Meja ini sudah diakhiri. Petugas dapat membuka meja baru setelah masuk kembali."
        )


class WrongPin(NotIdentified):
    def __init__(self, left: int) -> None:
        super().__init__(f"PIN tidak cocok. Tersisa {left} percobaan sebelum meja terkunci.")


class DeskLocked(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            f"PIN salah {MAX_FAILURES} kali berturut-turut, jadi meja ini terkunci. "
            "Petugas perlu mengakhirinya dengan kata sandi, lalu membuka meja baru."
        )


class NotAtDesk(NotIdentified):
    """This person cannot be attested here, or not now."""


class AlreadySigned(NotAtDesk):
    def __init__(self, person: Signatory) -> None:
        super().__init__(f"{person.name} sudah menandatangani.")


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a device without a network was told, for the server to judge later.

    `desk` is the token of the page, `nonce` the device's own random number; texts,
    generation and voids are those of the list that the device had.
    """

    desk: str
    person: int
    pin: str
    digests: tuple[str, ...]
    generation: int
    voids: int
    nonce: str

    @classmethod
    def unseal(cls, envelope: str) -> Attestation:
        try:
            values = envelopes.open_envelope(envelope)
            return cls(
                desk=str(values["desk"]),
                person=_whole(values["person"]),
                pin=str(values["pin"]),
                digests=tuple(map(str, values["digests"])),
                generation=_whole(values["generation"]),
                voids=_whole(values["voids"]),
                nonce=str(values["nonce"]),
            )
        except (BadEnvelope, KeyError, TypeError) as error:
            raise BadTicket from error


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


@transaction.atomic
def start(event: Event, unit: Agency, *, pin: str, by: AbstractUser) -> Desk:
    """Open a desk for the people of a unit and all below it; `by` is its officer.

    Raises WrongState, or TooManyPeople.
    """
    event = events.hold(event)
    if not event.is_open:
        raise WrongState("Meja hanya dapat dibuka selama acaranya dibuka.")
    if not event.offers(Way.DESK):
        raise WrongState("Acara ini tidak memakai meja petugas.")
    desk = Desk.objects.create(event=event, unit=unit, officer_id=by.pk)
    if (count := people(desk).count()) > MOST_PEOPLE:
        raise TooManyPeople(count)
    desk.pin = _hashed(desk, pin)
    desk.save(update_fields=["pin"])
    audit.record(by=by, action="desk.start", target=desk, event=event, unit=unit.pk)
    return desk


def _hashed(desk: Desk, pin: str) -> str:
    """Keyed, because a PIN is short: who steals the database alone cannot try them all."""
    return keys.derived("desk-pin", desk.pk, pin, bits=160)


@transaction.atomic
def end(desk: Desk, *, by: Actor) -> None:
    """Signatures that wait on the device are still taken.

    For their sake wrong PINs are forgotten, which is safe: the officer gave a password.
    """
    desk = _lock(desk.pk)
    if desk.ended_at is None:
        desk.ended_at = timezone.now()
        audit.record(by=by, action="desk.end", target=desk, event=desk.event)
    desk.pin_failures = 0
    desk.save(update_fields=["ended_at", "pin_failures"])


def find(number: int) -> Desk | None:
    return _desks().filter(pk=number).first()


def token(desk: Desk) -> str:
    """Proves that an attestation comes from a device that this desk was opened on."""
    return f"{desk.pk}-{keys.derived('desk', desk.pk, bits=keys.SECRET_BITS)}"


def _desk_of(text: str) -> Desk:
    desk = find(keys.row_of(text))
    if desk is None or not keys.same(token(desk), text):
        raise BadTicket
    return desk


def people(desk: Desk) -> SignatoryQuerySet:
    """Who of the unit owes a pact and has not signed it, whether or not it is their turn."""
    return identity.people().filter(event=desk.event_id).in_unit(desk.unit).missing()


def texts(people: SignatoryQuerySet) -> dict[int, tuple[str, ...]]:
    """Primary key → digests of the texts each of them signs; () when there is none yet.

    Whoever has no part signs what everybody of the same audience does.
    """
    shared: dict[Audience, tuple[str, ...]] = {}
    found = {}
    for person in people:
        if person.has_part:
            found[person.pk] = _digests(person)
        else:
            if person.audience not in shared:
                shared[person.audience] = _digests(person)
            found[person.pk] = shared[person.audience]
    return found


def _digests(person: Signatory) -> tuple[str, ...]:
    try:
        return tuple(row.digest for row in signing.unsigned(person))
    except pact.NoPactForSignatory:
        return ()


def unlock(desk: Desk, *, pin: str) -> None:
    """Whether the officer is there. Raises WrongPin, DeskLocked or DeskOver."""
    if desk.ended_at is not None:
        raise DeskOver
    _require_pin(desk, pin)


def attest(desk: Desk, number: int, *, pin: str) -> tuple[Signatory, Ticket]:
    """The officer has checked this person's identity and hands the device over.

    Raises NotIdentified: for a wrong PIN, or for somebody who cannot sign here and now.
    """
    unlock(desk, pin=pin)
    person = _person(desk, number)
    _require_turn(person)
    audit.record(
        by=desk.officer, action="desk.attest", target=person, event=desk.event, desk=desk.pk
    )
    return person, _ticket(desk, person)


def ticket_for(envelope: str) -> Ticket:
    """The ticket of somebody who was attested while the network was away.

    An ended desk's are taken too; what has changed meanwhile is for `signing.sign` to see.
    """
    attestation = Attestation.unseal(envelope)
    desk = _desk_of(attestation.desk)
    _require_pin(desk, attestation.pin)
    person = _person(desk, attestation.person)
    return replace(
        _ticket(desk, person),
        digests=attestation.digests,
        generation=attestation.generation,
        voids=attestation.voids,
        nonce=_nonce(desk, person, attestation),
    )


def _nonce(desk: Desk, person: Signatory, attestation: Attestation) -> str:
    """Of this person alone, whatever number a device repeats."""
    parts = desk.pk, person.pk, attestation.nonce
    return keys.derived("desk-nonce", *parts, bits=keys.SECRET_BITS)


def _ticket(desk: Desk, person: Signatory) -> Ticket:
    detail = f"{identity.name_of(desk.officer)}, {desk.unit.name}"
    return identity.issue(person, method=identity.DESK, detail=detail, desk=desk.pk)


def _person(desk: Desk, number: int) -> Signatory:
    roster = identity.people().filter(event=desk.event_id).in_unit(desk.unit)
    person = roster.active().owing().filter(pk=number).first()
    if person is None:
        raise NotAtDesk("Orang ini tidak ada dalam daftar unit kerja meja ini.")
    return person


def _require_turn(person: Signatory) -> None:
    if not person.event.is_open:
        raise NotAtDesk("Penandatanganan acara ini sedang tidak dibuka.")
    if signing.signature_of(person) and not signing.unsigned(person):
        raise AlreadySigned(person)
    if not waves.is_turn_of(person):
        raise NotAtDesk(f"Giliran {person.name} adalah gelombang {person.wave}, belum dibuka.")


def _require_pin(desk: Desk, pin: str) -> None:
    failures = _count(desk.pk, pin)
    if failures >= MAX_FAILURES:
        raise DeskLocked
    if failures:
        raise WrongPin(MAX_FAILURES - failures)


@transaction.atomic
def _count(number: int, pin: str) -> int:
    """How many PINs in a row were wrong, this one included; it commits before anything is
    raised. A locked desk takes no more, not even the right one."""
    desk = _lock(number)
    if desk.pin_failures >= MAX_FAILURES:
        raise DeskLocked
    failures = 0 if keys.same(_hashed(desk, pin), desk.pin) else desk.pin_failures + 1
    if failures:
        audit.record(
            by=None, action="desk.wrong_pin", target=desk, event=desk.event, failures=failures
        )
    if failures != desk.pin_failures:
        desk.pin_failures = failures
        desk.save(update_fields=["pin_failures"])
    return failures


def _lock(number: int) -> Desk:
    return _desks().select_for_update(of=("self",)).get(pk=number)


def _desks() -> QuerySet[Desk]:
    return Desk.objects.select_related("event__agency", "unit", "officer")
