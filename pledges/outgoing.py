"""Requests to servers that somebody else names, an agency's login say: none leads inside.

Who names an address could have this server ask what only this server can reach: the database
beside it, another office's pages, a cloud's own services. A host that the superuser registered
may be anywhere, since many agencies have their login in a network of their own. Every other one
that such a host names must be public, and it is the address at the other end of the connection
that is judged: a name may lead elsewhere from one moment to the next.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from requests import Session
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidURL
from requests.models import PreparedRequest, Response
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

# In seconds, for each part of an answer.
TIMEOUT = 5
_LOOPBACK = {"localhost", "127.0.0.1"}


def is_allowed(address: str) -> bool:
    """HTTPS and nothing else; for trying, this machine may answer without."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.username is not None or not parts.hostname:
        return False
    is_trial = parts.hostname in _LOOPBACK and not settings.IS_PRODUCTION
    return parts.scheme == "https" or (parts.scheme == "http" and is_trial)


def session(*, registered: Collection[str]) -> Session:
    """For requests to these hosts, wherever they are, and to public ones.

    It follows no redirection, which would be one more address that somebody else names.
    """
    asking = _Asking()
    asking.max_redirects = 0
    for scheme in ("https://", "http://"):
        asking.mount(scheme, _Judging(registered))
    return asking


class _Asking(Session):
    def request(self, *args: Any, **kwargs: Any) -> Response:
        return super().request(*args, **{"timeout": TIMEOUT} | kwargs)


class _Judging(HTTPAdapter):
    def __init__(self, registered: Collection[str]) -> None:
        self._registered = registered
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Of direct connections; a proxy that the operator set has rules of its own."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._registered)

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        if not is_allowed(request.url or ""):
            raise InvalidURL("not an address for requests from here", request=request)
        return super().send(request, *args, **kwargs)


def _pools(registered: Collection[str]) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _judged(self, super()._new_conn(), registered)

    class Secured(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _judged(self, super()._new_conn(), registered)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecuredPool(HTTPSConnectionPool):
        ConnectionCls = Secured

    return {"http": PlainPool, "https": SecuredPool}


def _judged(
    connection: HTTPConnection, line: socket.socket, registered: Collection[str]
) -> socket.socket:
    """Before anything is said."""
    if connection.host in registered or ip_address(line.getpeername()[0]).is_global:
        return line
    line.close()
    raise NewConnectionError(connection, "an address inside, and not a registered host's")
