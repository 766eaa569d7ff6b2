"""A real SMTP server, in a process of its own, that can be told to misbehave.

It keeps what it takes as files, and reads anew at each command how it is to behave.
"""

from __future__ import annotations

import asyncio
import email
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MAIL, RCPT, DATA = "MAIL", "RCPT", "DATA"
ANYBODY = "*"
# What it may do instead of giving an answer: nothing, until it is told otherwise.
HANG_UP, STALL = "hang up", "stall"
# It takes the message, says so and hangs up.
LAST = "250 OK, and goodbye"


class MailServer:
    """What a test sees of the server, through a folder that both know."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._folder = folder
        self.begin_anew()

    def begin_anew(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        _messages(self._folder).mkdir(parents=True)
        self._rules: dict[str, dict[str, str]] = {}
        self._pause = 0.0
        self._tell()

    def at(self, address: str, command: str, answer: str) -> None:
        """What it answers or does at this command of a letter to this address, from now on."""
        self._rules.setdefault(address, {})[command] = answer
        self._tell()

    def refuse(self, *addresses: str) -> None:
        for address in addresses:
            self.at(address, RCPT, "550 5.1.1 user unknown")

    def forgive(self) -> None:
        """Nobody is treated otherwise than the rest any more; who waits gets an answer."""
        self._rules.clear()
        self._tell()

    def slow_down(self, seconds: float) -> None:
        """It takes so long over each message."""
        self._pause = seconds
        self._tell()

    def _tell(self) -> None:
        _replace(_behaviour(self._folder), json.dumps([self._rules, self._pause]).encode())

    def wait_until_it_stalls(self) -> None:
        end = time.monotonic() + 30
        while not _stalled(self._folder).exists():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.01)

    @property
    def messages(self) -> list[EmailMessage]:
        """What it took, the oldest first."""
        found = sorted(_messages(self._folder).glob("*.eml"))
        return [email.message_from_bytes(each.read_bytes(), policy=modern) for each in found]

    @property
    def recipients(self) -> list[str]:
        return [message["To"] for message in self.messages]

    @property
    def connections(self) -> int:
        log = _connections(self._folder)
        return log.stat().st_size if log.exists() else 0


@contextmanager
def running(folder: Path, port: int) -> Iterator[MailServer]:
    server = MailServer(folder, port)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.mail_server", str(folder), str(port)],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        yield server
        process.stdin.close()


def _messages(folder: Path) -> Path:
    return folder / "messages"


def _behaviour(folder: Path) -> Path:
    return folder / "behaviour.json"


def _connections(folder: Path) -> Path:
    return folder / "connections"


def _stalled(folder: Path) -> Path:
    return folder / "stalled"


def _replace(path: Path, content: bytes) -> None:
    """In one step: who reads it gets the old content or the new one."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)


# In the process of its own


class _Handler:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's names)
        self, server: SMTP, session: Session, envelope: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        session.host_name = host
        with _connections(self._folder).open("ab") as log:
            log.write(b".")
        return answers

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, sender: str, options: list[str]
    ) -> str:
        answer = await self._answer(server, MAIL, [])
        if answer.startswith("250"):
            envelope.mail_from = sender
        return answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        answer = await self._answer(server, RCPT, [to])
        if answer.startswith("250"):
            envelope.rcpt_tos.append(to)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self._told()[1])
        answer = await self._answer(server, DATA, envelope.rcpt_tos)
        if answer.startswith("250"):
            self._count += 1
            assert isinstance(envelope.content, bytes)
            text = envelope.content.replace(b"\r\n", b"\n")
            _replace(_messages(self._folder) / f"{self._count:06}.eml", text)
        if answer == LAST:
            await server.push(answer)
            _hang_up(server)
        return answer

    async def _answer(self, server: SMTP, command: str, addresses: list[str]) -> str:
        while (answer := self._rule(command, addresses)) == STALL:
            _stalled(self._folder).touch()
            await asyncio.sleep(0.01)
        if answer == HANG_UP:
            _hang_up(server)
        return answer

    def _rule(self, command: str, addresses: list[str]) -> str:
        rules, _ = self._told()
        found = (rules.get(address, {}).get(command) for address in [*addresses, ANYBODY])
        return next((answer for answer in found if answer), "250 OK")

    def _told(self) -> tuple[dict[str, dict[str, str]], float]:
        rules, pause = json.loads(_behaviour(self._folder).read_bytes())
        return rules, pause


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.close()


def _serve(folder: Path, port: int) -> None:
    """Until whoever started it closes its standard input, or dies."""
    controller = Controller(_Handler(folder), hostname="127.0.0.1", port=port)
    controller.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    controller.stop()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
