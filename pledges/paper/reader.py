"""Uploads read by a program of its own: whatever they do to it, they do to nobody else."""

from __future__ import annotations

import base64
import json
import logging
import subprocess  # nosec B404 # for one program, which is our own
import sys
from datetime import timedelta

from django.conf import settings

from pledges.paper import reading
from pledges.paper.reading import CannotRead, Fault, Sheet

logger = logging.getLogger(__name__)

# By the clock on the wall; the program itself counts its work, see `reading`.
LONGEST = timedelta(minutes=5)
_PROGRAM = (sys.executable, "-m", reading.__name__)


def read(data: bytes) -> list[Sheet]:
    """The sheets of an upload, all of them. Raises CannotRead, also when its reader died."""
    try:
        # Nothing of our own is handed on, keys least of all.
        done = subprocess.run(  # noqa: S603 (no word of it is from outside)
            _PROGRAM,
            input=data,
            stdout=subprocess.PIPE,
            cwd=settings.BASE_DIR,
            env={},
            timeout=LONGEST.total_seconds(),
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        logger.warning("an upload was too much for its reader: %s", error)
        raise CannotRead(Fault.TOO_HARD) from error
    found = [json.loads(line) for line in done.stdout.splitlines()]
    if not found or "fault" in found[-1]:
        raise CannotRead(Fault(found[-1]["fault"]) if found else Fault.BROKEN)
    return [Sheet(base64.b64decode(one["jpeg"]), frozenset(one["codes"])) for one in found]
