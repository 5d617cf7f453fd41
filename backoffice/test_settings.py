"""Settings of the test suite: what differs from a real installation, and why."""

from backoffice.settings import *  # noqa: F403

# Files are served as they lie in the sources: no collectstatic before a test.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

# The real hashers take a tenth of a second on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Inside a test's one transaction no change is ever committed: pages are kept only where a test says so.
CACHE_PAGES = False

# What a test commits need not outlive a power cut. Only these connections wait for no disk.
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
