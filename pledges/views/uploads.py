"""Uploads that cannot fill the memory or the disk, whatever is sent."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from pledges import logos

View = Callable[..., HttpResponse]


class FirstPartInMemory(FileUploadHandler):
    """Keeps one file, the first, and of that no more than `limit` bytes and one.

    What follows is received and dropped, so that the sender gets an answer that tells
    what was wrong instead of a broken connection. Whoever reads the file finds by the
    byte too many that it was too large.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._content = io.BytesIO()
        self._has_one = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._has_one:
            raise SkipFile
        self._has_one = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        room = self._limit + 1 - start
        if room > 0:
            self._content.write(raw_data[:room])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._content.seek(0)
        return InMemoryUploadedFile(
            file=self._content,
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type or "",
            size=file_size,
            charset=self.charset,
        )


class SeveralOnDisk(FileUploadHandler):
    """Keeps several files on the disk, `most` of them, and of each no more than `limit` bytes
    and one. Of a request of more than `total` bytes nothing is kept.

    The rest is received and dropped, as above.
    """

    def __init__(self, *, limit: int, most: int, total: int) -> None:
        super().__init__()
        self._limit, self._most, self._total = limit, most, total
        self._kept: TemporaryUploadedFile | None = None
        self._count = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 (Django's name)
        content_length: int,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if content_length > self._total:
            self._most = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._count += 1
        self._kept = None
        if self._count <= self._most:
            self._kept = TemporaryUploadedFile(
                self.file_name or "", self.content_type or "", 0, self.charset
            )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        room = self._limit + 1 - start
        if self._kept and room > 0:
            self._kept.write(raw_data[:room])

    def file_complete(self, file_size: int) -> TemporaryUploadedFile | None:
        if self._kept:
            self._kept.seek(0)
            self._kept.size = file_size
        return self._kept


class SmallFirstPart(FirstPartInMemory):
    """Where a view says nothing else: Django reads a form before any view or login is asked,
    so anybody could fill the disk. A logo, the smallest file that is wanted, has room."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(logos.MAX_BYTES)


def takes_file(limit: int) -> Callable[[View], View]:
    """For a view behind a login to which one file is sent, kept as above."""
    return _takes(lambda: FirstPartInMemory(limit))


def takes_files(*, limit: int, most: int, total: int) -> Callable[[View], View]:
    """For a view behind a login to which several files are sent, kept as above."""
    return _takes(lambda: SeveralOnDisk(limit=limit, most=most, total=total))


def _takes(handler: Callable[[], FileUploadHandler]) -> Callable[[View], View]:
    """The CSRF token stands in the body, so it is checked after the limits are set."""

    def decorate(view: View) -> View:
        protected = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            request.upload_handlers = [handler()]
            return protected(request, *args, **kwargs)

        return limited

    return decorate
