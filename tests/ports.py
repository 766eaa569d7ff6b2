"""Ports of this machine, for programs that load no settings too."""

from __future__ import annotations

import socket
import time


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    for _ in range(300):
        if not is_free(port):
            return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens at {port}")
