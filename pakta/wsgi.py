"""What gunicorn serves: Django, with few requests computed at a time.

A process has many threads because slow phones and idle connections hold them. Python runs one
of them at a time, and dozens that all want to only hand the interpreter to each other: with 32
at work a process answers about two thirds of what it does with four. The others wait here.

Nobody waits for a slow phone: what it sends is read before its turn, and what is long, a
roster say, takes none. Nor does a body that is streamed, a large download say, or whoever waits
for the object store.

A password takes a quarter of a second of nothing but computing, whoever sends it: one is checked
at a time, and few may wait for it.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

from pakta import turns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# The longest request body, in bytes, that is kept in memory until its turn.
SHORT = 128 * 1024
# Longer than anything that is taken (fifty photographs at once, see `pledges.paper.scans`): who
# announces more is told so at once, and nothing of it is read.
LONGEST = 320 * 1024 * 1024

# Asks nothing of anybody, and tells that the process is there also while all others wait.
ALIVE = "/healthz"

# Where passwords are sent to, and how many of a process's threads these may hold.
ACCOUNTS, IN_LINE = "/akun/", 8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pakta.settings")

_django = get_wsgi_application()
_line, _checked = threading.BoundedSemaphore(IN_LINE), threading.Lock()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > LONGEST:
        return _too_long(start_response)
    is_password = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].startswith(ACCOUNTS)
    if length > SHORT:
        # What is long takes no turn, and no password may go past its line that way.
        answer = _too_long(start_response) if is_password else _django(environ, start_response)
        return _drained(environ, answer)
    if environ["PATH_INFO"] == ALIVE:
        return _django(environ, start_response)
    environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
    if is_password:
        return _in_line(environ, start_response)
    with turns.taken():
        return _django(environ, start_response)


def _drained(environ: WSGIEnvironment, answer: Iterable[bytes]) -> Iterable[bytes]:
    """What nobody wanted to read is taken all the same: a proxy whose line is cut while it sends
    thinks that this host is gone, and leads everybody past it for a while."""
    while environ["wsgi.input"].read(SHORT):
        pass
    return answer


def _in_line(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if not _line.acquire(blocking=False):
        told = "Terlalu banyak yang sedang masuk. Tunggu beberapa detik, lalu kirim lagi."
        return _refuse(start_response, "503 Service Unavailable", told)
    try:
        with _checked, turns.taken():
            return _django(environ, start_response)
    finally:
        _line.release()


def _too_long(start_response: StartResponse) -> Iterable[bytes]:
    return _refuse(start_response, "413 Content Too Large", "Kiriman ini terlalu besar.")


def _refuse(start_response: StartResponse, status: str, told: str) -> Iterable[bytes]:
    content = told.encode()
    start_response(
        status,
        [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(content)))],
    )
    return [content]
