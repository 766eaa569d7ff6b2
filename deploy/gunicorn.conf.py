"""How web processes run: those of `make run` and those that `make load` measures.

WEB_CONCURRENCY, gunicorn's own variable, is their number; one if it is not set, which is right
for SQLite: it has one writer at a time, and threads wait cheaply. With PostgreSQL one process
for each core, because a Python process uses no more than one.
"""

import gc
import os
import shutil
import subprocess  # nosec B404 # for one program, which is our own
import sys
import tempfile
from pathlib import Path
from typing import Any

# Many: browsers open spare connections, and each holds a thread for five seconds.
threads = 32
graceful_timeout = 5
# Two instances on one machine would fight over it.
control_socket_disable = True
loglevel = "warning"
# Settings are shorter of breath for whoever waits at a telephone.
raw_env = ["SERVES_WEB=yes"]

_MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


def on_starting(server: object) -> None:
    """In production nothing is served with demo users, or keys and certificates for trying.

    Asked in a process of its own: what it opens is in no web process, and gunicorn's first
    process, from which all others come, keeps no connection to the database.
    """
    check = ["check", "--deploy", "--tag", "production", "--database", "default"]
    asked = subprocess.run(  # noqa: S603 (no word of it is from outside)
        [sys.executable, _MANAGE, *check], stdout=subprocess.DEVNULL, check=False
    )
    if asked.returncode:
        sys.exit("Pakta tidak dijalankan; lihat pesan di atas.")
    # Web processes count here together, so that each of them can tell Prometheus of all.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="pakta-metrics-")


def child_exit(server: object, worker: Any) -> None:
    """What it counted stays, and what it was doing at the moment goes."""
    # Not earlier: it looks for its folder when it is imported.
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: object) -> None:
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)


def post_worker_init(worker: object) -> None:
    """What was loaded stays for ever: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
