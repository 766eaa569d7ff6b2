"""What is logged, as text or as JSON lines, and what of it never is: data about people, and
whatever opens something.

Code logs numbers of rows. What slips in from elsewhere is cut here, where every line passes:

* An error is told by its kind, its place, and its own words where those come from Python, the
  database's constraints or a server, and not from what somebody typed.
* A request is named by its route and not by its path.
* Tokens of addresses, queries, e-mail addresses, and numbers as long as a NIK or a NIP.
"""

from __future__ import annotations

import copy
import logging
import re
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from django.utils.functional import LazyObject
from pythonjsonlogger.json import JsonFormatter

if TYPE_CHECKING:
    from django.http import HttpRequest

# That of this thread, while it is being answered.
current: ContextVar[HttpRequest | None] = ContextVar("request", default=None)

# What `extra` may add to a line, and nothing else of it: Django adds the whole request.
_EXTRA = ("method", "status", "milliseconds")

# A personal link, receipt or wall, `/s/12-…`, `/bukti/12-…` and `/layar/12-…`, and a link for
# setting a password or for "Bukan saya": whoever reads one may use it.
_TOKEN = re.compile(
    r"(/(?:s|bukti|layar)/\d*)-?[0-9A-Za-z]+"
    r"|(/(?:akun/kata-sandi-baru|bukan-saya|lembar|tidak-bersedia)/[0-9A-Za-z]+)-[0-9A-Za-z-]+"
)
_QUERY = re.compile(r"\?[\w.~%+-]+=[^\s\"'<>]*")
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# Grouped by whatever separates digits on a slip; in a digest letters stand around them.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d(?:[ .\-]?\d){15,17}(?![0-9A-Za-z])")
# See `keys.ALPHABET`; a personal code is longer.
_EVENT = re.compile(r"[0-9A-HJKMNP-TV-Z]{6}")

# Their words name types, attributes, modules and files.
_OF_PYTHON = (
    AttributeError, ImportError, MemoryError, NameError, NotImplementedError, OSError,
    RecursionError,
)  # fmt: skip
# Of databases, storages, settings and mail servers: the first line names a constraint or a host.
# What follows it, PostgreSQL's DETAIL, quotes the row.
_OF_SERVERS = {
    "BotoCoreError", "ClientError", "ImproperlyConfigured", "IntegrityError", "InterfaceError",
    "MailServerAway", "OperationalError", "StorageAway",
}  # fmt: skip


def cut(text: str) -> str:
    """Keeps whose address it was and cuts the part that proves it."""
    text = _TOKEN.sub(r"\1\2-…", text)
    text = _QUERY.sub("?…", text)
    return _NUMBER.sub("…", _EMAIL.sub("…", text))


def spoken(error: BaseException) -> str:
    """The kind of an error, and its words if they can be about nobody."""
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ != "builtins":
        name = f"{kind.__module__}.{name}"
    words = str(error).strip().partition("\n")[0] if _speaks_of_nobody(error) else ""
    return f"{name}: {words}" if words else name


def _speaks_of_nobody(error: BaseException) -> bool:
    # What is derived from these elsewhere, a mail server's refusal say, quotes others.
    is_of_python = type(error).__module__ == "builtins" and isinstance(error, _OF_PYTHON)
    return is_of_python or not _OF_SERVERS.isdisjoint(one.__name__ for one in type(error).__mro__)


def _traceback(error: BaseException) -> Iterator[str]:
    """As Python tells it, the cause first; lines of code and no values."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _traceback(before)
        yield "\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{spoken(error)}\n"


def route_of(request: HttpRequest) -> str:
    """`signer:link`, whoever's link it was; "-" for an address that there is not."""
    match = request.resolver_match
    return match.view_name if match else "-"


def _request_of(record: logging.LogRecord) -> HttpRequest | None:
    """Django names it where it speaks of one; its development server names a socket."""
    request: Any = getattr(record, "request", None)
    return request if hasattr(request, "resolver_match") else current.get()


class Private(logging.Formatter):
    """What all formats have in common. `tells_all` is for who writes the code: it leaves an
    error its words."""

    def __init__(self, *, tells_all: bool = False) -> None:
        super().__init__("%(message)s")
        self._tells_all = tells_all

    def format(self, record: logging.LogRecord) -> str:
        # Others who show this record have written the error out in full, and kept that.
        record = copy.copy(record)
        record.msg, record.args, record.exc_text = cut(self._message(record)), None, None
        return super().format(record)

    def _message(self, record: logging.LogRecord) -> str:
        if not isinstance(record.args, tuple):
            return record.getMessage()
        request = _request_of(record)
        record.args = tuple(self._argument(one, request) for one in record.args)
        return record.getMessage()

    def _argument(self, value: Any, request: HttpRequest | None) -> Any:
        if isinstance(value, BaseException) and not self._tells_all:
            return spoken(value)
        # Not only tokens stand in a path: whoever mistypes an address may type a number or name.
        if request is not None and isinstance(value, str) and value == request.path:
            return route_of(request)
        return value

    def formatException(  # noqa: N802 (logging's name)
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        if self._tells_all or ei[1] is None:
            return cut(super().formatException(ei))
        return cut("".join(_traceback(ei[1])).rstrip("\n"))


class Text(Private):
    """For who sits before the screen."""


class Json(Private, JsonFormatter):
    """One object for each line, for programs that collect them."""

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        at = datetime.fromtimestamp(record.created, tz=UTC)
        log_data.update(
            time=at.isoformat(timespec="milliseconds"),
            level=record.levelname,
            logger=record.name,
            message=record.message,
        )
        request = _request_of(record)
        if request is not None:
            log_data.update(_about(request))
        given = {name: getattr(record, name, None) for name in _EXTRA}
        log_data.update({name: value for name, value in given.items() if value is not None})
        if "exc_info" in message_dict:
            log_data["error"] = message_dict["exc_info"]


def _about(request: HttpRequest) -> dict[str, Any]:
    """Where, who and of which event, by numbers and the event's public code."""
    user = _user_of(request)
    about = {
        "request": request.META.get("REQUEST_ID"),
        "route": route_of(request),
        "event": _event_of(request),
        "user": user.pk if user is not None else None,
    }
    return {name: value for name, value in about.items() if value is not None}


def _user_of(request: HttpRequest) -> Any:
    """Whoever was not asked for is not looked up for the log's sake."""
    user = vars(request).get("user")
    # Django's own promise of one, unless somebody has logged in just now.
    return getattr(request, "_cached_user", None) if isinstance(user, LazyObject) else user


def _event_of(request: HttpRequest) -> str | None:
    """Elsewhere than in these two "code" is a document's; and anything may be typed for it."""
    match = request.resolver_match
    if match is None or match.namespace not in {"signer", "organiser"}:
        return None
    code = str(match.kwargs.get("code", ""))
    return code if _EVENT.fullmatch(code) else None


def tell_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """For `sys.excepthook`: what ends a command is told like everything else."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("pakta").critical("ended by an error", exc_info=(kind, error, trace))
