from __future__ import annotations

import pytest
from pytest_django import Settings

from pledges import addresses
from pledges.models import Event


def test_the_event_s_address_is_built_from_the_base_url(settings: Settings) -> None:
    settings.BASE_URL = "https://pakta.contoh.example"
    assert addresses.of_event(Event(code="K7M2QD")) == "https://pakta.contoh.example/a/K7M2QD"


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost:8000",
        "https://localhost",
        "http://pakta.localhost",
        "http://127.0.0.1:8000",
        "http://127.8.8.8",
        "http://[::1]:8000",
    ],
)
def test_an_address_of_this_machine_is_warned_of(settings: Settings, base_url: str) -> None:
    settings.BASE_URL = base_url
    assert addresses.warning().startswith(
        f"Alamat Pakta masih {base_url}, yang hanya dapat dibuka dari komputer ini."
    )


@pytest.mark.parametrize("base_url", ["http://pakta.contoh.example", "http://192.168.1.5:8000"])
def test_plain_http_is_warned_of(settings: Settings, base_url: str) -> None:
    settings.BASE_URL = base_url
    assert addresses.warning().startswith(f"Alamat Pakta masih {base_url}, tanpa HTTPS.")


def test_a_public_address_with_https_is_not_warned_of(settings: Settings) -> None:
    settings.BASE_URL = "https://pakta.contoh.example"
    assert addresses.warning() == ""
