"""Whether this installation can do its work, and how its background processes show themselves."""

from __future__ import annotations

import logging
import math
import secrets
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import Error
from django.utils import timezone

from pledges.models import Heartbeat, Signature

logger = logging.getLogger(__name__)

SEALING, TICKS = "seal_pending", "tick"
# Shown while a sealing process gets no timestamps.
UNSTAMPED = "unstamped"
# Seconds between two signs of life.
EVERY = 15.0
# Who was not seen for so long is not at work; `tick` may come from cron, once a minute.
LATE = timedelta(minutes=3)
# A host that is gone is forgotten: containers have a new name each time they start.
FORGOTTEN = timedelta(days=1)
# In bytes; below it somebody should make room before documents cannot be stored.
LEAST_FREE = 1024**3


class Pulse:
    """Shows that a process is at work; written every fifteen seconds, however often it beats."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._beaten_at = -math.inf

    def beat(self) -> None:
        if time.monotonic() - self._beaten_at < EVERY:
            return
        now = timezone.now()
        Heartbeat.objects.filter(at__lt=now - FORGOTTEN).delete()
        Heartbeat.objects.update_or_create(
            name=self._name, host=socket.gethostname(), defaults={"at": now}
        )
        self._beaten_at = time.monotonic()


@dataclass(frozen=True, slots=True)
class Health:
    """`unsealed` is None when the database does not answer, `disk` when files are elsewhere."""

    database: bool
    storage: bool
    sealing: bool
    timestamps: bool
    ticks: bool
    unsealed: int | None
    disk: bool | None

    @property
    def is_ready(self) -> bool:
        """Late ticks hold up reminders and no signature, and neither does an authority that gives
        no timestamps; a backlog is what a worker is for."""
        return self.database and self.storage and self.sealing and self.disk is not False


def examine() -> Health:
    """In two queries."""
    at_work, unsealed = _ask_database()
    is_local = isinstance(default_storage, FileSystemStorage)
    return Health(
        database=unsealed is not None,
        storage=_holds(_keeps_files),
        sealing=SEALING in at_work,
        timestamps=UNSTAMPED not in at_work,
        ticks=TICKS in at_work,
        unsealed=unsealed,
        disk=_holds(_has_room) if is_local else None,
    )


def _ask_database() -> tuple[set[str], int | None]:
    """Who is at work, and how many signatures wait for their seal."""
    seen = Heartbeat.objects.filter(at__gt=timezone.now() - LATE)
    try:
        return set(seen.values_list("name", flat=True)), Signature.objects.live().unsealed().count()
    except Error as error:
        logger.warning("the database does not answer: %s", error)
        return set(), None


def _keeps_files() -> bool:
    content = secrets.token_bytes(16)
    name = default_storage.save(f"health/{secrets.token_hex(16)}", ContentFile(content))
    try:
        with default_storage.open(name) as file:
            return bool(file.read() == content)
    finally:
        default_storage.delete(name)


def _has_room() -> bool:
    return shutil.disk_usage(settings.DATA_DIR).free >= LEAST_FREE


def _holds(check: Callable[[], bool]) -> bool:
    """Every kind of storage has errors of its own, and whichever comes is the answer."""
    try:
        return check()
    except Exception:
        logger.exception("%s failed", check.__name__)
        return False
