"""A crowd of signers behind one address. A process of its own, so that it is measured by nobody's
clock but its own.

The load is open: a signer comes every 1/rate seconds, whatever the server does, and a visit's
time counts from the moment the signer was to come. Where the server falls behind, waiting in
line is therefore part of every time that is reported.

A visit is what a phone asks for: the personal link's page, the encrypted signature out of it,
and the receipt. Each has a connection of its own, because a phone's is long closed when its
owner has read the text. Every tenth phone delivers twice, as one does whose answer got lost.

Standard input: {"port", "rate", "pledge", "links": {primary key: path}}; the pledge is what all of
them tick and draw. Standard output: one JSON object, see `Crowd.report`.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests import envelopes

DELIVERS_TWICE = 10
# Seconds after which a phone gives one answer up.
PATIENCE = 60

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
_LOCATION = re.compile(rb"(?i)\r\nlocation: ([^\r\n]+)")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    # Where it leads, if it does.
    location: str = ""


class Unexpected(Exception):
    """An answer that no signer should get, by its status."""


@dataclass
class Crowd:
    port: int
    rate: float
    pledge: dict[str, Any]
    # What was asked for and how it was answered: "page 200" → how often.
    answers: Counter[str] = field(default_factory=Counter)
    # Whose signature was acknowledged by which receipt, once for each time.
    acknowledged: list[tuple[int, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)

    async def come(self, links: dict[str, str]) -> float:
        """Everybody, one after the other; returns the seconds until the last one is done."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        async with asyncio.TaskGroup() as visits:
            for number, (person, path) in enumerate(links.items()):
                due = begin + number / self.rate
                await asyncio.sleep(due - loop.time())
                twice = number % DELIVERS_TWICE == 0
                visits.create_task(self._visit(int(person), path, due, twice=twice))
        return loop.time() - begin

    async def _visit(self, person: int, path: str, due: float, *, twice: bool) -> None:
        try:
            page = await self._ask("page", "GET", path)
            letter = self._letter(page.body.decode())
            deliveries = [self._deliver(person, letter) for _ in range(1 + twice)]
            [receipt, *_] = await asyncio.gather(*deliveries)
            self.times.append(asyncio.get_running_loop().time() - due)
            await self._ask("receipt", "GET", receipt)
        except (OSError, TimeoutError, Unexpected, envelopes.NoPage) as error:
            self.problems[f"{type(error).__name__} {error}"] += 1

    async def _deliver(self, person: int, letter: bytes) -> str:
        """The receipt's address."""
        answer = await self._ask("delivery", "POST", "/kirim", letter)
        receipt = str(json.loads(answer.body)["receipt"])
        self.acknowledged.append((person, receipt))
        return receipt

    async def _ask(self, what: str, method: str, path: str, body: bytes = b"") -> Answer:
        async with asyncio.timeout(PATIENCE):
            answer = await exchange(self.port, method, path, body)
        self.answers[f"{what} {answer.status}"] += 1
        if answer.status != 200:
            raise Unexpected(f"{what} {answer.status}")
        return answer

    def _letter(self, page: str) -> bytes:
        envelope = envelopes.of_page(page, self.pledge)
        return json.dumps({"envelope": envelope, "is_kept": False}).encode()

    def report(self, seconds: float) -> dict[str, Any]:
        return {
            "seconds": seconds,
            "answers": self.answers,
            "acknowledged": self.acknowledged,
            "times": self.times,
            "problems": self.problems,
        }


async def exchange(port: int, method: str, path: str, body: bytes = b"") -> Answer:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [
        f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close",
        "Accept-Encoding: gzip", "Content-Type: application/json",
        f"Content-Length: {len(body)}", "\r\n",
    ]  # fmt: skip
    try:
        writer.write("\r\n".join(head).encode() + body)
        return _read(await reader.read())
    finally:
        writer.close()


def _read(answer: bytes) -> Answer:
    head, end, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not end or (length and len(body) < int(length[1])):
        raise ConnectionResetError("no answer, or one that broke off")
    status = int(head.split(b" ", 2)[1])
    is_packed = b"content-encoding: gzip" in head.lower()
    location = _LOCATION.search(head)
    return Answer(
        status,
        gzip.decompress(body) if is_packed else body,
        location[1].decode() if location else "",
    )


def main() -> None:
    plan = json.load(sys.stdin)
    links = plan.pop("links")
    crowd = Crowd(**plan)
    seconds = asyncio.run(crowd.come(links))
    json.dump(crowd.report(seconds), sys.stdout)


if __name__ == "__main__":
    main()
