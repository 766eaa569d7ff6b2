"""A way to a server on this machine that can be taken away, while the server keeps what it has.

`python -m tests.load.forwarder PORT TARGET` passes on to the second port what comes to the first. A
process of its own: when it is killed, connections break off, and new ones are refused.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.load.installation import ROOT
from tests.ports import free_port, wait_for


class Way:
    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "tests.load.forwarder", str(self.port), str(target)]
        self._command = command
        self._begin()

    def _begin(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT)
        wait_for(self.port)

    def end(self) -> None:
        self._process.kill()
        self._process.wait(timeout=30)

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Nobody listens there."""
        self.end()
        try:
            yield
        finally:
            self._begin()


@contextmanager
def to(target: int) -> Iterator[Way]:
    way = Way(target)
    try:
        yield way
    finally:
        way.end()


async def _pass_on(port: int, target: int) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))

    server = await asyncio.start_server(meet, "127.0.0.1", port)
    await server.serve_forever()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Until one of both ends has enough."""
    with suppress(OSError):
        while piece := await source.read(1 << 16):
            sink.write(piece)
            await sink.drain()
    sink.close()


if __name__ == "__main__":
    asyncio.run(_pass_on(*map(int, sys.argv[1:])))
