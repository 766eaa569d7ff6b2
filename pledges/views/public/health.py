"""What a supervisor, a proxy or a load balancer asks: alive, and ready?"""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pledges import health


@never_cache
@require_safe
def is_alive(request: HttpRequest) -> HttpResponse:
    """Touches nothing: a database that is away is no reason to kill this process."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def is_ready(request: HttpRequest) -> JsonResponse:
    """A line for each check."""
    found = health.examine()
    status = 200 if found.is_ready else 503
    return JsonResponse(asdict(found), status=status, json_dumps_params={"indent": 0})
