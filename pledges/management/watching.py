"""What commands share that keep at it until they are told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, close_old_connections

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM or Ctrl-C sets: what is in hand is finished."""
    stop = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def again_and_again(
    act: Callable[[], None],
    *,
    stop: threading.Event,
    interval: float,
    outages: tuple[type[Exception], ...] = (),
) -> None:
    """Act every `interval` seconds; while the database or another server is away, less often."""
    away: tuple[type[Exception], ...] = (OperationalError, InterfaceError, *outages)
    pause = interval
    while not stop.is_set():
        try:
            act()
            pause = interval
        except away as error:
            pause = min(pause * 2, max(interval, LONGEST_PAUSE))
            logger.warning("trying again in %.0f s: %s", pause, error)
        close_old_connections()
        stop.wait(pause)
