"""Pakta's own settings, with a table and two routes more: what signing is held against."""

from pakta.settings import *  # noqa: F403
from pakta.settings import INSTALLED_APPS

INSTALLED_APPS += ["tests.load"]
ROOT_URLCONF = "tests.load.urls"
