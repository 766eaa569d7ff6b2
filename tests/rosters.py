"""People of every status, and what is true of each, told without the code that is tested."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from django.utils import timezone

from pledges.models import Agency, Event, Excuse, Kind, Refusal, Signatory, Signature
from pledges.models.signatory import new_verification_code


def sign(person: Signatory, *, method: str = "personal_link", is_late: bool = False) -> Signature:
    """A signature as it stands in the table, whatever the event's state is."""
    pact = person.event.pacts.get(kind="individual")
    return Signature.objects.create(
        signatory=person, pact=pact, nonce=new_verification_code(), mark="typed:x",
        mark_digest="0" * 64, method=method, statement="{}", signed_at=timezone.now(),
        is_late=is_late,
    )  # fmt: skip


def crowd(event: Event, units: list[Agency], *, count: int, seed: int) -> None:
    """So many people of random statuses in these units, among them those nobody counts."""
    rng = random.Random(seed)
    start = event.signatories.count()
    for number in range(start + 1, start + count + 1):
        outside = rng.random() < 0.05
        person = Signatory.objects.create(
            event=event, unit=rng.choice(units), number=number, name=f"Orang {number}",
            nip=None if outside else f"19800101200501{number:04}",
            kind=Kind.OUTSIDE if outside else Kind.PNS,
            part="witness" if outside else "signer",
            wave=rng.choice([1, 1, 2]),
            withdrawn_at=timezone.now() if rng.random() < 0.05 else None,
        )  # fmt: skip
        if outside:
            continue
        if rng.random() < 0.4:
            signature = sign(
                person,
                method=rng.choice(["personal_link", "desk", "paper"]),
                is_late=rng.random() < 0.3,
            )
            if rng.random() < 0.2:
                signature.voided_at, signature.void_reason = timezone.now(), "Salah orang"
                signature.save()
        if rng.random() < 0.3:
            lifted = timezone.now() if rng.random() < 0.3 else None
            code = rng.choice(Excuse.Code.values)
            Excuse.objects.create(signatory=person, code=code, note="catatan", lifted_at=lifted)
        if rng.random() < 0.2:
            taken_back = timezone.now() if rng.random() < 0.3 else None
            Refusal.objects.create(signatory=person, taken_back_at=taken_back)


def truth(event: Event, unit: Agency, *, reveals_refusals: bool) -> Counter[str]:
    """What a recap of a unit has to count, person by person."""
    event.refresh_from_db()
    counts: Counter[str] = Counter()
    for person in people(event, unit):
        counts["total"] += 1
        status, signature = standing(event, person, reveals_refusals=reveals_refusals)
        counts[status] += 1
        if signature:
            counts["late"] += signature.is_late
            counts["paper"] += signature.method == "paper"
    return counts


def people(event: Event, unit: Agency) -> Iterator[Signatory]:
    """Those of the unit and all below it who owe a pact."""
    for person in event.signatories.select_related("unit"):
        is_below = person.unit.path.startswith(unit.path)
        if is_below and person.kind != Kind.OUTSIDE and person.withdrawn_at is None:
            yield person


def standing(
    event: Event, person: Signatory, *, reveals_refusals: bool
) -> tuple[str, Signature | None]:
    for signature in person.signatures.select_related("pact"):
        if signature.voided_at is None and signature.pact.kind == "individual":
            return "signed", signature
    if reveals_refusals and any(r.taken_back_at is None for r in person.refusals.all()):
        return "declined", None
    if any(excuse.lifted_at is None for excuse in person.excuses.all()):
        return "excused", None
    if event.state == "open" and person.wave > event.open_wave:
        return "waiting", None
    return "missing", None
