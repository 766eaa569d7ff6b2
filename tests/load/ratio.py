"""Signing beside the least that a view can do: the same server, database, client and minute."""

from __future__ import annotations

import statistics
from typing import Any

from tests.load.installation import Installation

ROUNDS = 10
# Of either kind, before anything counts.
WARM = 100
# For each signature; both kinds of round take about as long.
LEAST = 3


def measure(place: Installation, *, event: int, signatures: int) -> dict[str, Any]:
    """In turn, so that what else the machine does hits both."""
    letters = place.ask("letters", event=event, people=signatures + WARM)
    people, posts = list(letters), list(letters.values())
    place.burst("/least", posts[:WARM])
    place.burst("/kirim", posts[:WARM])
    each = max(1, signatures // ROUNDS)
    least, signing = [], []
    for first in range(WARM, len(posts), each):
        part = posts[first : first + each]
        least.append(place.burst("/least", part * LEAST))
        signing.append(place.burst("/kirim", part))
    found = place.ask("signed", people=people[WARM:])
    sign_rps = found / _seconds(signing)
    insert_view_rps = sum(len(burst["times"]) for burst in least) / _seconds(least)
    times = [spent for burst in signing for spent in burst["times"]]
    return {
        "sign_signatures": found,
        "sign_missing": len(posts) - WARM - found,
        "sign_rps": round(sign_rps, 1),
        "sign_p99_ms": round(statistics.quantiles(times, n=100)[98] * 1000),
        "insert_view_rps": round(insert_view_rps, 1),
        "sign_ratio": round(sign_rps / insert_view_rps, 3),
        # Of one core, at its busiest; near 1 the client itself would be measured.
        "client_cpu": round(max(burst["cpu"] for burst in [*least, *signing]), 2),
    }


def _seconds(bursts: list[dict[str, Any]]) -> float:
    return float(sum(burst["seconds"] for burst in bursts))
