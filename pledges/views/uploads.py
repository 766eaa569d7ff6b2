"""Uploads that cannot fill the memory or the disk, whatever is sent."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
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


class SmallFirstPart(FirstPartInMemory):
    """Where a view says nothing else: Django reads a form before any view or login is asked,
    so anybody could fill the disk. A logo, the smallest file that is wanted, has room."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(logos.MAX_BYTES)


def takes_file(limit: int) -> Callable[[View], View]:
    """For a view behind a login to which one file is sent, kept as above.

    The CSRF token stands in the body, so it is checked after the limit is set.
    """

    def decorate(view: View) -> View:
        protected = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            request.upload_handlers = [FirstPartInMemory(limit)]
            return protected(request, *args, **kwargs)

        return limited

    return decorate
