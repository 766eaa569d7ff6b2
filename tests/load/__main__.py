"""`make load`: a crowd signs on the real server, and what signing is held against.

On the database of DATABASE_URL, which should be empty and is a server's of which this user may
make others. The web server is gunicorn as deployed (`deploy/gunicorn.conf.py`), with one process
for each core unless WEB_CONCURRENCY says otherwise. Prints `name value` lines, and fails if the
database may forget, a signature was lost, doubled or refused, a visit came to nothing, or signing
misses its bars: sign_ratio at least 0.3, growth_sign at most 1.3. LOAD_BARS=no leaves the bars out,
for whoever wants figures of a machine that others keep busy.

First LOAD_RATE (50) signers a second come for LOAD_SECONDS (60), from one address. p50_ms and
p99_ms are times from the moment a signer was to come (see `tests.load.crowd`) until the signature
is acknowledged: page, encryption and delivery.

Then LOAD_SIGNATURES (4000) signatures are delivered as fast as they are taken, in turn with as
fast a load on a view that does one INSERT (`tests.load.urls`): sign_rps, insert_view_rps, and
sign_ratio, the one over the other. Only signatures of people that are found in the database
afterwards, with their entry in the audit log, count.

Last the same where LOAD_SIZES (2000,20000,200000) people are on the roster, most of whom have
signed: growth_sign, growth_progress and growth_import are the last size's times over the first
one's; of the import, those of one row.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.load import growth, ratio
from tests.load.installation import (
    Installation,
    copy_database,
    require_lasting,
    shown,
    shown_to,
)

MUST_BE_NONE = (
    "refused_for_rate", "failed", "lost", "doubled", "sign_missing", "growth_missing",
)  # fmt: skip
LEAST_RATIO, MOST_GROWTH = 0.3, 1.3


def main() -> int:
    wrong = complaints(measure())
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return int(bool(wrong))


def complaints(measured: dict[str, Any]) -> list[str]:
    told = [f"{name} is {measured[name]} and must be 0" for name in MUST_BE_NONE if measured[name]]
    if os.environ.get("LOAD_BARS") == "no":
        return told
    if (value := measured["sign_ratio"]) < LEAST_RATIO:
        told.append(f"sign_ratio is {value} and must be at least {LEAST_RATIO}")
    if (value := measured["growth_sign"]) > MOST_GROWTH:
        told.append(f"growth_sign is {value} and must be at most {MOST_GROWTH}")
    return told


def measure() -> dict[str, Any]:
    """Printed as it is found."""
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="pakta-load-") as data:
        place = Installation(Path(data), os.environ["DATABASE_URL"])
        require_lasting(shown(os.environ["DATABASE_URL"]))
        place.manage("migrate", "--no-input", "--run-syncdb", "--verbosity", "0")
        place.manage("collectstatic", "--no-input", "--verbosity", "0")
        empty = copy_database(os.environ["DATABASE_URL"], "pakta_empty")
        for part in (_at_a_pace(place), _grown(Path(data), empty)):
            for figures in part:
                for name, value in figures.items():
                    print(name, value, flush=True)
                measured |= figures
    return measured


def _number(name: str, usual: float) -> float:
    return float(os.environ.get(name, usual))


def _at_a_pace(place: Installation) -> Iterator[dict[str, Any]]:
    rate, signatures = _number("LOAD_RATE", 50), round(_number("LOAD_SIGNATURES", 4000))
    visitors = round(rate * _number("LOAD_SECONDS", 60))
    hall = place.ask("fill", people=visitors + signatures + ratio.WARM)
    with place.server():
        yield require_lasting(shown_to(place))
        links = dict(list(hall["links"].items())[:visitors])
        report = place.crowd({"rate": rate, "pledge": hall["pledge"], "links": links})
        told = report["acknowledged"]
        found = place.ask("compared", event=hall["event"], acknowledged=told)
        yield figures(report) | {name: found[name] for name in ("lost", "doubled")}
        yield ratio.measure(place, event=hall["event"], signatures=signatures)


def _grown(data: Path, empty: str) -> Iterator[dict[str, Any]]:
    sizes = [int(size) for size in os.environ.get("LOAD_SIZES", "2000,20000,200000").split(",")]
    # Three of ten have not signed yet.
    yield growth.measure(data, empty, sizes, signatures=min(560, sizes[0] * 3 // 10))


def figures(report: dict[str, Any]) -> dict[str, Any]:
    for problem, times in report["problems"].items():
        print(f"# {times} × {problem}", file=sys.stderr)
    refused = (n for answer, n in report["answers"].items() if answer.endswith(" 429"))
    [p50, p99] = _percentiles(report["times"])
    return {
        "signatures": len({person for person, _ in report["acknowledged"]}),
        "seconds": round(report["seconds"], 1),
        "refused_for_rate": sum(refused),
        "failed": sum(report["problems"].values()),
        "p50_ms": p50,
        "p99_ms": p99,
    }


def _percentiles(times: list[float]) -> tuple[int, int]:
    hundredths = statistics.quantiles(times or [0.0, 0.0], n=100)
    return round(hundredths[49] * 1000), round(hundredths[98] * 1000)


if __name__ == "__main__":
    sys.exit(main())
