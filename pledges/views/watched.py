"""Every request: counted for Prometheus, and told in one line of the log."""

from __future__ import annotations

import logging
import secrets
import time

from django.http import HttpRequest, HttpResponseBase

from pakta import logs
from pledges import metrics
from pledges.views.guards import Answer

logger = logging.getLogger("pakta.access")

# Whoever asks may make up others, and each would be a row that is kept for ever.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
# Asked every few seconds by programs, and files that never change; told only when they fail.
_QUIET = {"public:healthz", "public:readyz", "public:metrics", "-"}


def watched(answer: Answer) -> Answer:
    """Middleware, outside all others."""

    def answer_watched(request: HttpRequest) -> HttpResponseBase:
        # What several lines tell of one request belongs together.
        request.META["REQUEST_ID"] = secrets.token_hex(8)
        started = time.perf_counter()
        before = logs.current.set(request)
        try:
            response = answer(request)
            _tell(request, response, time.perf_counter() - started)
        finally:
            logs.current.reset(before)
        return response

    return answer_watched


def _tell(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    view, status = logs.route_of(request), response.status_code
    method = request.method if request.method in _METHODS else "other"
    metrics.RESPONSES.labels(status, view, method).inc()
    metrics.LATENCY.labels(view, method).observe(seconds)
    if status < 400 and view in _QUIET:
        return
    told = {"method": method, "status": status, "milliseconds": round(seconds * 1000, 1)}
    logger.info("%s %s %d", method, view, status, extra=told)
