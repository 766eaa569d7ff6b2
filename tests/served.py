"""Pakta's own settings for web processes of tests, whose static files nobody has collected."""

from pakta.settings import *  # noqa: F403
from pakta.settings import STORAGES

STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
