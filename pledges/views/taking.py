"""Files that are taken away, whole or in pieces: a broken download goes on where it broke off.

Pieces are RFC 9110's ranges of bytes, one at a time; whoever asks for several gets the whole.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe

from pledges import filenames
from pledges.exports import Content

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def streamed(
    chunks: Iterable[bytes], name: str, *, size: int, content_type: str
) -> StreamingHttpResponse:
    """With its length, so that the browser shows progress and notices a broken download."""
    return StreamingHttpResponse(
        chunks,
        content_type=content_type,
        headers={
            "Content-Length": str(size),
            "Content-Disposition": content_disposition_header(True, name) or "",
            # PDFs are compressed already, and GZipMiddleware would take the length away.
            "Content-Encoding": "identity",
        },
    )


def inline_pdf(pdf: bytes, name: str) -> HttpResponse:
    """Shown by the browser, for printing; saved, it is called like this."""
    shown_as = content_disposition_header(False, f"{filenames.safe(name)}.pdf") or ""
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": shown_as}
    )


def goes_on(request: HttpRequest, *, size: int, etag: str) -> bool:
    """Whether this asks for a later piece of what was begun, of these very bytes. Who does not
    prove it by the ETag begins, be it with the second byte."""
    asked = _piece(request, size)
    return asked is not None and asked[0] > 0 and request.headers.get("If-Range") == etag


def in_pieces(
    request: HttpRequest,
    content: Content,
    name: str,
    *,
    content_type: str,
    etag: str,
    modified: datetime.datetime,
) -> HttpResponseBase:
    """What the request asks for of a content that never changes; `etag` with its quotes."""
    seconds = int(modified.timestamp())
    asked = _piece(request, content.size) if _is_the_same(request, etag, seconds) else None
    start, stop = asked or (0, content.size)
    known = {"ETag": etag, "Last-Modified": http_date(seconds), "Accept-Ranges": "bytes"}
    if asked and start >= stop:
        beyond = HttpResponse(headers=known | {"Content-Range": f"bytes */{content.size}"})
        # What the request makes conditions of comes first (RFC 9110, 13.2.2).
        judged = get_conditional_response(request, etag, seconds, beyond)
        if judged is beyond:
            beyond.status_code = 416
        return judged or beyond
    chunks = () if request.method == "HEAD" else content.read(start, stop)
    response = streamed(chunks, name, size=stop - start, content_type=content_type)
    for header, value in known.items():
        response[header] = value
    if asked:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{content.size}"
    # It reads the headers of any response.
    plain = cast(HttpResponse, response)
    return get_conditional_response(request, etag, seconds, plain) or response


def _piece(request: HttpRequest, size: int) -> tuple[int, int] | None:
    """From where up to where, if a piece is asked for; an empty one lies beyond the end."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or request.method != "GET":
        return None
    first, last = asked.groups()
    if not (first or last) or (first and last and int(last) < int(first)):
        return None
    start = int(first) if first else max(size - int(last), 0)
    stop = min(int(last) + 1, size) if first and last else size
    return start, stop


def _is_the_same(request: HttpRequest, etag: str, modified: int) -> bool:
    """Whether the rest of what was begun is still asked for, of this very content."""
    condition = request.headers.get("If-Range")
    return condition is None or condition == etag or parse_http_date_safe(condition) == modified
