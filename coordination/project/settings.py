"""All settings of Countersign. They come from the environment; a wrong value raises and says what to write.

COUNTERSIGN_ENV       local (default: no debug pages) | development | demo | staging | production
COUNTERSIGN_DATA      folder of database, keys and files; default var/
COUNTERSIGN_PORT      port of the web server; default 8000
COUNTERSIGN_BIND      address it listens on; default 127.0.0.1
COUNTERSIGN_PROXY     1: a reverse proxy ends TLS and sets X-Forwarded-Proto
COUNTERSIGN_COMPANY_{NAME,IBAN,BIC,STREET,TOWN,POSTCODE,COUNTRY}  who pays; required in production
COUNTERSIGN_COMPANY_{NAMES,VAT_IDS,ENDPOINTS}  how documents name us, comma-separated: further names, VAT ids,
                      electronic addresses such as 9930:DE136695976; what is addressed to others is held
COUNTERSIGN_LISTS     a folder with code lists that take the place of ours: untdid_1001.json, untdid_4461.json
COUNTERSIGN_CUTOFF    until when the bank takes files for the same day, with its zone;
                      default 14:00 Europe/Berlin
COUNTERSIGN_CUTOFFS   the same for currencies with another one, such as USD=12:00
                      Europe/Berlin, GBP=13:00
COUNTERSIGN_TIME_ZONE the time zone that all pages show, such as Europe/Berlin; default that of each browser
COUNTERSIGN_PEPPOL_ID our Peppol participant id, for responses to vendors; default the buyer's on the invoice
COUNTERSIGN_SAMPLING  0: no random audits
COUNTERSIGN_UNDO      seconds in which an answer of a page can be taken back, 0 to 60; default 10
COUNTERSIGN_LEASE     minutes for which a claim lasts after its owner was last seen on the case; default 30
COUNTERSIGN_LEARN_DAYS days of the calendar from which an agent's usual behaviour is learned; default 63
COUNTERSIGN_OVERSIGHT of 100 questions about invoices, so many bring a known-answer case: 2 to 5; default 0
COUNTERSIGN_TRUST_FIRST_IMPORT  1: the first account of every vendor counts as verified; for trials
COUNTERSIGN_EN16931_XSLT  a folder with the official EN 16931 stylesheets; needs saxonche
COUNTERSIGN_POOL      connections that a process may keep in a pool; default 0 (none), 20 in the web server
COUNTERSIGN_LOG       the name of this ledger in checkpoints and keys; default countersign
COUNTERSIGN_CHECKPOINTS  where checkpoints are kept besides: folders, mailto:ADDRESS, https://...,
                      comma-separated
COUNTERSIGN_MAIL      mail server for checkpoints, host:port; default localhost:25
COUNTERSIGN_MAIL_FROM the sender of such mails; default countersign@localhost
COUNTERSIGN_RECHECK   seconds between two checks that a socket's person may still be there; default 60
COUNTERSIGN_FSYNC     0: the embedded server may lose data with the machine; for tests
DATABASE_URL          any PostgreSQL from 15 on; unset: an embedded server under COUNTERSIGN_DATA
SECRET_KEY            signs sessions; unset: made once and kept in COUNTERSIGN_DATA
ALLOWED_HOSTS         names by which the site is reached, comma-separated; required in production
"""

import os
import sys
from pathlib import Path

from csp.constants import NONE, SELF

from .environ import Environ
from .values import (
    checkpoint_sinks,
    company,
    cutoff,
    cutoffs,
    database,
    hosts,
    log_name,
    mail_server,
    ours,
    oversight_share,
    participant,
    secret_key,
    time_zone,
)

BASE_DIR = Path(__file__).resolve().parents[2]
_env = Environ(os.environ)

# --- Countersign --------------------------------------------------------------------------------------------
COUNTERSIGN_ENV = _env.choice(
    "COUNTERSIGN_ENV", ("local", "development", "demo", "staging", "production"), "local"
)
PRODUCTION = COUNTERSIGN_ENV in ("staging", "production")  # staging is production that is rehearsed
DEMO = COUNTERSIGN_ENV == "demo"
COUNTERSIGN_DATA = _env.folder("COUNTERSIGN_DATA", BASE_DIR / "var")
COUNTERSIGN_PORT = _env.number("COUNTERSIGN_PORT", 8000, 1, 65535)
COUNTERSIGN_BIND = _env.text("COUNTERSIGN_BIND", "127.0.0.1")
COUNTERSIGN_COMPANY = company(_env, production=PRODUCTION)
COUNTERSIGN_OURS = ours(_env)
COUNTERSIGN_LISTS = _env.text("COUNTERSIGN_LISTS")
COUNTERSIGN_CUTOFF = cutoff(_env)
COUNTERSIGN_CUTOFFS = cutoffs(_env)
COUNTERSIGN_TIME_ZONE = time_zone(_env)
COUNTERSIGN_PEPPOL_ID = participant(_env, production=PRODUCTION)
COUNTERSIGN_SAMPLING = _env.flag("COUNTERSIGN_SAMPLING", default=True)
COUNTERSIGN_UNDO = _env.number("COUNTERSIGN_UNDO", 10, 0, 60)
COUNTERSIGN_LEASE = _env.number("COUNTERSIGN_LEASE", 30, 1, 1_440)
COUNTERSIGN_LEARN_DAYS = _env.number("COUNTERSIGN_LEARN_DAYS", 28 if DEMO else 63, 1, 3_650)
COUNTERSIGN_OVERSIGHT = oversight_share(_env)
COUNTERSIGN_TRUST_FIRST_IMPORT = _env.flag("COUNTERSIGN_TRUST_FIRST_IMPORT", default=False)
COUNTERSIGN_EN16931_XSLT = _env.text("COUNTERSIGN_EN16931_XSLT")
COUNTERSIGN_LOG = log_name(_env)
COUNTERSIGN_CHECKPOINTS = checkpoint_sinks(_env)
COUNTERSIGN_RECHECK = _env.number("COUNTERSIGN_RECHECK", 60, 1, 3600)
COUNTERSIGN_FSYNC = _env.flag("COUNTERSIGN_FSYNC", default=True)
EMBEDDED_POSTGRES = not _env.text("DATABASE_URL")

# --- Django -------------------------------------------------------------------------------------------------
DEBUG = COUNTERSIGN_ENV == "development"
SECRET_KEY = secret_key(_env, COUNTERSIGN_DATA)
ALLOWED_HOSTS = hosts(_env, production=PRODUCTION)
ROOT_URLCONF = "coordination.project.urls"
ASGI_APPLICATION = "coordination.project.asgi.application"
EMAIL_HOST, EMAIL_PORT = mail_server(_env)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _env.text("COUNTERSIGN_MAIL_FROM", "countersign@localhost")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database(_env)}
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

INSTALLED_APPS = [
    # before staticfiles: both bring a runserver. The app imports the whole server, which `up` runs by itself
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),
    "channels",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "audit",  # before simple_history: it disables the purge commands
    "simple_history",
    "procrastinate.contrib.django",
    "reviews",
    "coordination",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "coordination.project.middleware.StaticFilesMiddleware",
    "coordination.project.middleware.PrivateMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "coordination.project.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "coordination.project.middleware.PlainTextMiddleware",
]
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

# --- People -------------------------------------------------------------------------------------------------
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Static files -------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = COUNTERSIGN_DATA / "static" if PRODUCTION else None  # elsewhere they are served where they lie
STATICFILES_DIRS = [BASE_DIR / "static"]
_storage = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if PRODUCTION
    else ("django.contrib.staticfiles.storage.StaticFilesStorage")
)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": COUNTERSIGN_DATA},
    },
    "staticfiles": {"BACKEND": _storage},
}
WHITENOISE_USE_FINDERS = not PRODUCTION  # production collects them, compressed and with hashes in their names
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Security -----------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
if PRODUCTION:  # browsers take a name like this from this very host only, over TLS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
else:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "sessionid", "csrftoken"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "coordination.views.errors.no_token"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 86400 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if _env.flag("COUNTERSIGN_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20  # of fields; files are counted by `bodies` before they are read
FILE_UPLOAD_PERMISSIONS = 0o600

# --- History and side jobs ----------------------------------------------------------------------------------
SIMPLE_HISTORY_DATE_INDEX = "Composite"
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_EDIT = False
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"}
    },  # StreamHandler means stderr
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "countersign": {"level": "INFO"},
        "django": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # anybody can send these, and each is answered in words; a traceback apiece would fill the log
        **{
            f"django.security.{name}": {"level": "CRITICAL"}
            for name in ("DisallowedHost", "RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent")
        },
    },
}
