"""Who of a demo event has signed, and how: some units are done, some have not begun."""

from __future__ import annotations

import random
from collections.abc import Sequence

from pledges import identity, marks, pact, signing
from pledges.demo import handwriting
from pledges.marks import Mark
from pledges.models import Signatory

# Heads who have not signed, as at every event.
MISSING_HEADS = 5
_TYPED = 0.06


def sign_some(people: Sequence[Signatory], *, part: float, seed: str) -> None:
    """Let this part of the people sign, through their personal links. `people` are in the
    order of their roster, each unit's head first."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret is made of it
    for person in _signers(people, round(len(people) * part), rng):
        _, ticket = identity.by_link(identity.link_token(person))
        points = sum(len(pact.of(row).points) for row in pact.texts_of(person))
        signing.sign(ticket, mark=_mark(person, rng), consents=range(1, points + 1))


def _signers(people: Sequence[Signatory], count: int, rng: random.Random) -> list[Signatory]:
    heads: dict[int, Signatory] = {}
    for person in people:
        heads.setdefault(person.unit_id, person)
    units = list(heads)
    rng.shuffle(units)
    # Representatives sign in front of all, so their units are none of the slowest.
    units.sort(key=lambda unit: heads[unit].has_part)
    keenness = {
        person.pk: 0.75 * units.index(person.unit_id) / len(units) + 0.25 * rng.random()
        for person in people
    }
    # Heads go before their people, but for those of the slowest units.
    keenness |= {heads[unit].pk: 1.0 for unit in units[MISSING_HEADS:]}
    keenness |= {heads[unit].pk: -1.0 for unit in units[:MISSING_HEADS]}
    keenness |= {person.pk: 2.0 for person in people if person.has_part}
    return sorted(people, key=lambda person: keenness[person.pk], reverse=True)[:count]


def _mark(person: Signatory, rng: random.Random) -> Mark:
    if rng.random() < _TYPED:
        return marks.typed(person.name.partition(",")[0])
    return marks.drawn(handwriting.scribble(rng))
