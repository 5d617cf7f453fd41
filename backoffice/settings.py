"""Settings, read from the environment. `.env.example` lists every variable."""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from backoffice.languages import OWN, languages_with_a_catalogue

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def database_url() -> str:
    """DATABASE_URL, else the private cluster that `make setup` started."""
    private = VAR_DIR / "database-url"
    url = os.environ.get("DATABASE_URL") or (private.read_text().strip() if private.exists() else "")
    if not url:
        raise ImproperlyConfigured("There is no database yet. Run `make setup`, or set DATABASE_URL.")
    return url


def _secret_key() -> str:
    """SECRET_KEY, else one of this machine's own, made at the first start and kept under var/."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = VAR_DIR / "secret-key"
    if not path.exists():
        VAR_DIR.mkdir(exist_ok=True)
        with NamedTemporaryFile("w", dir=VAR_DIR) as file:  # readable by its owner alone
            file.write(secrets.token_urlsafe(50))
            file.flush()
            with suppress(FileExistsError):  # another process was first
                os.link(file.name, path)
    return path.read_text()


DEBUG = _flag("DEBUG", False)
SECRET_KEY = _secret_key()

# Where people reach this installation: links in e-mails start with it, and https there turns its safeguards on.
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://localhost:{os.environ.get('PORT', '8000')}").rstrip("/")
HAS_HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = (
    os.environ["ALLOWED_HOSTS"].split(",")
    if "ALLOWED_HOSTS" in os.environ
    else [urlsplit(PUBLIC_URL).hostname or "", "localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "backoffice.sign_in.views.csrf_failure"

INSTALLED_APPS = [
    "referrals",
    "backoffice.apps.ScreensConfig",
    "backoffice.apps.BackofficeConfig",
    "directory_site.apps.DirectorySiteConfig",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.locales",
    "wagtail.users",
    "wagtail.sites",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "import_export",
    "django_filters",
    "django_htmx",
    "leaflet",
    "django_q",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "directory_site.languages.LanguageMiddleware",  # before anything that looks an address up
    "directory_site.caching.page_cache.PageCacheMiddleware",
    "backoffice.middleware.headers.ContentPolicyMiddleware",
    "backoffice.middleware.headers.BrowserFeaturesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "backoffice.middleware.unseen_characters.UnseenCharactersMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backoffice.middleware.reach.ReachMiddleware",
    "backoffice.middleware.sign_in.SessionLimitMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "backoffice.middleware.sign_in.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backoffice.middleware.error_pages.ErrorPageMiddleware",
    "backoffice.middleware.null_characters.NullCharacterMiddleware",
    "directory_site.cms.input_guard.InputGuardMiddleware",
    "directory_site.languages.RedirectsInAnyLanguage",  # pages that were moved or renamed
]

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
FORCE_SCRIPT_NAME = ""  # else gunicorn takes it from a header, and one visitor's links would be cached for all

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

_database = dj_database_url.parse(
    database_url(), engine="django.contrib.gis.db.backends.postgis", conn_max_age=60, conn_health_checks=True
)
_options = _database.setdefault("OPTIONS", {})
_database["HOST"] = _options.pop("host", _database["HOST"])  # a socket's folder, where `dbshell` looks for it
# Compiling a ranking of a few milliseconds costs more than it saves; a large directory is sorted and counted in memory.
# No visitor may hold the database for longer than STATEMENT_SECONDS, which the web server has and workers have not.
_statement = f" -c statement_timeout={int(os.environ.get('STATEMENT_SECONDS', '0'))}s"
# The locks of a worker whose machine has vanished are freed after a minute and a half, not after two hours.
_keepalives = " -c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
_options.setdefault("options", f"-c jit=off -c work_mem=24MB{_keepalives}{_statement}")
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "referrals.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["backoffice.sign_in.backends.LimitedBackend"]
LOGIN_URL = "backoffice:login"
LOGIN_REDIRECT_URL = "backoffice:index"
MESSAGE_LINKS = "backoffice.message_links.BackofficeLinks"  # where the links in e-mails lead
DANGER_READER = "directory_site.search.danger_reader.tells_of_danger"  # whether a text names a danger
FORM_BRAND = "directory_site.form_brand.form_brand"  # the public site's colours, and the way back to it
EXAMPLE_PAGE = "backoffice.questions.examples.example_url"  # where answers that were tried are saved
SERVICE_PAGES_FINDER = "directory_site.service_pages.find_service_pages"  # addresses of services on the main site
WORD_GROUPS_READER = "directory_site.search.word_groups.read_word_groups"  # what people say, and what it stands for
PASSWORD_RESET_TIMEOUT = 4 * 3600  # a link that lets somebody in is good for an afternoon

# A session ends after so long without a click, and after so long in all.
SESSION_IDLE_MINUTES = int(os.environ.get("SESSION_IDLE_MINUTES", "60"))
SESSION_HOURS = int(os.environ.get("SESSION_HOURS", "12"))
SESSION_COOKIE_AGE = SESSION_HOURS * 3600

# How many of our proxies are in front, each adding the address of its client to X-Forwarded-For.
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))

# Referrals through the public form. Those of one client beyond its number are refused until later; beyond the others,
# referrals wait for a coordinator before anybody is asked. In an hour; to one mailbox in a day; 0 = no limit.
REFERRAL_LIMITS = {
    "client": int(os.environ.get("REFERRALS_FROM_CLIENT", "60")),
    "link-client": int(os.environ.get("REFERRALS_FROM_CLIENT_BY_LINK", "240")),
    "link": int(os.environ.get("REFERRALS_BY_LINK", "400")),
    "mailbox": int(os.environ.get("REFERRALS_TO_MAILBOX", "5")),
    "network": int(os.environ.get("REFERRALS_TO_NETWORK", "120")),
    "all": int(os.environ.get("REFERRALS_IN_ALL", "1200")),
    "service": int(os.environ.get("REFERRALS_TO_SERVICE_FROM_CLIENT", "10")),
}

# How long, and how often, a referrer's link shows how a referral stands.
REFERRAL_STATUS_DAYS = int(os.environ.get("REFERRAL_STATUS_DAYS", "90"))
REFERRAL_STATUS_OPENINGS = int(os.environ.get("REFERRAL_STATUS_OPENINGS", "50"))

OTP_TOTP_ISSUER = "Referral Networks"

# Back office and CMS are in English; the public site is in every language that has a catalogue.
LANGUAGE_CODE = OWN[0]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGES = languages_with_a_catalogue(LOCALE_PATHS[0])
TIME_ZONE = "Europe/London"
USE_I18N = True
FORMAT_MODULE_PATH = ["backoffice.formats"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# "pages" holds finished pages of the public site, compressed, some 20 KB each, with one more entry that says what each
# varies on. See docs/decisions/0017-pages-are-kept.md.
CACHE_PAGES = not DEBUG
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 4000},
    },
}

# E-mail. With no SMTP_HOST messages are kept, and can be read in the back office; "none" says that this is wanted.
SMTP_HOST = os.environ.get("SMTP_HOST", "").strip()
_mail_backend = "dummy" if SMTP_HOST in {"", "none"} else "smtp"
EMAIL_BACKEND = f"django.core.mail.backends.{_mail_backend}.EmailBackend"
EMAIL_HOST = SMTP_HOST or "localhost"
EMAIL_PORT = int(os.environ.get("SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("SMTP_STARTTLS", False)
EMAIL_USE_SSL = _flag("SMTP_TLS", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Referral Networks <referrals@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where e-mail comes back to, each message at an address of its own (name+...@), and how that mailbox is read:
# imaps://user:password@host/folder.
BOUNCE_ADDRESS = os.environ.get("BOUNCE_ADDRESS", "").strip()
BOUNCE_MAILBOX = os.environ.get("BOUNCE_MAILBOX", "").strip()
# A mail service's own interface instead of SMTP, through django-anymail, which then has to be installed.
if ANYMAIL_BACKEND := os.environ.get("ANYMAIL_BACKEND", "").strip():
    EMAIL_BACKEND = ANYMAIL_BACKEND
    ANYMAIL = json.loads(os.environ.get("ANYMAIL", "{}"))
    INSTALLED_APPS.append("anymail")

# django-q2: see docs/decisions for why each figure is what it is.
Q_CLUSTER = {
    "name": "referral_networks",
    "orm": "default",
    "workers": int(os.environ.get("WORKERS", "2")),
    "timeout": 60,
    "retry": 300,  # more than timeout x (queue_limit / workers + 2): the clock starts when a task is taken
    "queue_limit": 4,
    "bulk": 1,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": -1,  # successes are not kept; failures are
    "poll": 0.5,
    "label": "Background tasks",
}

# Tables that are uploaded: bytes of the file, rows, and bytes that a workbook may unpack to.
UPLOADED_TABLE_BYTES = 5 * 1024 * 1024
UPLOADED_TABLE_ROWS = 5_000
UPLOADED_TABLE_ROWS_AT_ONCE = 200  # more than these are a worker's business, not the request's
UPLOADED_TABLE_CELLS = 300_000  # of a workbook, empty ones too: reading each takes time
UPLOADED_TABLE_LETTERS_AT_ONCE = 200_000  # catchments are long; more is a worker's business too
UPLOADED_TABLE_UNPACKED_BYTES = 20_000_000

# A picture that is uploaded: bytes of the file. How many pixels it may have is in referrals/pictures.py.
UPLOADED_PICTURE_BYTES = 15 * 1024 * 1024
# Bytes of a catchment that is uploaded or pasted as GeoJSON.
UPLOADED_SHAPE_BYTES = 8 * 1024 * 1024

# The system's GDAL may be older than 3.9 (gis.W001). No coordinate system is ever read from what a user sends.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

# The picture under maps: an address such as https://tiles.example.org/{z}/{x}/{y}.png, of a server that sets no cookies
# and whose terms allow it. Without one, maps show boundary, shapes and pins.
MAP_TILES = os.environ.get("MAP_TILES", "")
LEAFLET_CONFIG = {
    "TILES": [("Map", MAP_TILES, os.environ.get("MAP_TILES_ATTRIBUTION", ""))] if MAP_TILES else [],
    "RESET_VIEW": False,
    "SPATIAL_EXTENT": (-8.7, 49.8, 1.8, 60.9),
}
_tile_servers = ["{0.scheme}://{0.netloc}".format(urlsplit(MAP_TILES))] if MAP_TILES else []

# After so long, the dashboard of the CMS asks editors to read a page of guidance again.
REVIEW_MONTHS = int(os.environ.get("REVIEW_MONTHS", "6"))

WAGTAIL_SITE_NAME = "Referral Networks"
WAGTAILADMIN_BASE_URL = PUBLIC_URL
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = [OWN]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAIL_PASSWORD_REQUIRED_TEMPLATE = "directory_site/password_required.html"  # noqa: S105 - a file
WAGTAILDOCS_PASSWORD_REQUIRED_TEMPLATE = WAGTAIL_PASSWORD_REQUIRED_TEMPLATE
# One way in, the back office's, which also keeps the users.
WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = "backoffice:login"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# Nothing is told to or fetched from others: no portraits by e-mail address, no questions for newer versions.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False

# What a page may load and do: only what we serve ourselves, nothing written into the page, nothing framed.
# See docs/decisions/0009-content-security-policy.md.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", *_tile_servers],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
# The CMS alone is given more, each for one reason.
CMS_POLICY = {
    "style-src-elem": [SELF, "'unsafe-inline'"],  # the rich text editor writes <style> elements with keys made anew
    "img-src": [SELF, "data:", "blob:"],  # a picture that is being uploaded is shown before it is here
    "frame-src": [SELF],  # the preview beside the form
    # The cropping of pictures finds out about touch by a handler that says `return;`: exactly that one may run.
    "script-src-attr": ["'unsafe-hashes'", "'sha256-i+qr4lq34KgNHiW62lWi9aInEBwiEOrfCzaNPCvkqD8='"],
}
DENIED_FEATURES = [
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
]

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
# "You accepted the need of Maya Ferreira": Django would rather put it into a cookie, where it outlives the session.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SAMESITE = "Lax"
if HAS_HTTPS:
    SECURE_SSL_REDIRECT = _flag("HTTPS_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "backoffice.logs.LineFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "filters": {"requests": {"()": "backoffice.logs.RequestFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["requests"]}},
    # lines for every task, page and image, and for every shape that crosses itself
    "loggers": {name: {"level": "WARNING"} for name in ("django-q", "django_tasks", "wagtail")}
    | {"django.contrib.gis": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
