"""Rendered pages of the public site, cached until something that the public sees changes.

The key prefix is the content version. Django's cache middleware takes its prefix once, when it is made, so each request
makes a `CacheMiddleware` of its own. The version is read before the page is rendered: if something changes meanwhile,
the page is stored under a version that nobody asks for again.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.cache import CacheMiddleware
from django.middleware.gzip import GZipMiddleware
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, has_vary_header, set_response_etag
from wagtail.models import Site

from directory_site.caching import version_cache
from referrals.public_changes import content_version

TIMEOUT_SECONDS = 60  # "open now" changes with the time alone
MAX_PAGE_BYTES = 64 * 1024  # 2,000 pages at most then take less than 130 MB, and in practice far less

_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")

View = TypeVar("View", bound=Callable[..., HttpResponse])


def cacheable(view: View | None = None, *, reads_query: bool = False) -> View | Callable[[View], View]:
    """Mark a view whose response is the same for everybody.

    Unless it reads the query string, only the URL without one is cached, so that made-up ones do not fill the cache.
    """

    def mark(view: View) -> View:
        view.is_cacheable, view.reads_query = True, reads_query
        return view

    return mark(view) if view else mark


class PageCacheMiddleware:
    """Put it inside the middleware that sets the language, which is part of Django's cache keys, and outside any that
    change the response. Only what is cached is compressed, so pages with a reader's secrets never are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.gzip = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = _find_view(request.path_info, request.LANGUAGE_CODE)
        if not settings.CACHE_PAGES or not hasattr(view, "is_cacheable") or is_preview(request):
            return self.get_response(request)
        request.content_version = content_version()
        # Wagtail caches the root paths of its sites for an hour, in each process: forget them when content changes.
        version_cache.get_or_set(request, "site root paths", Site.clear_site_root_paths_cache)
        if request.method not in ("GET", "HEAD") or (request.META["QUERY_STRING"] and not view.reads_query):
            return self._make_page(request)
        request.META["HTTP_ACCEPT_ENCODING"] = "gzip" if accepts_gzip(request) else ""
        cache = CacheMiddleware(
            self.get_response, page_timeout=TIMEOUT_SECONDS, cache_alias="pages", key_prefix=request.content_version
        )
        response = cache.process_request(request)
        if response is None:
            response = self._make_page(request)
            if not _is_for_everybody(response):
                return response
            set_response_etag(response)
            response = self.gzip.process_response(request, response)
            if len(response.content) <= MAX_PAGE_BYTES:
                response = cache.process_response(request, response)
        response["Cache-Control"] = "public, no-cache"  # browsers may store it but must revalidate
        # By ETag alone: the Last-Modified of a feed or sitemap is a whole day, during which it may change.
        return get_conditional_response(request, etag=response["ETag"], response=response)

    def _make_page(self, request: HttpRequest) -> HttpResponse:
        # Wagtail looks here before it asks the database which site is visited, which would cost every page 2 ms.
        key = ("site", request.get_host(), request.get_port())
        request._wagtail_site = version_cache.get_or_set(request, key, lambda: Site.find_for_request(request))
        return self.get_response(request)


def is_preview(request: HttpRequest) -> bool:
    """Return whether Wagtail made this request up, with the URL of a page, to preview a draft."""
    return getattr(request, "is_dummy", False)


def accepts_gzip(request: HttpRequest) -> bool:
    """Return whether the browser takes gzip. "gzip;q=0" means no (RFC 9110, 12.5.3), which Django overlooks.

    The header is then replaced by "gzip" or "", so that a page is stored twice at most and not once for each browser.
    """
    return bool(_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))


@lru_cache(maxsize=4096)  # Django resolves the address again for every page that is not in the cache
def _find_view(path: str, language: str) -> Callable[..., HttpResponse] | None:
    """`language` is the active one, part of the cache key since URL prefixes depend on it."""
    try:
        return resolve(path).func
    except Resolver404:
        return None


def _is_for_everybody(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not has_vary_header(response, "Cookie")
        and "no-store" not in response.get("Cache-Control", "")
    )
