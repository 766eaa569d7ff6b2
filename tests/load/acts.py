"""What programs without settings of their own ask of an installation's database.

`python -m tests.load.acts ACT`, with JSON on standard input and JSON as the answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from pledges.models import Event  # noqa: E402 (settings first)
from tests.load import grown, hall, recovery  # noqa: E402


def fill(*, people: int) -> dict[str, Any]:
    event = hall.fill(people)
    return {"event": event.pk, "links": hall.links(event), "pledge": hall.PLEDGE}


def letters(*, event: int, people: int) -> dict[int, str]:
    return hall.letters(Event.objects.get(pk=event), people)


def signed(*, people: list[int]) -> int:
    return hall.signed(people)


def compared(*, event: int, acknowledged: list[list[Any]]) -> dict[str, int]:
    return recovery.compare(Event.objects.get(pk=event), _told(acknowledged))


def grow(*, people: int) -> dict[str, Any]:
    event, spent = grown.make(people)
    page = f"/kelola/acara/{event.code}/progres"
    return {"event": event.pk, "import": spent, "page": page, "cookie": grown.session(event)}


def recovered(*, event: int, acknowledged: list[list[Any]], patience: float) -> dict[str, int]:
    recovery.wait(patience=patience)
    return recovery.check(Event.objects.get(pk=event), _told(acknowledged))


def _told(acknowledged: list[list[Any]]) -> list[tuple[int, str]]:
    return [(person, receipt) for person, receipt in acknowledged]


ACTS: dict[str, Callable[..., Any]] = {
    act.__name__: act for act in (fill, letters, signed, compared, grow, recovered)
}


if __name__ == "__main__":
    json.dump(ACTS[sys.argv[1]](**json.load(sys.stdin)), sys.stdout)
