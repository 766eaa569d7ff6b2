"""An installation of its own, whatever a developer's .env says: settings, database, web server."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from tests.ports import free_port

ROOT = Path(__file__).parent.parent.parent
# As many at a time as keep two processes busy.
PHONES = 16
# Without one of them PostgreSQL may forget what it acknowledged.
SWITCHES = ("fsync", "synchronous_commit")


class Installation:
    def __init__(self, data: Path, database: str, **more: str) -> None:
        self.data = data
        self.port = free_port()
        keys = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "CODES_KEY", "NIK_KEY")}
        self.environment = {
            **os.environ,
            **keys,
            "DJANGO_SETTINGS_MODULE": "tests.load.settings",
            "DEBUG": "no",
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            "DATA_DIR": str(data),
            "DATABASE_URL": database,
            "SEAL_PKCS12": str(data / "seal" / "development.p12"),
            "SEAL_PASSPHRASE": "",
            "EMAIL_URL": f"filemail://{data}/mail",
            "WEB_CONCURRENCY": os.environ.get("WEB_CONCURRENCY", str(os.cpu_count() or 1)),
            **more,
        }

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=sys.stderr)

    def ask(self, act: str, **plan: Any) -> Any:
        """What `tests.load.acts` does and answers, in a process that has this one's settings."""
        return self._run("tests.load.acts", [act], plan)

    def burst(self, path: str, letters: list[str]) -> dict[str, Any]:
        """See `tests.load.burst`; raises where one of the letters was not taken."""
        plan = {"port": self.port, "path": path, "phones": PHONES, "letters": letters}
        report: dict[str, Any] = self._run("tests.load.burst", [], plan)
        if refused := {status for status, _ in report["answers"] if status != 200}:
            raise SystemExit(f"{path} was answered with {refused}")
        return report

    def crowd(self, plan: dict[str, Any]) -> dict[str, Any]:
        """See `tests.load.crowd`."""
        report: dict[str, Any] = self._run("tests.load.crowd", [], {"port": self.port} | plan)
        return report

    def _run(self, module: str, arguments: list[str], plan: dict[str, Any]) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT, env=self.environment, input=json.dumps(plan), stdout=subprocess.PIPE,
            text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    @property
    def web(self) -> list[str]:
        """gunicorn as it is deployed."""
        arguments = ["-m", "gunicorn", "pakta.wsgi", "--config", "deploy/gunicorn.conf.py"]
        return [sys.executable, *arguments, "--bind", f"127.0.0.1:{self.port}"]

    @contextmanager
    def server(self) -> Iterator[None]:
        server = subprocess.Popen(self.web, cwd=ROOT, env=self.environment, start_new_session=True)
        try:
            wait_for(self.port)
            yield
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)

    def get(self, path: str, *, cookie: str = "") -> tuple[int, bytes]:
        with socket.create_connection(("127.0.0.1", self.port), 60) as line:
            head = [f"GET {path} HTTP/1.0", f"Host: 127.0.0.1:{self.port}", f"Cookie: {cookie}"]
            line.sendall("\r\n".join([*head, "", ""]).encode())
            answer = b"".join(iter(lambda: line.recv(1 << 16), b""))
        start, _, body = answer.partition(b"\r\n\r\n")
        return int(start.split(b" ", 2)[1]), body


def wait_for(port: int) -> None:
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


def shown(url: str) -> dict[str, str]:
    """What the server says of whether it may forget what it acknowledged."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        told = {}
        for name in SWITCHES:
            cursor.execute(sql.SQL("SHOW {}").format(sql.Identifier(name)))
            [told[name]] = cursor.fetchone() or [""]
        return told


def shown_to(installation: Installation) -> dict[str, str]:
    """And on a web process's own connection, whatever its role or address may set."""
    status, body = installation.get("/durability")
    return dict(json.loads(body)) if status == 200 else {}


def require_lasting(told: dict[str, str]) -> dict[str, str]:
    """A figure of a database that may forget is none."""
    if told != dict.fromkeys(SWITCHES, "on"):
        raise SystemExit(f"The database may forget what it acknowledged: {told}")
    return told


def copy_database(url: str, name: str) -> str:
    """Another database, as this one is now; returns its address."""
    base, _, template = url.rpartition("/")
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    with closing(psycopg2.connect(f"{base}/postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {name}").format(**names))
            cursor.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))
    return f"{base}/{name}"
