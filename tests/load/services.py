"""Processes that are started again when they end, as systemd does with `Restart=always`."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

# Seconds.
RESTARTED_AFTER = 0.5


class Service:
    def __init__(
        self,
        name: str,
        command: list[str],
        log: Path,
        *,
        ended_by: signal.Signals = signal.SIGTERM,
        **how: Any,
    ) -> None:
        self.name = name
        self._command, self._how, self._log = command, how, log
        self._ended_by, self._ends, self._lock = ended_by, threading.Event(), threading.Lock()
        self._process = self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command, stdout=log, stderr=log, start_new_session=True, **self._how
            )

    def _keep(self) -> None:
        while True:
            self._process.wait()
            # What it left behind ends with it, as in a control group.
            _signal(self._process.pid, signal.SIGKILL)
            self._ends.wait(RESTARTED_AFTER)
            with self._lock:
                if self._ends.is_set():
                    return
                self._process = self._start()

    def members(self) -> list[int]:
        """The process and all that came from it."""
        pids = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())
        above = {pid: _parent(pid) for pid in pids}
        found = [self._process.pid]
        for pid in found:
            found += [child for child, parent in above.items() if parent == pid]
        return found

    def end(self) -> None:
        with self._lock:
            self._ends.set()
        _signal(self._process.pid, self._ended_by)
        self._keeper.join(timeout=20)
        if self._keeper.is_alive():
            _signal(self._process.pid, signal.SIGKILL)
            self._keeper.join()


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _parent(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(status.rpartition(")")[2].split()[1])
