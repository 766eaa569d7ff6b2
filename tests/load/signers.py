"""People who sign while the server dies under them, and do not give up.

A telephone does what the page's script does (`static/js/signer/outbox.js`), in less time: the
signature is sealed once and delivered again and again, as it was, until the server answers. Some
deliver twice at once. Some lose patience and open their link anew, which gives them another
ticket, or the receipt of a signature of which they never heard.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
import zlib
from collections import Counter
from typing import Any

from tests import envelopes
from tests.load.crowd import Answer, exchange

# Seconds: of one answer, and of the first pause, which doubles.
PATIENCE, FIRST_PAUSE, LONGEST_PAUSE = 8, 0.2, 2
DELIVERS_TWICE, OPENS_ANEW = 0.1, 0.3
# What comes of a server that dies in the middle of its answer.
_BROKEN = (OSError, TimeoutError, EOFError, zlib.error, ValueError, IndexError)


class Signers:
    def __init__(self, port: int, hall: dict[str, Any], *, rate: float, seed: int) -> None:
        self._port, self._rate, self._pledge = port, rate, hall["pledge"]
        self._links = list(hall["links"].items())
        self._chance = random.Random(seed)
        self._is_over = threading.Event()
        # Whose signature was acknowledged by which receipt, once for each time.
        self.acknowledged: list[tuple[int, str]] = []
        self.refused: Counter[str] = Counter()
        self.unanswered = 0
        # Whatever else fails ends the run, with people on their way.
        self._thread = threading.Thread(target=lambda: asyncio.run(self._come()), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Nobody comes any more; who has come goes on until there is a receipt."""
        self._is_over.set()
        self._thread.join()

    async def _come(self) -> None:
        async with asyncio.TaskGroup() as visits:
            for person, path in self._links:
                if self._is_over.is_set():
                    return
                visits.create_task(self._visit(int(person), path))
                await asyncio.sleep(self._chance.expovariate(self._rate))

    async def _visit(self, person: int, path: str) -> None:
        pause = FIRST_PAUSE
        while not await self._signs(person, path):
            await asyncio.sleep(pause * self._chance.uniform(0.5, 1))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _signs(self, person: int, path: str) -> bool:
        """With one page. False when it was given up, and not where it was refused."""
        page = await self._ask("GET", path)
        if page is not None and page.status == 303:
            self.acknowledged.append((person, page.location))
            return True
        if page is None:
            return False
        try:
            sealed = envelopes.of_page(page.body.decode(), self._pledge)
        except envelopes.NoPage:
            self.refused[f"page {page.status}"] += 1
            return True
        return await self._delivers(person, sealed)

    async def _delivers(self, person: int, sealed: str) -> bool:
        is_kept, pause = False, FIRST_PAUSE
        while True:
            letter = json.dumps({"envelope": sealed, "is_kept": is_kept}).encode()
            times = 1 + (self._chance.random() < DELIVERS_TWICE)
            answers = await asyncio.gather(
                *(self._ask("POST", "/kirim", letter) for _ in range(times))
            )
            heard = [answer for answer in answers if answer]
            for answer in heard:
                self._hear(person, answer)
            if heard:
                return True
            if self._chance.random() < OPENS_ANEW:
                return False
            await asyncio.sleep(pause * self._chance.uniform(0.5, 1))
            is_kept, pause = True, min(pause * 2, LONGEST_PAUSE)

    def _hear(self, person: int, answer: Answer) -> None:
        """A receipt, or a refusal."""
        told = json.loads(answer.body) if answer.status == 200 else {}
        if told.get("state") == "signed":
            self.acknowledged.append((person, told["receipt"]))
        else:
            self.refused[f"{answer.status} {answer.body[:200]!r}"] += 1

    async def _ask(self, method: str, path: str, body: bytes = b"") -> Answer | None:
        """None where there was no answer, or none of Pakta's."""
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await exchange(self._port, method, path, body)
        except _BROKEN:
            answer = None
        if answer is None or answer.status >= 500:
            self.unanswered += 1
            return None
        return answer
