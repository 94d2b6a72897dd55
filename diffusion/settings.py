"""Django's settings, derived from `config.py`. Nothing is decided here that an operator would want to decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from csp.constants import NONCE, SELF

from diffusion.config import Config, config

DIFFUSION: Config = config()
_HERE = Path(__file__).parent

SECRET_KEY = DIFFUSION.signing_key()
DEBUG = DIFFUSION.debug
ALLOWED_HOSTS = list(DIFFUSION.hosts)
BASE_URL = DIFFUSION.base_url
CSRF_TRUSTED_ORIGINS = [DIFFUSION.base_url]

INSTALLED_APPS = [
    "diffusion",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "diffusion.web.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "diffusion.web.frame.ReaderMiddleware",
]
ROOT_URLCONF = "diffusion.urls"
WSGI_APPLICATION = "diffusion.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "diffusion.web.frame.frame",
            ],
        },
    }
]
FORM_RENDERER = "diffusion.web.forms.Renderer"

# SQLite: an intent that a power cut loses is a second post, hence synchronous=FULL; IMMEDIATE, or two writers deadlock.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA cache_size=-16000;"
    "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=67108864;"
)


def _database() -> dict[str, Any]:
    parts = DIFFUSION.database
    if DIFFUSION.is_embedded:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": _PRAGMAS,
                "cached_statements": 20,  # of each thread, kept compiled: one that writes many rows is a long one
            },
        }
    threads = DIFFUSION.web_threads + DIFFUSION.worker_threads + 2
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or query.pop("host", "")),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,  # after a restart of the server nobody's request meets a dead connection
        "OPTIONS": {"pool": {"min_size": 1, "max_size": threads, "timeout": 3}, **query},
    }


DATABASES = {"default": _database()}
# What limits guessing is counted here: in the database, at both scales, so that all web processes count together and a
# broker that is away changes nothing. Signing in needs the database anyway. What is over goes first when it is full.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "diffusion_limit",
        "KEY_FUNCTION": "diffusion.vault.hidden",  # else the table would keep who asked, by address
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "diffusion.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "diffusion.web.sign_in.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # sign-up is closed; this also puts the password on the sign-in form
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody is mailed because somebody else typed their address
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator made the person, and vouches for the address
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
# allauth's own writes a row for whoever is known: that takes longer than for whoever is not
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_RATE_LIMITS = {"subscribe": "20/m/ip"}  # beside allauth's own: asking for a letter sends a mail
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = DIFFUSION.language
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [_HERE / "locale"]
USE_TZ = True
TIME_ZONE = DIFFUSION.time_zone

STATIC_URL = "/static/"
MEDIA_ROOT = DIFFUSION.home / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # no collectstatic step between a clone and a running product
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = DIFFUSION.is_secure
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31536000 if DIFFUSION.is_secure else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "style-src-attr": ["'unsafe-inline'"],  # only custom properties that carry data
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": [SELF],
    }
}

EMAIL_BACKEND = "diffusion.directory.outbox.Outbox"
DEFAULT_FROM_EMAIL = DIFFUSION.from_email

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "diffusion.logs.Formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": DIFFUSION.log_level.upper()},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "waitress": {"level": "WARNING"},
        "waitress.queue": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "ERROR"},
        "psycopg.pool": {"level": "CRITICAL"},  # each try of each connection: what is away is said once, by us
        "urllib3": {"level": "ERROR"},
    },
}
