"""`make faults`: people sign, and everything that serves them is killed.

On a PostgreSQL of its own, with fsync on; gunicorn and workers as they are deployed, each started
again when it ends, as systemd does. KILLS (30, at least 3) times, at a random moment, one of these
processes gets SIGKILL: gunicorn's first process or one that serves; a sealing worker or the worker
of tasks; PostgreSQL's first process or any other of it. The three kinds take turns in random order.
FAULTS_RATE (8) signers a second come meanwhile.

Half of the kills fall on an installation that keeps its files on a disk, which is full for a
while; the others on one whose files are in an object store, which hangs for a while and is then not
there at all, and whose timestamp authority hangs after that. FAULTS_OUTAGES=no leaves these out.

Then everything runs again, and what stands on record is compared with the receipts that people
got. Prints `name value` lines. Fails unless lost, doubled, unsealed_after_recovery and refused
(answers that no signer should get) are 0, and where a run shows nothing: if nobody's signature was
acknowledged, in all or during one of the outages, or one kind of process was never killed.
SEED is printed, and chooses who is killed and when; what it meets there is another matter.
"""

from __future__ import annotations

import os
import random
import resource
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.load import cluster, forwarder
from tests.load.installation import (
    ROOT,
    Installation,
    copy_database,
    require_lasting,
    shown,
    wait_for,
)
from tests.load.services import Service
from tests.load.signers import Signers
from tests.ports import free_port

# Seconds between two kills, and how long an outage lasts at least.
PAUSE = (0.3, 3.0)
OUTAGE = 8
# How often a kill waits until somebody has signed since the last one, and how long at most.
RECOVERS, LONGEST = 0.7, 30
# Seconds until everything is sealed again; a worker tries what failed once more after a minute.
RECOVERY = 150
# Room on the small disk for everybody's document, in KB, and for what else lies there.
DOCUMENT, REST = 32, 32 * 1024
LASTING = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")

# Whose processes are killed: kinds, and the services of each.
KINDS = {"web": ["web"], "worker": ["seal 1", "seal 2", "tasks"], "postgresql": ["postgres"]}
MUST_BE_NONE = ("lost", "doubled", "unsealed_after_recovery", "refused")

Outage = Callable[[list[Service]], Any]


@dataclass
class Stage:
    name: str
    place: Installation
    outages: dict[str, Outage]
    people: int


def kinds(chance: random.Random) -> Iterator[str]:
    """Whose turn it is: each kind's once, in any order, and again."""
    while True:
        yield from chance.sample(list(KINDS), len(KINDS))


class Killer:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._kinds = kinds(chance)
        # Of each kind, so many.
        self.killed = Counter({f"kills_{kind}": 0 for kind in KINDS})

    def kill(self, services: list[Service]) -> None:
        """The first process of one of them, or one of its others."""
        kind = next(self._kinds)
        victim = self.chance.choice([each for each in services if each.name in KINDS[kind]])
        while True:
            first, *others = victim.members()
            pid = self.chance.choice(others) if others and self.chance.random() < 0.5 else first
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                # Already gone, and not started again yet.
                time.sleep(0.1)
            else:
                self.killed[f"kills_{kind}"] += 1
                return


def main() -> int:
    seed = int(os.environ.get("SEED", secrets.randbelow(10**6)))
    kills = int(os.environ.get("KILLS", "30"))
    shares = kills - kills // 2, kills // 2
    killer = Killer(random.Random(seed))
    figures: Counter[str] = Counter()
    print("seed", seed, flush=True)
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pakta-faults-")))
        server = stack.enter_context(cluster.made(*LASTING))
        log = data / "log"
        # Whoever is still connected is not waited for.
        postgres = Service("postgres", server.command, log, ended_by=signal.SIGINT, **server.how)
        stack.callback(postgres.end)
        server.wait()
        empty = server.create("pakta_empty")
        require_lasting(shown(empty))
        Installation(data, empty).manage("migrate", "--no-input", "--verbosity", "0")
        people = _people(shares[0])
        stages = (
            _on_a_disk(data, empty, stack, people), _in_an_object_store(data, empty, stack, people)
        )  # fmt: skip
        for stage, share in zip(stages, shares, strict=True):
            figures.update(_endured(stage, postgres, server, log, share, killer))
    figures.update(killer.killed | {"kills": killer.killed.total()})
    for name in ("kills", *killer.killed, "acknowledged", *MUST_BE_NONE):
        print(name, figures[name])
    wrong = complaints(figures)
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return int(bool(wrong))


def complaints(figures: Mapping[str, int]) -> list[str]:
    """What was found, and what of all that should be shown was not."""
    found = [f"{name} is {figures[name]} and must be 0" for name in MUST_BE_NONE if figures[name]]
    needed = [name for name in figures if "acknowledged" in name or name.startswith("kills_")]
    return found + [f"{name} is 0 and shows nothing" for name in needed if not figures[name]]


def _people(kills: int) -> int:
    """More than come in the time that a slow machine takes, so that somebody always signs."""
    return round(_rate() * (120 + kills * 3 * PAUSE[1]))


def _rate() -> float:
    return float(os.environ.get("FAULTS_RATE", "8"))


def _prepared(data: Path, database: str, **more: str) -> Installation:
    data.mkdir(exist_ok=True)
    place = Installation(data, database, DJANGO_SETTINGS_MODULE="tests.served", **more)
    place.manage("create_seal_certificate", "--development")
    return place


# ------------------------------------------------------------------ the two installations


def _on_a_disk(data: Path, empty: str, stack: ExitStack, people: int) -> Stage:
    files = data / "disk" / "files"
    files.mkdir(parents=True)
    is_small = _mounted(files, size=people * DOCUMENT + REST)
    if is_small:
        stack.callback(lambda: subprocess.run(["umount", "--lazy", str(files)], check=True))
    print("storage_limit", "tmpfs" if is_small else "rlimit", flush=True)
    place = _prepared(data / "disk", copy_database(empty, "pakta_disk"))
    outage = (lambda _: full(files)) if is_small else _limited
    return Stage("disk", place, {"full": outage}, people)


def _in_an_object_store(data: Path, empty: str, stack: ExitStack, people: int) -> Stage:
    """Both are real ones, see `tests.object_store` and `tests.authorities`."""
    from tests import authorities, object_store

    home = data / "authority"
    home.mkdir()
    real = stack.enter_context(authorities.running(home, free_port()))
    authority = stack.enter_context(authorities.standing_in(real))
    store = stack.enter_context(object_store.running(free_port(), data / "store.log"))
    # It keeps what it has in memory alone, so that it cannot be ended itself.
    way = stack.enter_context(forwarder.to(store.port))
    place = _prepared(
        data / "objects", copy_database(empty, "pakta_objects"),
        TIMESTAMP_URL=authority.url, TIMESTAMP_CA=str(real.root),
        **store.environment | {"S3_ENDPOINT": way.address},
    )  # fmt: skip

    @contextmanager
    def hangs(_: list[Service]) -> Iterator[None]:
        authority.behaves = authority.hangs
        try:
            yield
        finally:
            authority.behaves = authority.passes_on

    outages: dict[str, Outage] = {
        "store_hangs": lambda _: store.hanging(),
        "store_is_gone": lambda _: way.gone(),
        "authority_hangs": hangs,
    }
    return Stage("objects", place, outages, people)


def _mounted(files: Path, *, size: int) -> bool:
    """A small disk of its own, where this user may have one."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(files)]
    return not subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode


@contextmanager
def full(files: Path) -> Iterator[None]:
    filler = files / "filler"
    try:
        with suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        yield
    finally:
        filler.unlink()


@contextmanager
def _limited(services: list[Service]) -> Iterator[None]:
    """Stands in for a full disk: workers can write files of a kilobyte only."""
    is_over = threading.Event()
    thread = threading.Thread(target=_limit, args=(services, is_over))
    thread.start()
    try:
        yield
    finally:
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
    killer: Killer,
) -> Counter[str]:
    hall = stage.place.ask("fill", people=stage.people)
    services = _started(stage.place, log)
    try:
        wait_for(stage.place.port)
        signers = Signers(stage.place.port, hall, rate=_rate(), seed=killer.chance.randrange(10**6))
        gained = _kill(stage, [*services, postgres], signers, kills, killer)
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
    refused = sum(signers.refused.values())
    return Counter(told | gained | {"acknowledged": told["people"], "refused": refused})


def _started(place: Installation, log: Path) -> list[Service]:
    how: dict[str, Any] = {"env": place.environment, "cwd": ROOT}
    seal = [sys.executable, "manage.py", "seal_pending", "--watch"]
    tasks = [sys.executable, "manage.py", "db_worker", "--no-reload", "--interval", "0.5"]
    commands = {"web": place.web, "seal 1": seal, "seal 2": seal, "tasks": tasks}
    return [Service(name, command, log, **how) for name, command in commands.items()]


def _kill(
    stage: Stage,
    services: list[Service],
    signers: Signers,
    kills: int,
    killer: Killer,
) -> dict[str, int]:
    """Also in the outages; returns how often somebody's signature was acknowledged in each."""
    gained = {}
    outages = {} if os.environ.get("FAULTS_OUTAGES") == "no" else stage.outages
    parts: list[tuple[str, Outage | None]] = [("", None)]
    for each in outages.items():
        parts += [each, ("", None)]
    for number, (name, outage) in enumerate(parts):
        share = kills * (number + 1) // len(parts) - kills * number // len(parts)
        if outage is None:
            _kill_some(services, signers, share, killer)
            continue
        figure = f"{stage.name}_acknowledged_while_{name}"
        with outage(services):
            before, until = len(signers.acknowledged), time.monotonic() + OUTAGE
            _kill_some(services, signers, share, killer)
            time.sleep(max(0, until - time.monotonic()))
            _wait_for_more(signers, before)
            gained[figure] = len(signers.acknowledged) - before
        print(figure, gained[figure], flush=True)
    return gained


def _kill_some(services: list[Service], signers: Signers, kills: int, killer: Killer) -> None:
    """Mostly once somebody signs again; else what just began to recover may be hit as well."""
    for _ in range(kills):
        before = len(signers.acknowledged)
        time.sleep(killer.chance.uniform(*PAUSE))
        if killer.chance.random() < RECOVERS:
            _wait_for_more(signers, before)
        killer.kill(services)


def _wait_for_more(signers: Signers, before: int) -> None:
    until = time.monotonic() + LONGEST
    while len(signers.acknowledged) == before and time.monotonic() < until:
        time.sleep(0.1)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    sys.exit(main())
