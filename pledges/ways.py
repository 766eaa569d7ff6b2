"""By which ways an event's people prove who they are. The ways themselves are in `identity`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Lower

from pledges import audit, events
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.models import Agency, Event, LoginProvider, Way


class Closed(WrongState):
    def __init__(self) -> None:
        super().__init__("Acara sudah ditutup, jadi cara membuktikan diri tidak dapat diubah lagi.")


class NoWay(Exception):
    def __init__(self) -> None:
        super().__init__("Pilih paling sedikit satu cara; tanpa itu tidak ada yang dapat masuk.")


class NoProvider(Exception):
    def __init__(self) -> None:
        super().__init__(
            "Instansi ini belum mempunyai penyedia login. Minta pengelola server mendaftarkannya."
        )


@transaction.atomic
def choose(event: Event, *, ways: Collection[str], allows_refusal: bool, by: Actor) -> Event:
    """Until the event is closed. A ticket that was given out by another way still signs."""
    event = events.hold(event, exclusive=True)
    if event.is_closed:
        raise Closed
    if not ways:
        raise NoWay
    if Way.LOGIN in ways and provider_of(event) is None:
        raise NoProvider
    event.ways = [way for way in Way.values if way in ways]
    event.allows_refusal = allows_refusal
    event.save(update_fields=["ways", "allows_refusal"])
    audit.record(
        by=by, action="event.ways", target=event, event=event,
        ways=event.ways, allows_refusal=allows_refusal,
    )  # fmt: skip
    return event


def provider_of(event: Event) -> LoginProvider | None:
    """The login of the event's agency, or else of the nearest one above it."""
    path = event.agency.path
    ends = range(Agency.steplen, len(path) + 1, Agency.steplen)
    return (
        LoginProvider.objects.filter(agency__path__in=[path[:end] for end in ends])
        .select_related("app")
        .order_by("-agency__depth")
        .first()
    )


def offered(event: Event) -> list[Way]:
    """Those that serve somebody, the usual one first; a login needs its provider."""
    ways = [way for way in Way if event.offers(way)]
    if Way.LOGIN in ways and provider_of(event) is None:
        ways.remove(Way.LOGIN)
    return ways


@dataclass(frozen=True, slots=True)
class Reach:
    """How many an event's e-mail codes can reach."""

    people: int
    with_email: int
    # Whoever opens a mailbox that several people share can come in as each of them.
    sharing: int


def reach(event: Event) -> Reach:
    people = event.signatories.active().owing()
    addresses = people.exclude(email="").values_list(Lower("email"), flat=True)
    times = Counter(addresses)
    return Reach(
        people=people.count(),
        with_email=times.total(),
        sharing=sum(count for count in times.values() if count > 1),
    )


def left_out(event: Event) -> int:
    """How many cannot come in: those without an address where a code by e-mail is all there is."""
    if set(event.ways) != {Way.EMAIL}:
        return 0
    found = reach(event)
    return found.people - found.with_email
