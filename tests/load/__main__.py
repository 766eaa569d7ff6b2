"""`make load`: a crowd signs at a steady pace, from one address, on the real server.

LOAD_RATE (50) signatures a second for LOAD_SECONDS (300), on the database of DATABASE_URL, which
should be empty. The server is gunicorn as deployed (`deploy/gunicorn.conf.py`), with one process
for each core unless WEB_CONCURRENCY says otherwise. Prints `name value` lines, and fails if a
signature was lost, doubled or refused, or a visit came to nothing.

p50_ms and p99_ms are times from the moment a signer was to come (see `tests.load.crowd`) until
the signature is acknowledged: page, encryption and delivery.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    rate = float(os.environ.get("LOAD_RATE", "50"))
    people = round(rate * float(os.environ.get("LOAD_SECONDS", "300")))
    with tempfile.TemporaryDirectory(prefix="pakta-load-") as data:
        port = _free_port()
        os.environ.update(_installation(data, port))
        measured = _measure(port, rate, people)
    for name, value in measured.items():
        print(f"{name} {value}")
    return int(any(measured[name] for name in ("refused_for_rate", "failed", "lost", "doubled")))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _installation(data: str, port: int) -> Mapping[str, str]:
    """The environment of an installation of its own, whatever a developer's .env says."""
    keys = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "CODES_KEY", "NIK_KEY")}
    return {
        **keys,
        "DJANGO_SETTINGS_MODULE": "pakta.settings",
        "DEBUG": "no",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "DATA_DIR": data,
        "WEB_CONCURRENCY": os.environ.get("WEB_CONCURRENCY", str(os.cpu_count() or 1)),
    }


def _measure(port: int, rate: float, people: int) -> dict[str, Any]:
    # Not before: settings are read from the environment that was made just now.
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from tests.load import hall

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    event = hall.fill(people)
    plan = {"port": port, "rate": rate, "pledge": hall.PLEDGE, "links": hall.links(event)}
    connections.close_all()
    with _server(port):
        report = _crowd(plan)
    lost, doubled = hall.lost_and_doubled(event, [tuple(told) for told in report["acknowledged"]])
    return figures(report) | {"lost": lost, "doubled": doubled}


@contextmanager
def _server(port: int) -> Iterator[None]:
    arguments = ["-m", "gunicorn", "pakta.wsgi", "--config", "deploy/gunicorn.conf.py"]
    server = subprocess.Popen([sys.executable, *arguments, "--bind", f"127.0.0.1:{port}"], cwd=ROOT)
    try:
        _wait_for(port)
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port)) as client:
                # Answered by an application that is loaded, not by a listening socket.
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                client.recv(1)
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The web server does not answer.")


def _crowd(plan: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.crowd"],
        cwd=ROOT, input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    report: dict[str, Any] = json.loads(done.stdout)
    return report


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
