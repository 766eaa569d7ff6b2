"""What every answer asks of the browser: run nothing inline or foreign, and be framed nowhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from pledges.views.guards import Answer

# None of them is asked for by any page. A photograph of a sheet comes from a file field.
_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)


def policy(*sites: str) -> str:
    """A Content-Security-Policy; forms may lead to these sites and to no other but our own.

    Pictures may be data: Bootstrap's ticks and arrows are, and QR codes and previews come with
    their page, so that no second request asks for a personal link.
    """
    targets = " ".join(("'self'", *sites))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; form-action {targets}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def strict(answer: Answer) -> Answer:
    """Middleware: the one policy for every page; a view that needs another has set it."""

    def answer_strictly(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", policy())
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        return response

    return answer_strictly
