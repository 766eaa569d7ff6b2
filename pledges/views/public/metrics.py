"""What Prometheus asks."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from pledges import gauges, keys


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Not there at all without the token: how many sign, and when, concerns nobody else."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not keys.same(given, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    response: HttpResponse = ExportToDjangoView(request)
    response.content += gauges.told()
    return response
