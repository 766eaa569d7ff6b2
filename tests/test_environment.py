"""Secrets that are given as files, as containers and systemd give them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import MANAGE

SECRETS = {
    "SECRET_KEY": "secret-from-a-file",
    "CODES_KEY": "codes-from-a-file",
    "NIK_KEY": "nik-from-a-file",
    "SEAL_PASSPHRASE": "passphrase from a file",
    "SEAL_PKCS11_PIN": "pin from a file",
    "TIMESTAMP_PASSWORD": "password from a file",
    "DATABASE_URL": "sqlite:////tmp/from-a-file.sqlite3",
    "EMAIL_URL": "smtp://mail.from-a-file.example:2525",
}
_TELL = """
import json
from django.conf import settings as s
print(json.dumps([s.SECRET_KEY, s.CODES_KEY, s.NIK_KEY, s.SEAL_PASSPHRASE,
    s.SEAL_PKCS11_PIN, s.TIMESTAMP_PASSWORD,
    str(s.DATABASES["default"]["NAME"]), f"{s.EMAIL_HOST}:{s.EMAIL_PORT}"]))
"""


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "pakta.settings"} | variables
    return subprocess.run(
        [*MANAGE, *arguments], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Each secret in a file that ends with a line break, as editors write it."""
    for name, value in SECRETS.items():
        (tmp_path / name).write_text(f"{value}\n")
    return {f"{name}_FILE": str(tmp_path / name) for name in SECRETS}


def test_each_secret_may_be_given_as_a_file_which_goes_before_the_variable(files):
    told = manage("shell", "--no-imports", "-c", _TELL, **files)

    assert told.stderr == ""
    assert json.loads(told.stdout) == [
        "secret-from-a-file", "codes-from-a-file", "nik-from-a-file", "passphrase from a file",
        "pin from a file", "password from a file",
        "/tmp/from-a-file.sqlite3", "mail.from-a-file.example:2525",
    ]  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_a_file_that_is_not_there_is_named_with_its_variable(name, files):
    refused = manage("check", **files | {f"{name}_FILE": "/nowhere/secret"})

    assert refused.returncode != 0
    assert refused.stderr.splitlines()[-1].endswith(
        f"{name}_FILE: /nowhere/secret tidak dapat dibaca (No such file or directory)."
    )
