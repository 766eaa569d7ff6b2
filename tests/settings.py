"""Pakta's own settings, in an environment that belongs to this test process alone."""

import atexit
import os
import tempfile

_data = tempfile.TemporaryDirectory(prefix="pakta-tests-")
atexit.register(_data.cleanup)

# Every variable is spelled out, so that a developer's .env changes nothing here.
os.environ |= {
    "DEBUG": "no",
    "SECRET_KEY": "secret-key-of-the-tests",
    "CODES_KEY": "codes-key-of-the-tests",
    "NIK_KEY": "nik-key-of-the-tests",
    "BASE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "DATA_DIR": _data.name,
    "SEAL_PKCS12": f"{_data.name}/seal/development.p12",
    "SEAL_PASSPHRASE": "",
    "EMAIL_URL": f"filemail:///{_data.name}/mail",
}
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_data.name}/pakta.sqlite3")
os.environ.setdefault("LOG_FORMAT", "text")
os.environ.setdefault("METRICS_TOKEN", "")

from pakta.settings import *  # noqa: E402, F403
from pakta.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file and not memory, so that threads and worker processes can open it too.
    DATABASES["default"]["TEST"] = {"NAME": f"{_data.name}/test.sqlite3"}

# Static files come from where they are written, without a collectstatic before every test run.
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
STATIC_ROOT.mkdir()

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
