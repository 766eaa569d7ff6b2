#!/usr/bin/env python
"""Django's command-line utility for Pakta."""

import os
import sys

from django.core.management import execute_from_command_line

from pakta import logs

if __name__ == "__main__":
    sys.excepthook = logs.tell_uncaught
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pakta.settings")
    execute_from_command_line(sys.argv)
