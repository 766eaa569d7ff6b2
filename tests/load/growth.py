"""What signing, the progress page and an import take where there are ten and a hundred times as
many people. Each size has a database and a web server of its own; rounds go from one to the next,
so that what else the machine does hits all."""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.load.installation import Installation, copy_database

ROUNDS = 6
PAGES = 3


@dataclass
class Size:
    people: int
    place: Installation
    facts: dict[str, Any]
    letters: list[str]
    who: list[int]
    # Seconds of each signature: of the rounds, and of single pages.
    signing: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)


def measure(data: Path, template: str, sizes: list[int], *, signatures: int) -> dict[str, Any]:
    """`template` is the address of a database that was migrated and is empty."""
    with ExitStack() as stack:
        each = [_made(data, template, people, signatures) for people in sizes]
        for size in each:
            stack.enter_context(size.place.server())
        for number in range(ROUNDS + 1):
            for size in each:
                _round(size, number, len(size.who) // (ROUNDS + 1))
        missing = sum(len(size.who) - size.place.ask("signed", people=size.who) for size in each)
    return _figures(each) | {"growth_missing": missing}


def _made(data: Path, template: str, people: int, signatures: int) -> Size:
    database = copy_database(template, f"pakta_{people}")
    place = Installation(data, database)
    facts = place.ask("grow", people=people)
    letters = place.ask("letters", event=facts["event"], people=signatures)
    used = len(letters) // (ROUNDS + 1) * (ROUNDS + 1)
    return Size(people, place, facts, list(letters.values()), [int(pk) for pk in letters][:used])


def _round(size: Size, number: int, letters: int) -> None:
    """The first is for warming up."""
    burst = size.place.burst("/kirim", size.letters[number * letters :][:letters])
    pages = [_page(size) for _ in range(PAGES)]
    if number:
        size.signing.append(burst["seconds"] / letters)
        size.pages += pages


def _page(size: Size) -> float:
    start = time.perf_counter()
    status, _ = size.place.get(size.facts["page"], cookie=size.facts["cookie"])
    if status != 200:
        raise SystemExit(f"the progress page was answered with {status}")
    return time.perf_counter() - start


def _figures(each: list[Size]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    signing = {size.people: statistics.median(size.signing) * 1000 for size in each}
    pages = {size.people: statistics.median(size.pages) * 1000 for size in each}
    imports = {size.people: size.facts["import"] for size in each}
    least, most = each[0].people, each[-1].people
    figures |= {f"growth_sign_{people}_ms": round(ms, 2) for people, ms in signing.items()}
    figures["growth_sign"] = round(signing[most] / signing[least], 2)
    figures |= {f"growth_progress_{people}_ms": round(ms) for people, ms in pages.items()}
    figures["growth_progress"] = round(pages[most] / pages[least], 2)
    figures |= {f"growth_import_{people}_s": round(spent, 1) for people, spent in imports.items()}
    # Of one row: how much longer it takes in the large roster than in the small one.
    figures["growth_import"] = round(imports[most] / most / (imports[least] / least), 2)
    return figures
