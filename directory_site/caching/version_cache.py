"""Objects that most pages read and editors seldom change, kept in this process for one content version.

Django's cache would unpickle a site's boundary and filters for every page. These objects are shared between requests
instead, so never change one.
"""

from collections.abc import Callable, Hashable
from typing import TypeVar

from django.http import HttpRequest

from referrals.public_changes import keep_for_version

Made = TypeVar("Made")


def get_or_set(request: HttpRequest, key: Hashable, make: Callable[[], Made]) -> Made:
    """Return what `make` made for the content version; without one, as in a preview, what it made for this request."""
    if version := getattr(request, "content_version", ""):
        return keep_for_version(version, ("site", key), make)
    if not hasattr(request, "version_cache"):
        request.version_cache = {}
    if key not in request.version_cache:
        request.version_cache[key] = make()
    return request.version_cache[key]
