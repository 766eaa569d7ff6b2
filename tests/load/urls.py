"""Pakta's own addresses, and two more.

`least` is the least that a Django view can do and still keep something: one INSERT. It stands
behind the same server, middleware and database as signing. `durability` tells whether what its
web process commits outlives a crash, as the server itself tells it on that very connection.
"""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tests.load.installation import SWITCHES
from tests.load.models import Line


@csrf_exempt
@require_POST
def least(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"line": Line.objects.create(text="Pegawai Contoh").pk})


@require_safe
def durability(request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        return JsonResponse({name: _shown(cursor, name) for name in SWITCHES})


def _shown(cursor, name: str) -> str:
    cursor.execute(f"SHOW {name}")
    [value] = cursor.fetchone()
    return str(value)


urlpatterns = [
    path("least", least),
    path("durability", durability),
    path("", include("pakta.urls")),
]
