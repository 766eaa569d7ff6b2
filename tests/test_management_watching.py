from __future__ import annotations

import threading
import time

import pytest
from django.db import OperationalError

from pledges.management.watching import again_and_again


class Away(Exception):
    pass


class Outage:
    """Away so many times; then it works, and says stop."""

    def __init__(self, times: int, error: Exception) -> None:
        self.times, self.error = times, error
        self.stop = threading.Event()
        self.acts: list[float] = []

    def act(self) -> None:
        self.acts.append(time.monotonic())
        if len(self.acts) <= self.times:
            raise self.error
        self.stop.set()


@pytest.mark.parametrize("error", [OperationalError("away"), Away("away")])
def test_while_something_is_away_it_is_asked_for_less_and_less_often(error, db):
    outage = Outage(3, error)

    again_and_again(outage.act, stop=outage.stop, interval=0.05, outages=(Away,))

    waited = [after - before for before, after in zip(outage.acts, outage.acts[1:], strict=False)]
    assert len(waited) == 3
    assert waited[0] >= 0.1
    assert waited[1] >= 0.2
    assert waited[2] >= 0.4


def test_what_was_not_expected_to_be_away_ends_it(db):
    outage = Outage(1, Away("away"))

    with pytest.raises(Away):
        again_and_again(outage.act, stop=outage.stop, interval=0.05)
