"""Finished pages of the public site, kept in memory until something that the public sees changes.

A page is kept by site, address and language, with all its headers, compressed once; a browser that has it already is
told so (ETag). What is open now stands on many pages, so none is kept for longer than a minute.
"""

import gzip
import hashlib
import re
from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import cc_delim_re, get_conditional_response, patch_cache_control, patch_vary_headers
from wagtail.models import Site

from directory_site.caching.version_cache import remembered
from referrals.public_changes import content_version

SECONDS = 60
LONGEST_ADDRESS = 500
LARGEST = 64 * 1024  # bytes, compressed: with 2,000 pages at most, what is kept stays below 130 MB, and is far below

# Patterns whose answers are the same for everybody who asks.
KEPT = frozenset(
    {
        "new_services",
        "public_catchment",
        "public_clusters",
        "public_ground",
        "public_organisation",
        "public_qr",
        "public_service",
        "robots",
        "sitemap",
        "sitemap_section",
        "wagtail_serve",
    }
)

# Those of them that read what stands behind the question mark: of all others only the plain address is kept.
READ_A_QUERY = frozenset({"public_clusters", "public_organisation", "sitemap_section", "wagtail_serve"})

Answer = Callable[[HttpRequest], HttpResponse]

_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")  # RFC 9110 12.5.3: "gzip;q=0" refuses it


class PageCacheMiddleware:
    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.mark = ""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from memory if there is a copy that is as new as the last change; else keep the answer, if it may be.

        The mark is read first: a change while the page is made leaves a copy under a mark that nobody asks for again.
        """
        address = request.get_full_path()
        if request.method not in ("GET", "HEAD") or len(address) > LONGEST_ADDRESS:
            return self.get_response(request)
        if not settings.PAGES_ARE_KEPT or request.path.startswith(_NEVER) or is_preview(request):
            return self.get_response(request)
        request.public_mark = content_version()
        self.forget_sites(request.public_mark)
        key = _key(request.get_host(), request.scheme, address, request.public_mark)
        kept = caches["pages"].get(key)
        if kept is None:
            # Wagtail looks there before it asks the database which site is visited.
            request._wagtail_site = remembered(
                request, ("site", request.get_host()), lambda: Site.find_for_request(request)
            )
            response = self.get_response(request)
            if not _may_be_kept(request, response):
                return response
            kept = _kept(response)
            if request.method == "GET" and len(kept[1]) <= LARGEST:
                caches["pages"].set(key, kept, SECONDS)
        return _answer(request, kept)

    def forget_sites(self, mark: str) -> None:
        """Wagtail remembers in each process for an hour where sites stand: as long as nothing has changed is right."""
        if mark != self.mark:
            Site.clear_site_root_paths_cache()
            self.mark = mark


def is_preview(request: HttpRequest) -> bool:
    """Whether the CMS asks, through all middleware and under the page's own address, what a draft would look like."""
    return getattr(request, "is_dummy", False)


# Where nothing is kept in any language: not even the mark is read for them.
_NEVER = ("/backoffice/", "/cms/", "/static/", "/media/", "/healthz", "/refer/", "/r/", "/join/", "/documents/")


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer is for everybody: from one of the patterns, complete, and of no cookie."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    vary = {name.lower() for name in cc_delim_re.split(response.get("Vary", ""))}
    return (
        name in KEPT
        and (name in READ_A_QUERY or not request.META["QUERY_STRING"])
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "cookie" not in vary
        and "no-store" not in response.get("Cache-Control", "")
    )


def _kept(response: HttpResponse) -> tuple[dict[str, str], bytes]:
    """Return headers and compressed body. Browsers may keep it too, and ask each time whether it is old."""
    patch_cache_control(response, public=True, no_cache=True)
    patch_vary_headers(response, ("Accept-Encoding",))
    headers = {name: value for name, value in response.items() if name != "Content-Length"}
    headers["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    return headers, gzip.compress(response.content, 6, mtime=0)


def _answer(request: HttpRequest, kept: tuple[dict[str, str], bytes]) -> HttpResponse:
    headers, body = kept
    if _GZIP.search(request.headers.get("Accept-Encoding", "")):
        response = HttpResponse(body, headers={**headers, "Content-Encoding": "gzip"})
    else:
        response = HttpResponse(gzip.decompress(body), headers=headers)
    response["Content-Length"] = str(len(response.content))
    return get_conditional_response(request, etag=headers["ETag"], response=response)
