"""Django's settings, derived from the declared options. Nothing else in the house imports this module."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from wearemany.adapters import keys as server_keys
from wearemany.config.options import read_options
from wearemany.doors import declared
from wearemany.languages import INTERFACE_LANGUAGES

WEAREMANY: dict[str, Any] = read_options()

DATA: Path = WEAREMANY["DATA"]
PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = server_keys.django_secret(DATA / "keys")
DEBUG = False
ALLOWED_HOSTS = [*WEAREMANY["ADDRESSES"], *(door.host for door in declared(WEAREMANY))]
USE_X_FORWARDED_HOST = False
APPEND_SLASH = False
ROOT_URLCONF = "wearemany.config.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Account"
ATOMIC_REQUESTS = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "wearemany.accounts",
    "wearemany.campaigns",
    "wearemany.photos",
    "wearemany.conversations",
    "wearemany.moderation",
    "wearemany.wall",
    "wearemany.web",
]

MIDDLEWARE = [
    "wearemany.web.middleware.PolicyMiddleware",
    "wearemany.web.middleware.LanguageMiddleware",
    "wearemany.web.middleware.DoorMiddleware",
    "wearemany.web.middleware.SameOriginMiddleware",
    "wearemany.web.middleware.ErrorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["wearemany.web.context.page"],
            # The last one wins: our `language_name` knows every language, Django's only its own.
            "builtins": ["django.templatetags.i18n", "wearemany.web.templatetags.wearemany"],
        },
    }
]


def _database(address: str) -> dict[str, Any]:
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "wearemany.sqlite3",
            # Opening one, and closing the last, costs more than most requests ask of it.
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                    "PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"
                ),
            },
        }
    parts = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {
            "connect_timeout": 5,
            # A node that was stopped in the middle of a transaction must not hold everybody's rows for ever.
            "options": "-c idle_in_transaction_session_timeout=30s",
            **dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair),
        },
        "CONN_MAX_AGE": None,
    }


DATABASES = {"default": _database(WEAREMANY["DATABASE"])}

# A file upload never reaches Django: the front seals it while it arrives. What remains is small text,
# and no handler may put it into a temporary file.
FILE_UPLOAD_HANDLERS: list[str] = []
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "desk"
SESSION_COOKIE_PATH = "/desk"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [(language.code, language.name) for language in INTERFACE_LANGUAGES]
LOCALE_PATHS = [PACKAGE / "locale"]

STATIC_URL = "/static/"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # The library that receives mails would log who wrote to whom.
    "loggers": {"mail": {"level": "CRITICAL", "propagate": False, "handlers": []}},
    "root": {"handlers": ["console"], "level": str(WEAREMANY["LOG_LEVEL"]).upper()},
}
