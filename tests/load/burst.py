"""Many letters as fast as they are taken: a closed load, by a process of its own.

So many phones at a time each open a connection, post one letter, read the answer to its end and
close. One thread and a selector, so that the server is what is measured; how much of a core this
process needed is told.

Standard input: {"port", "path", "phones", "letters": [...]}; standard output: {"seconds", "cpu",
"times": [seconds of each], "answers": [[status, body] of each]}, in the order of the letters.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PATIENCE = 60


@dataclass(slots=True)
class Phone:
    number: int
    line: socket.socket
    begun: float
    answer: bytes = b""


class Burst:
    def __init__(self, port: int, path: str, letters: list[str]) -> None:
        self._address = ("127.0.0.1", port)
        self._head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        self._letters = [self._request(letter.encode()) for letter in letters]
        self._waiting: Iterator[int] = iter(range(len(letters)))
        self._selector = selectors.DefaultSelector()
        self.times = [0.0] * len(letters)
        self.answers = [b""] * len(letters)

    def _request(self, letter: bytes) -> bytes:
        rest = f"Content-Type: application/json\r\nContent-Length: {len(letter)}\r\n\r\n"
        return (self._head + rest).encode() + letter

    def run(self, phones: int) -> float:
        """The seconds from the first to the last."""
        begun = time.perf_counter()
        for _ in range(phones):
            self._begin_next()
        while self._selector.get_map():
            ready = self._selector.select(PATIENCE)
            if not ready:
                raise TimeoutError("no answer")
            for key, _ in ready:
                self._read(key.data)
        return time.perf_counter() - begun

    def _begin_next(self) -> None:
        number = next(self._waiting, None)
        if number is None:
            return
        begun = time.perf_counter()
        line = socket.create_connection(self._address, PATIENCE)
        line.sendall(self._letters[number])
        self._selector.register(line, selectors.EVENT_READ, Phone(number, line, begun))

    def _read(self, phone: Phone) -> None:
        if piece := phone.line.recv(1 << 16):
            phone.answer += piece
            return
        self.times[phone.number] = time.perf_counter() - phone.begun
        self.answers[phone.number] = phone.answer
        self._selector.unregister(phone.line)
        phone.line.close()
        self._begin_next()


def _told(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]) if head else 0, body.decode()


def main() -> None:
    plan: dict[str, Any] = json.load(sys.stdin)
    burst = Burst(plan["port"], plan["path"], plan["letters"])
    before = time.process_time()
    seconds = burst.run(plan["phones"])
    report = {
        "seconds": seconds,
        "cpu": (time.process_time() - before) / seconds,
        "times": burst.times,
        "answers": [_told(answer) for answer in burst.answers],
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
