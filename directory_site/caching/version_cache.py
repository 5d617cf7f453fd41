"""Objects that most pages read and editors seldom change, kept in this process for one content version.

Django's cache would unpickle a site's boundary and filters for every page. These objects are shared between requests
instead, so never change one.
"""

from collections.abc import Callable, Hashable
from typing import TypeVar

from django.http import HttpRequest

MAX_ENTRIES = 200  # a few for each site and language

Made = TypeVar("Made")
_cache: dict[Hashable, tuple[str, object]] = {}


def get_or_set(request: HttpRequest, key: Hashable, make: Callable[[], Made]) -> Made:
    """Return what `make` made for the content version; without one, as in a preview, what it made for this request."""
    version = getattr(request, "content_version", "")
    if not version and not hasattr(request, "version_cache"):
        request.version_cache = {}
    cache = _cache if version else request.version_cache
    entry = cache.get(key)
    if entry is None or entry[0] != version:
        entry = (version, make())
        if len(cache) >= MAX_ENTRIES:
            cache.clear()
        cache[key] = entry
    return entry[1]  # type: ignore[return-value]
