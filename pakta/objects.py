"""Files in an S3-compatible object store, which several hosts share.

Through django-storages, but for how files are read and written. One client serves all threads of
a process. A document is one request each way; what is larger is read in pieces, from wherever
reading begins, so that nothing is held in memory or on a disk.
"""

from __future__ import annotations

import io
import posixpath
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from pakta import turns
from pakta.storage import StorageAway

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# In bytes; ordinary documents are smaller.
PIECE = 1024 * 1024
# In seconds, and tried twice: that a store is away is told to people rather than waited for.
_CONNECT, _READ, _TRIES = 2, 7, 2
# All threads of a web process at once.
_CONNECTIONS = 40

# What stores answer, by the code in the body or, where there is none, the status.
_GONE = ("NoSuchKey", "404")
_BEYOND = ("InvalidRange", "416")
_TAKEN = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409")


class Objects(S3Storage):
    """Nothing is overwritten, and nobody gets an address: what is taken goes through Pakta.

    Raises StorageAway.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **options,
            file_overwrite=False,
            client_config=Config(
                connect_timeout=_CONNECT,
                read_timeout=_READ,
                retries={"mode": "standard", "total_max_attempts": _TRIES},
                max_pool_connections=_CONNECTIONS,
                s3={"addressing_style": options["addressing_style"]},
                # What not only Amazon's own store understands.
                signature_version="s3v4",
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @cached_property
    def _store(self) -> _Store:
        client = self._create_session().client(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            config=self.client_config,
        )
        return _Store(client)

    def _place(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._normalize_name(name)}

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("objects are written by `save`")
        return File(io.BufferedReader(_Object(self._store, self._place(name))), name)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Whether it is free shows when it is written to."""
        return name

    def _save(self, name: str, content: File[bytes]) -> str:
        """The first has the name, be it by a moment; another gets one beside it."""
        while not self._put(name, content):
            name = self.get_alternative_name(*posixpath.splitext(name))
        return name

    def _put(self, name: str, content: File[bytes]) -> bool:
        content.seek(0)
        headers = self._get_write_parameters(name, content)
        with self._store.asked(_TAKEN) as refused:
            self._store.client.put_object(
                **self._place(name), **headers, Body=content.file, IfNoneMatch="*"
            )
        return not refused

    def delete(self, name: str) -> None:
        with self._store.asked(_GONE):
            self._store.client.delete_object(**self._place(name))

    def exists(self, name: str) -> bool:
        with self._store.asked(_GONE) as refused:
            self._store.client.head_object(**self._place(name))
        return not refused


class _Store:
    """The other side, and whether it was away when it was asked last.

    Then one thread at a time asks again, and the others are told at once: it may take all its
    time to say nothing.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self._is_away = False
        self._asking_again = threading.Lock()

    @contextmanager
    def asked(self, expected: tuple[str, ...]) -> Iterator[list[str]]:
        """Ask it; which of the expected refusals it answered, if any. Raises StorageAway."""
        refused: list[str] = []
        with self._one_at_a_time() if self._is_away else nullcontext(), turns.aside():
            try:
                yield refused
            except ClientError as error:
                code = str(error.response["Error"]["Code"])
                if code not in expected:
                    raise StorageAway(f"the object store refuses: {code}") from error
                refused.append(code)
            except BotoCoreError as error:
                self._is_away = True
                raise StorageAway(f"the object store is away: {error}") from error
        self._is_away = False

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if not self._asking_again.acquire(blocking=False):
            raise StorageAway("the object store is away, and is being asked again")
        try:
            yield
        finally:
            self._asking_again.release()


class _Object(io.RawIOBase):
    """One object, of which a piece is at hand. Raises FileNotFoundError where there is none."""

    def __init__(self, store: _Store, place: dict[str, str]) -> None:
        self._store, self._place = store, place
        self._at = self._start = self._size = 0
        self._piece = b""
        self._fetch(PIECE)

    def _fetch(self, most: int) -> None:
        """The next bytes from here on, and how many there are in all."""
        self._start, self._piece = self._at, b""
        span = f"bytes={self._at}-{self._at + most - 1}"
        with self._store.asked(_GONE + _BEYOND) as refused:
            answer = self._store.client.get_object(**self._place, Range=span)
            self._size = int(answer["ContentRange"].rpartition("/")[2])
            self._piece = answer["Body"].read()
        if set(refused).intersection(_GONE):
            raise FileNotFoundError(self._place["Key"])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(begin + offset, 0)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        some = self._some(len(view))
        view[: len(some)] = some
        return len(some)

    def readall(self) -> bytes:
        rest = self._some(self._size)
        if self._at < self._size:
            self._fetch(self._size - self._at)
            rest += self._some(self._size)
        return rest

    def _some(self, most: int) -> bytes:
        """What is at hand from here on, or else the next piece; nothing at the end."""
        if not self._start <= self._at < self._start + len(self._piece):
            if self._at >= self._size:
                return b""
            self._fetch(PIECE)
        begin = self._at - self._start
        some = self._piece[begin : begin + most]
        self._at += len(some)
        return some
