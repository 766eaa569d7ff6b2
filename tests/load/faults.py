"""`make faults`: people sign, and everything that serves them is killed.

On a PostgreSQL of its own, with fsync on; gunicorn and workers as they are deployed, each started
again when it ends, as systemd does. KILLS (30) times, at a random moment, one of these processes
gets SIGKILL: gunicorn's first process or one that serves, a sealing worker, the worker of tasks,
PostgreSQL's first process or any other of it. FAULTS_RATE (8) signers a second come meanwhile.

Half of the kills fall on an installation that keeps its files on a disk, which is full for a
while; the others on one whose files are in an object store, which hangs for a while, and whose
timestamp authority then does. FAULTS_OUTAGES=no leaves these out.

Then everything runs again, and what stands on record is compared with the receipts that people
got. Prints `name value` lines; fails unless lost, doubled and unsealed_after_recovery are 0.
SEED is printed, and chooses who is killed and when; what it meets there is another matter.
"""

from __future__ import annotations

import os
import random
import resource
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.load import cluster
from tests.load.installation import (
    ROOT,
    Installation,
    copy_database,
    free_port,
    require_lasting,
    shown,
    wait_for,
)
from tests.load.services import Service
from tests.load.signers import Signers

# Seconds between two kills, and how long an outage lasts at least.
PAUSE = (0.3, 3.0)
OUTAGE = 8
# How often a kill waits until somebody has signed since the last one, and how long at most.
RECOVERS, LONGEST = 0.7, 30
# Seconds until everything is sealed again; a worker tries what failed once more after a minute.
RECOVERY = 150
# Room for some two thousand documents.
DISK = "size=64m"
LASTING = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")

Outage = Callable[[list[Service]], Any]


@dataclass
class Stage:
    name: str
    place: Installation
    outages: dict[str, Outage]


def main() -> int:
    seed = int(os.environ.get("SEED", secrets.randbelow(10**6)))
    kills = int(os.environ.get("KILLS", "30"))
    figures: Counter[str] = Counter()
    print("seed", seed, flush=True)
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pakta-faults-")))
        server = stack.enter_context(cluster.made(*LASTING))
        log = data / "log"
        postgres = Service("postgres", server.command, log, **server.how)
        stack.callback(postgres.end)
        server.wait()
        empty = server.create("pakta_empty")
        require_lasting(shown(empty))
        Installation(data, empty).manage("migrate", "--no-input", "--verbosity", "0")
        stages = [_on_a_disk(data, empty, stack), _in_an_object_store(data, empty, stack)]
        for number, stage in enumerate(stages):
            share = kills // 2 if number else kills - kills // 2
            chance = random.Random(seed + number)
            figures += _endured(stage, postgres, server, log, share, chance)
    for name in ("kills", "acknowledged", "lost", "doubled", "unsealed_after_recovery"):
        print(name, figures[name])
    return int(any(figures[name] for name in ("lost", "doubled", "unsealed_after_recovery")))


def _prepared(data: Path, database: str, **more: str) -> Installation:
    data.mkdir(exist_ok=True)
    place = Installation(data, database, DJANGO_SETTINGS_MODULE="tests.served", **more)
    place.manage("create_seal_certificate", "--development")
    return place


# ------------------------------------------------------------------ the two installations


def _on_a_disk(data: Path, empty: str, stack: ExitStack) -> Stage:
    files = data / "disk" / "files"
    files.mkdir(parents=True)
    is_small = _mounted(files)
    if is_small:
        stack.callback(lambda: subprocess.run(["umount", "--lazy", str(files)], check=True))
    print("storage_limit", "tmpfs" if is_small else "rlimit", flush=True)
    place = _prepared(data / "disk", copy_database(empty, "pakta_disk"))
    return Stage("disk", place, {"full": (lambda _: _full(files)) if is_small else _limited})


def _in_an_object_store(data: Path, empty: str, stack: ExitStack) -> Stage:
    """Both are real ones, see `tests.object_store` and `tests.authorities`."""
    from tests import authorities, object_store

    home = data / "authority"
    home.mkdir()
    real = stack.enter_context(authorities.running(home, free_port()))
    authority = stack.enter_context(authorities.standing_in(real))
    store = stack.enter_context(object_store.running(free_port(), data / "store.log"))
    place = _prepared(
        data / "objects", copy_database(empty, "pakta_objects"),
        TIMESTAMP_URL=authority.url, TIMESTAMP_CA=str(real.root), **store.environment,
    )  # fmt: skip

    @contextmanager
    def hangs(_: list[Service]) -> Iterator[None]:
        authority.behaves = authority.hangs
        yield
        authority.behaves = authority.passes_on

    return Stage("objects", place, {"store": lambda _: store.hanging(), "authority": hangs})


def _mounted(files: Path) -> bool:
    """A small disk of its own, where this user may have one."""
    mount = ["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", str(files)]
    return not subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode


@contextmanager
def _full(files: Path) -> Iterator[None]:
    filler = files / "filler"
    try:
        with filler.open("wb") as file:
            while True:
                file.write(bytes(1 << 16))
                file.flush()
    except OSError:
        yield
    filler.unlink()


@contextmanager
def _limited(services: list[Service]) -> Iterator[None]:
    """Stands in for a full disk: workers can write files of a kilobyte only."""
    is_over = threading.Event()
    thread = threading.Thread(target=_limit, args=(services, is_over))
    thread.start()
    yield
    is_over.set()
    thread.join()
    _limit_all(services, resource.RLIM_INFINITY)


def _limit(services: list[Service], is_over: threading.Event) -> None:
    while not is_over.wait(0.1):
        _limit_all(services, 1024)


def _limit_all(services: list[Service], size: int) -> None:
    for service in services:
        if service.name.startswith("seal"):
            for pid in service.members():
                try:
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
                except ProcessLookupError:
                    continue


# ------------------------------------------------------------------ what they endure


def _endured(
    stage: Stage,
    postgres: Service,
    server: cluster.Cluster,
    log: Path,
    kills: int,
    chance: random.Random,
) -> Counter[str]:
    rate = float(os.environ.get("FAULTS_RATE", "8"))
    expected = (kills + 3) * sum(PAUSE) / 2 + 60
    hall = stage.place.ask("fill", people=round(rate * expected))
    services = _started(stage.place, log)
    try:
        wait_for(stage.place.port)
        signers = Signers(stage.place.port, hall, rate=rate, seed=chance.randrange(10**6))
        _kill(stage, [*services, postgres], signers, kills, chance)
        server.wait()
        signers.end()
        told = stage.place.ask(
            "recovered", event=hall["event"], acknowledged=signers.acknowledged, patience=RECOVERY
        )
    finally:
        for service in services:
            service.end()
    for name, value in (told | {"unanswered": signers.unanswered}).items():
        print(f"{stage.name}_{name}", value, flush=True)
    for refusal, times in signers.refused.items():
        print(f"# {times} × {refusal}", file=sys.stderr)
    told["unsealed_after_recovery"] += sum(signers.refused.values())
    return Counter(told | {"kills": kills, "acknowledged": told["people"]})


def _started(place: Installation, log: Path) -> list[Service]:
    how = {"env": place.environment, "cwd": ROOT}
    seal = [sys.executable, "manage.py", "seal_pending", "--watch"]
    tasks = [sys.executable, "manage.py", "db_worker", "--no-reload", "--interval", "0.5"]
    commands = {"web": place.web, "seal 1": seal, "seal 2": seal, "tasks": tasks}
    return [Service(name, command, log, **how) for name, command in commands.items()]


def _kill(
    stage: Stage,
    services: list[Service],
    signers: Signers,
    kills: int,
    chance: random.Random,
) -> None:
    outages = {} if os.environ.get("FAULTS_OUTAGES") == "no" else stage.outages
    parts: list[tuple[str, Outage | None]] = [("", None)]
    for each in outages.items():
        parts += [each, ("", None)]
    for number, (name, outage) in enumerate(parts):
        share = kills * (number + 1) // len(parts) - kills * number // len(parts)
        if outage is None:
            _kill_some(services, signers, share, chance)
            continue
        before = len(signers.acknowledged)
        with outage(services):
            until = time.monotonic() + OUTAGE
            _kill_some(services, signers, share, chance)
            time.sleep(max(0, until - time.monotonic()))
            _wait_for_more(signers, before)
        gained = len(signers.acknowledged) - before
        print(f"{stage.name}_acknowledged_while_{name}", gained, flush=True)


def _kill_some(
    services: list[Service], signers: Signers, kills: int, chance: random.Random
) -> None:
    """Mostly once somebody signs again; else what just began to recover may be hit as well."""
    for _ in range(kills):
        before = len(signers.acknowledged)
        time.sleep(chance.uniform(*PAUSE))
        if chance.random() < RECOVERS:
            _wait_for_more(signers, before)
        _kill_one(chance.choice(services), chance)


def _wait_for_more(signers: Signers, before: int) -> None:
    until = time.monotonic() + LONGEST
    while len(signers.acknowledged) == before and time.monotonic() < until:
        time.sleep(0.1)


def _kill_one(service: Service, chance: random.Random) -> None:
    """Its first process, or one of the others."""
    while True:
        first, *others = service.members()
        pid = chance.choice(others) if others and chance.random() < 0.5 else first
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            # Already gone, and not started again yet.
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    sys.exit(main())
