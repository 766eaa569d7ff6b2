"""What each process counts for Prometheus. No label is about a person, and none is without end.

What stands in the database is not counted but asked for, see `pledges.gauges`.
"""

from __future__ import annotations

from django_prometheus.conf import PROMETHEUS_LATENCY_BUCKETS
from prometheus_client import Counter, Histogram

# As django-prometheus names them, so that dashboards made for it fit. Its own middleware counts
# fifteen things at each request and takes any method for a label, made-up ones too.
RESPONSES = Counter(
    "django_http_responses_total_by_status_view_method",
    "Count of responses by status, view, method.",
    ["status", "view", "method"],
)
LATENCY = Histogram(
    "django_http_requests_latency_seconds_by_view_method",
    "Histogram of request processing time labelled by view.",
    ["view", "method"],
    buckets=PROMETHEUS_LATENCY_BUCKETS,
)
SIGNING = Histogram(
    "pakta_signing_seconds",
    "Time from asking for a signature to its being on record, or refused.",
    buckets=PROMETHEUS_LATENCY_BUCKETS,
)
WRONG_CODES = Counter("pakta_wrong_codes", "Personal and e-mailed codes that were wrong.")
