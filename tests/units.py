"""Services of deploy/systemd as plain processes: no systemd is at work where tests run."""

from __future__ import annotations

import shlex
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import Template

from django.conf import settings

DEPLOY: Path = settings.BASE_DIR / "deploy"
UNITS = DEPLOY / "systemd"
COMMON = UNITS / "pakta-.service.d" / "common.conf"

# Section → key → every value that was given, in their order.
Unit = Mapping[str, Mapping[str, list[str]]]


def load(name: str) -> Unit:
    """A unit; a service with what all of them share. `pakta-seal@1.service` is of a template."""
    stem, _, kind = name.rpartition(".")
    prefix, at, _ = stem.partition("@")
    texts = [(UNITS / f"{prefix}{at}.{kind}").read_text()]
    if kind == "service":
        texts.insert(0, COMMON.read_text())
    unit: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in "\n".join(texts).splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            unit[section][key].append(value)
    return unit


def started(target: str) -> list[str]:
    """What a host starts of which this target is enabled."""
    return sorted(" ".join(load(target)["Unit"]["Wants"]).split())


def services() -> list[str]:
    return sorted(path.name for path in UNITS.glob("*.service"))


class Host:
    """Where the paths and the port of the guide are on this machine, for a test."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self._places = {
            "/srv/pakta": str(settings.BASE_DIR),
            "/etc/pakta": str(folder / "etc"),
            "/var/lib/pakta": str(folder / "data"),
            "/var/log/nginx": str(folder),
            "127.0.0.1:8000": f"127.0.0.1:{port}",
        }

    def moved(self, text: str) -> str:
        for place, here in self._places.items():
            text = text.replace(place, here)
        return text

    def environment(self, name: str) -> dict[str, str]:
        """What systemd would give it: these files and next to nothing of ours."""
        service = load(name)["Service"]
        lines = [self.moved(line) for line in service["Environment"]]
        # They go before what the unit says.
        for place in service["EnvironmentFile"]:
            lines += Path(self.moved(place)).read_text().splitlines()
        found = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        for line in lines:
            if line and not line.startswith("#"):
                key, _, value = line.partition("=")
                found[key] = "".join(shlex.split(value))
        return found

    def command(self, name: str) -> list[str]:
        [command] = load(name)["Service"]["ExecStart"]
        words = shlex.split(self.moved(command))
        return [Template(word).substitute(self.environment(name)) for word in words]

    def directory(self, name: str) -> str:
        [directory] = load(name)["Service"]["WorkingDirectory"]
        return self.moved(directory)

    @contextmanager
    def running(self, *names: str) -> Iterator[None]:
        """Until the end, when none of them may have ended on its own."""
        processes = {
            name: subprocess.Popen(
                self.command(name), cwd=self.directory(name), env=self.environment(name)
            )
            for name in names
        }
        try:
            yield
            ended = [name for name, process in processes.items() if process.poll() is not None]
            assert not ended
        finally:
            for process in processes.values():
                process.terminate()
            for process in processes.values():
                process.wait(timeout=60)
