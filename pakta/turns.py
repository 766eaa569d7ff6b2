"""Few requests of a process are computed at a time; see `pakta.wsgi`, which gives the turns.

Whoever has to wait for the object store steps aside meanwhile. Of these there are few too, so
that a store that hangs cannot hold all threads, and the others go on signing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pakta.storage import StorageAway

# One computes while the others wait for the database.
AT_WORK = 4
# Who waits for the store, of a process's 32 threads; and how many seconds for a place there.
ASIDE, PATIENCE = 8, 1.0

_turn = threading.BoundedSemaphore(AT_WORK)
_aside = threading.BoundedSemaphore(ASIDE)
_mine = threading.local()


@contextmanager
def taken() -> Iterator[None]:
    with _turn:
        _mine.is_held = True
        try:
            yield
        finally:
            _mine.is_held = False


@contextmanager
def aside() -> Iterator[None]:
    """Outside one's turn, if one has it. Raises StorageAway where too many wait already."""
    if not getattr(_mine, "is_held", False):
        yield
        return
    _turn.release()
    try:
        if not _aside.acquire(timeout=PATIENCE):
            raise StorageAway("so many wait for the object store already")
        try:
            yield
        finally:
            _aside.release()
    finally:
        _turn.acquire()
