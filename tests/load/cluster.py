"""A PostgreSQL of one's own, that keeps what it acknowledged and may be killed."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from tests.ports import free_port

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parts[-2])


class Cluster:
    def __init__(self, home: Path, *, settings: tuple[str, ...]) -> None:
        self.port = free_port()
        self._home, self._settings = home, settings
        programs, data = _PROGRAMS[-1], str(home / "data")
        run = [str(programs / "initdb"), "-D", data, "-U", "pakta", "-A", "trust"]
        subprocess.run(
            [*run, "--locale=C.UTF-8", "--encoding=UTF8"],
            user=owner(), group=owner(), extra_groups=_GROUPS, cwd=home, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self.command = [
            str(programs / "postgres"), "-D", data, "-p", str(self.port), "-k", str(home),
            "-c", "listen_addresses=127.0.0.1", "-c", "log_min_messages=fatal",
            *(word for setting in settings for word in ("-c", setting)),
        ]  # fmt: skip

        # As whom and where it runs.
        self.how: dict[str, Any] = {
            "user": owner(),
            "group": owner(),
            "extra_groups": _GROUPS,
            "cwd": "/",
        }

    def create(self, name: str) -> str:
        """An empty database; returns its address."""
        with closing(psycopg2.connect(self.url("postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgres://pakta:@127.0.0.1:{self.port}/{name}"

    def wait(self) -> None:
        """Until it takes connections again, after a crash say."""
        for _ in range(300):
            try:
                psycopg2.connect(self.url("postgres")).close()
            except psycopg2.OperationalError:
                time.sleep(0.2)
            else:
                return
        raise SystemExit("PostgreSQL does not answer.")


# PostgreSQL runs as anybody but root.
_GROUPS: list[int] | None = [] if os.geteuid() == 0 else None


def owner() -> str | None:
    """As whom it runs, if not as whoever asks."""
    if os.geteuid():
        return None
    names = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def made(*settings: str) -> Iterator[Cluster]:
    """In a directory of its own, not started yet."""
    with tempfile.TemporaryDirectory(prefix="pakta-postgres-") as home:
        if name := owner():
            found = pwd.getpwnam(name)
            os.chown(home, found.pw_uid, found.pw_gid)
        yield Cluster(Path(home), settings=settings)


@contextmanager
def running(*settings: str) -> Iterator[Cluster]:
    with made(*settings) as cluster:
        server = subprocess.Popen(cluster.command, **cluster.how)
        try:
            cluster.wait()
            yield cluster
        finally:
            server.terminate()
            server.wait(timeout=60)
