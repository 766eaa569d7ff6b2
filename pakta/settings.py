"""All settings, driven by the environment; `.env` in the checkout is read if it is there.

Any variable may be given as NAME_FILE, which names a file with its value: secrets mostly.
"""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from pakta.environment import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
# Personal links and codes are derived from this key, so that rotating SECRET_KEY
# leaves printed slips valid.
CODES_KEY = env.str("CODES_KEY")
# Encrypts NIK and keys their lookup hash.
NIK_KEY = env.str("NIK_KEY")

# Every link and QR code is built from this address.
BASE_URL = env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
_HTTPS = BASE_URL.startswith("https://")
_IS_LOOPBACK = urlsplit(BASE_URL).hostname in {"localhost", "127.0.0.1", "::1"}
# People sign here in earnest: what is for trying is refused at the start (`pledges.checks`).
IS_PRODUCTION = _HTTPS and not _IS_LOOPBACK
ALLOWED_HOSTS = [
    urlsplit(BASE_URL).hostname or "localhost",
    *env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"]),
]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
# The agency's sealing key and certificate chain; only the sealing worker opens it.
_PKCS12 = env.str("SEAL_PKCS12", default="")
SEAL_PKCS12 = Path(_PKCS12 or DATA_DIR / "seal" / "development.p12")
SEAL_PASSPHRASE = env.str("SEAL_PASSPHRASE", default="")
# Or a key that never leaves its token; the certificate is on it too, or in a file.
SEAL_PKCS11_MODULE = env.str("SEAL_PKCS11_MODULE", default="")
SEAL_PKCS11_TOKEN = env.str("SEAL_PKCS11_TOKEN", default="")
SEAL_PKCS11_KEY = env.str("SEAL_PKCS11_KEY", default="")
SEAL_PKCS11_PIN = env.str("SEAL_PKCS11_PIN", default="")
SEAL_CERTIFICATE = env.str("SEAL_CERTIFICATE", default="")
if _PKCS12 and SEAL_PKCS11_MODULE:
    raise ImproperlyConfigured(
        "Kunci segel hanya satu: isi SEAL_PKCS12 atau SEAL_PKCS11_MODULE, jangan keduanya."
    )
# An RFC 3161 authority that says when a document was sealed, by whose certificates it is
# trusted, and for how many minutes documents wait for one that does not answer.
TIMESTAMP_URL = env.str("TIMESTAMP_URL", default="")
TIMESTAMP_USER = env.str("TIMESTAMP_USER", default="")
TIMESTAMP_PASSWORD = env.str("TIMESTAMP_PASSWORD", default="")
TIMESTAMP_CA = env.str("TIMESTAMP_CA", default="")
TIMESTAMP_WAIT = env.float("TIMESTAMP_WAIT", default=10)

INSTALLED_APPS = [
    "pledges",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "treebeard",
]

MIDDLEWARE = [
    "pledges.views.watched.watched",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pledges.views.headers.strict",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pledges.views.guards.kept_by_no_cache",
    "pledges.views.guards.Explained",
    "pledges.views.guards.SecondFactorFirst",
    "pledges.views.desk.session.desk_pages_only",
]

ROOT_URLCONF = "pakta.urls"
WSGI_APPLICATION = "pakta.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'pakta.sqlite3'}"),
}
# PgBouncer stands before PostgreSQL and lends a connection for each transaction.
DATABASE_POOLED = env.bool("DATABASE_POOLED", default=False)
# In seconds: a page whose query takes longer says "coba lagi". Nothing else is cut off, since
# imports and migrations do take long.
WEB_STATEMENT_TIMEOUT = env.float("WEB_STATEMENT_TIMEOUT", default=20)
# Said by `deploy/gunicorn.conf.py` to its own processes.
_SERVES_WEB = env.bool("SERVES_WEB", default=False)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers queue instead of failing: a transaction takes the write lock when it
    # begins, readers never wait (WAL), and a commit is on the disk (FULL).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"] |= {
        # PostgreSQL starts a process and checks a password for each connection, which is more
        # work than a signature. A pooler does neither.
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=0 if DATABASE_POOLED else 60),
        "CONN_HEALTH_CHECKS": True,
        # The next piece would be asked for on whichever connection is free.
        "DISABLE_SERVER_SIDE_CURSORS": DATABASE_POOLED,
    }
    _OPTIONS: dict[str, int | str] = {
        # A database host that is gone is noticed within a minute, also by whoever waits for it.
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    if not DATABASE_POOLED:
        # A host that loses its power in a transaction must not hold an event's lock for hours.
        _LIMITS = {"idle_in_transaction_session_timeout": 60_000 if _SERVES_WEB else 600_000}
        if _SERVES_WEB:
            _LIMITS["statement_timeout"] = round(WEB_STATEMENT_TIMEOUT * 1000)
        _OPTIONS["options"] = " ".join(f"-c {name}={limit}" for name, limit in _LIMITS.items())
    DATABASES["default"]["OPTIONS"] = _OPTIONS | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # For the group too: the sealing worker is a user of its own, who alone has the key.
        "OPTIONS": {"location": DATA_DIR / "files", "file_permissions_mode": 0o640},
    },
    "staticfiles": {"BACKEND": "pakta.storage.StaticFiles"},
}
# With a bucket, files are in an S3-compatible store, as several hosts need it.
if _BUCKET := env.str("S3_BUCKET", default=""):
    _ENDPOINT = env.str("S3_ENDPOINT", default="") or None
    STORAGES["default"] = {
        "BACKEND": "pakta.objects.Objects",
        "OPTIONS": {
            "bucket_name": _BUCKET,
            "endpoint_url": _ENDPOINT,
            "region_name": env.str("S3_REGION", default="us-east-1"),
            "access_key": env.str("S3_ACCESS_KEY"),
            "secret_key": env.str("S3_SECRET_KEY"),
            # Few stores but Amazon's have a name of its own for each bucket.
            "addressing_style": "path" if _ENDPOINT else "virtual",
        },
    }
STATIC_URL = "/static/"
# In a container they belong to the image, and not to the data that outlive it.
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Nobody asks for the rest, and collecting takes a quarter of the time without it.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]

# What all web processes must know of each other, how often somebody tried to log in say. In the
# database, which all of them have; in Redis where there is one.
CACHES = {"default": env.cache_url("CACHE_URL", default="dbcache://pakta_cache")}
if CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
    # Django keeps 300, which people who are guessing would fill.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 100_000}
elif CACHES["default"]["BACKEND"].endswith("RedisCache"):
    CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 3, "socket_timeout": 3}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "pledges.passwords.MoreThanOurWords"},
]
# Links for setting a password, those in invitations included.
PASSWORD_RESET_TIMEOUT = 7 * 24 * 60 * 60
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "organiser:events"
ACCOUNT_ADAPTER = "pledges.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# An address without an account gets no e-mail, and the page does not tell the difference.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {
    "login": "pledges.forms.account.LoginForm",
    "change_password": "pledges.forms.account.ChangePasswordForm",
    "reauthenticate": "pledges.forms.account.ReauthenticateForm",
    "reset_password": "pledges.forms.account.ResetPasswordForm",
    "reset_password_from_key": "pledges.forms.account.ResetPasswordKeyForm",
}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "public:home"
# Counted for each account: a whole office sits behind one address, and who guesses has many.
# What nobody can guess is not counted: the key of a link, the signature of a passkey.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    # Passwords, and codes of the second step. A browser in which somebody was before has a
    # count of its own (`pledges.adapters`).
    "login_failed": "10/15m/key",
    "reset_password": "5/h/key",
    "reset_password_from_key": None,
}
# Sent by `pledges.accounts`, in its own words.
ACCOUNT_EMAIL_NOTIFICATIONS = True

MFA_ADAPTER = "pledges.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": None}
MFA_TOTP_ISSUER = "Pakta"
# Half a minute before and after: telephones' clocks are not all right.
MFA_TOTP_TOLERANCE = 1
# Without a certificate, for trying it out on one's own machine.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS and _IS_LOOPBACK
MFA_FORMS = {
    "authenticate": "pledges.forms.account.SecondStepForm",
    "reauthenticate": "pledges.forms.account.CodeAgainForm",
    "activate_totp": "pledges.forms.account.ActivateAppForm",
    "add_webauthn": "pledges.forms.account.AddPasskeyForm",
    "edit_webauthn": "pledges.forms.account.RenamePasskeyForm",
}
# Logging in through a provider identifies a signer for one event, and nobody else.
SOCIALACCOUNT_ADAPTER = "pledges.openid.Adapter"

EMAIL_CONFIG = env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}")
EMAIL_BACKEND = EMAIL_CONFIG.pop("EMAIL_BACKEND")
vars().update(EMAIL_CONFIG)
# A mail server that does not answer must not hold up everything that waits behind.
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Pakta <pakta@localhost>")

LANGUAGE_CODE = "id"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _HTTPS
# Who asks them is on this side of the proxy.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
# A browser that was here once asks by HTTPS only, for a year. Not for the names below this one:
# the agency may have other sites there.
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _HTTPS else 0
# Which is what these two ask for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Browsers take such a name over HTTPS alone, and from no other host of the domain.
COOKIE_PREFIX = "__Host-" if _HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}pakta_session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}pakta_csrf"
# In seconds, from the last that was kept in it: whoever forgot to log out is out the next day.
SESSION_COOKIE_AGE = 12 * 60 * 60
# Pages carry the token; no script reads it from the cookie.
CSRF_COOKIE_HTTPONLY = True
# "Kode Siti Aminah …" belongs into the database and not into a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Links in e-mails and QR codes carry tokens; they must not leave this site as a referrer.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A roster of 15 MiB is the largest upload; anything beside it is small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 * 1024 * 1024
# Files do not count there; views that take larger ones say so.
FILE_UPLOAD_HANDLERS = ["pledges.views.uploads.SmallFirstPart"]

# What Prometheus has to show to be told anything at /metrics, which is not there without one.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# JSON lines for programs that collect them; text for who sits before the screen.
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if IS_PRODUCTION else "text")
_FORMATTERS = {
    "json": {"()": "pakta.logs.Json"},
    # With DEBUG, errors are told in their own words, which quote whatever was typed.
    "text": {"()": "pakta.logs.Text", "tells_all": DEBUG},
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": _FORMATTERS[LOG_FORMAT]},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # They tell every step of every document, and that they were loaded.
        "weasyprint.progress": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        # A line for each request is for programs; it would hide everything else on a screen.
        "pakta.access": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        # It quotes requests that are broken; they go through the same hands.
        "gunicorn.error": {"propagate": True},
        # It tells the number of every passkey.
        "fido2": {"level": "WARNING"},
    },
}
