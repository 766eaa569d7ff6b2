"""Where `load_demo` refuses; what it loads and prints is in test_demo.py."""

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from pledges.models import Event
from tests import cast


def test_an_installation_with_real_events_takes_no_demo_data(city):
    cast.make_open(city)
    with pytest.raises(CommandError, match="sudah berisi acara yang sebenarnya"):
        call_command("load_demo")
    assert not Event.objects.filter(is_example=True).exists()
    assert not User.objects.exists()
