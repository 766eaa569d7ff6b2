"""Few requests are computed at a time, and nobody waits for somebody slow."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from pakta import turns, wsgi
from pakta.storage import StorageAway
from pledges.paper import scans


class Django:
    """Stands in for it: counts who is inside, and lets them out when told."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.bodies: list[bytes] = []
        self.is_full = threading.Semaphore(0)
        self.may_leave = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: object) -> Iterable[bytes]:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.is_full.release()
        self.bodies.append(environ["wsgi.input"].read())
        self.may_leave.wait(10)
        with self._lock:
            self.inside -= 1
        return [b"done"]

    def is_reached_by(self, requests: int, *, within: float = 10) -> bool:
        return all(self.is_full.acquire(timeout=within) for _ in range(requests))


@pytest.fixture
def django(monkeypatch: pytest.MonkeyPatch) -> Django:
    django = Django()
    monkeypatch.setattr(wsgi, "_django", django)
    return django


class Slow(io.BytesIO):
    """A body that comes only when the phone has a network again."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.comes = threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.comes.wait(10)
        return super().read(size)


def ask(body: io.BytesIO, length: int, path: str = "/", method: str = "GET") -> Iterable[bytes]:
    environ: Any = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": body,
        "CONTENT_LENGTH": str(length) if length else "",
    }  # fmt: skip
    return wsgi.application(environ, lambda *_: lambda _: None)


def test_of_many_requests_four_are_computed_at_a_time_and_all_are_answered(django: Django):
    with ThreadPoolExecutor(12) as phones:
        answers = [phones.submit(ask, io.BytesIO(), 0) for _ in range(12)]
        assert django.is_reached_by(4)
        assert not django.is_reached_by(1, within=0.3)
        django.may_leave.set()
        assert [answer.result(10) for answer in answers] == [[b"done"]] * 12
    assert django.most == 4


def test_who_sends_slowly_takes_no_turn_before_everything_is_there(django: Django):
    django.may_leave.set()
    slow = [Slow(b"late") for _ in range(8)]
    with ThreadPoolExecutor(9) as phones:
        waiting = [phones.submit(ask, body, 4) for body in slow]
        assert phones.submit(ask, io.BytesIO(b"quick"), 5).result(10) == [b"done"]
        assert django.bodies == [b"quick"]
        for body in slow:
            body.comes.set()
        assert [answer.result(10) for answer in waiting] == [[b"done"]] * 8
    assert django.bodies == [b"quick", *[b"late"] * 8]


def test_what_is_long_takes_no_turn_at_all(django: Django):
    long = wsgi.SHORT + 1
    with ThreadPoolExecutor(6) as phones:
        for _ in range(5):
            phones.submit(ask, io.BytesIO(b"x" * long), long)
        assert django.is_reached_by(5)
        phones.submit(ask, io.BytesIO(), 0)
        assert django.is_reached_by(1)
        django.may_leave.set()


def test_that_it_is_alive_is_told_while_all_turns_are_taken(django: Django):
    with ThreadPoolExecutor(5) as phones:
        for _ in range(4):
            phones.submit(ask, io.BytesIO(), 0)
        assert django.is_reached_by(4)
        phones.submit(ask, io.BytesIO(), 0, "/healthz")
        assert django.is_reached_by(1)
        django.may_leave.set()


def test_one_password_is_checked_at_a_time_few_wait_for_it_and_others_go_on(django: Django):
    def log_in() -> Iterable[bytes]:
        return ask(io.BytesIO(), 0, "/akun/masuk", "POST")

    with ThreadPoolExecutor(wsgi.IN_LINE + 3) as phones:
        logins = [phones.submit(log_in) for _ in range(wsgi.IN_LINE)]
        assert django.is_reached_by(1)
        assert not django.is_reached_by(1, within=0.3)
        assert b"".join(log_in()).startswith(b"Terlalu banyak yang sedang masuk.")
        # Looking at a page checks no password.
        others = [phones.submit(ask, io.BytesIO(), 0, path) for path in ("/", "/akun/masuk", "/")]
        assert django.is_reached_by(3)
        django.may_leave.set()
        assert [each.result(10) for each in [*logins, *others]] == [[b"done"]] * 11


def test_no_password_is_so_long_that_it_goes_past_the_line(django: Django):
    long = wsgi.SHORT + 1

    answer = ask(io.BytesIO(b"x" * long), long, "/akun/masuk", "POST")

    assert b"".join(answer) == b"Kiriman ini terlalu besar."
    assert django.bodies == []


class Waiting(Django):
    """Of which every request waits for the object store."""

    def __call__(self, environ: dict[str, Any], start_response: object) -> Iterable[bytes]:
        with turns.aside():
            return super().__call__(environ, start_response)


def test_who_waits_for_the_store_leaves_the_turn_to_others_and_few_may(
    django: Django, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(turns, "PATIENCE", 0.1)
    waiting = Waiting()
    with ThreadPoolExecutor(turns.ASIDE + 1) as phones:
        monkeypatch.setattr(wsgi, "_django", waiting)
        stuck = [phones.submit(ask, io.BytesIO(), 0) for _ in range(turns.ASIDE)]
        assert waiting.is_reached_by(turns.ASIDE)
        with pytest.raises(StorageAway):
            ask(io.BytesIO(), 0)
        monkeypatch.setattr(wsgi, "_django", django)
        django.may_leave.set()
        assert ask(io.BytesIO(), 0) == [b"done"]
        waiting.may_leave.set()
        assert [answer.result(10) for answer in stuck] == [[b"done"]] * turns.ASIDE
    # And every turn was given back.
    with ThreadPoolExecutor(5) as phones:
        answers = [phones.submit(ask, io.BytesIO(), 0) for _ in range(5)]
        assert [answer.result(10) for answer in answers] == [[b"done"]] * 5


def test_who_has_no_turn_waits_for_the_store_without_a_limit():
    with ExitStack() as held:
        for _ in range(turns.ASIDE + 1):
            held.enter_context(turns.aside())


def test_of_what_is_long_nothing_is_left_unread(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wsgi, "_django", lambda *_: [b"not wanted"])
    body = io.BytesIO(b"x" * 3 * wsgi.SHORT)

    assert ask(body, 3 * wsgi.SHORT) == [b"not wanted"]
    assert body.read() == b""


def test_no_more_of_a_body_is_read_than_was_announced(django: Django):
    django.may_leave.set()
    ask(io.BytesIO(b"four and more"), 4)
    assert django.bodies == [b"four"]


def test_who_announces_more_than_anything_that_is_taken_is_refused_unread(django: Django):
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("it was read")

    said: list[str] = []
    body = {
        "PATH_INFO": "/",
        "CONTENT_LENGTH": str(wsgi.LONGEST + 1),
        "wsgi.input": Unread(),
    }
    answer = wsgi.application(body, lambda status, headers: said.append(status))  # type: ignore[arg-type]

    assert said == ["413 Content Too Large"]
    assert b"".join(answer) == b"Kiriman ini terlalu besar."
    assert scans.MAX_TOTAL < wsgi.LONGEST
