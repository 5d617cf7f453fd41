"""The language of a page is in its address and nowhere else: "/pl/directory/", and "/directory/" for our own.

Neither a cookie nor the browser's preference decides it, so one cached copy of a page serves everybody who asks for its
address. A CMS page that has no translation is the same page under each prefix: see `translations`.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin
from wagtail.contrib.redirects.middleware import get_redirect
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """A page in another language; `name` is the language's own name for itself."""

    code: str
    name: str
    address: str


class LanguageMiddleware:
    """Activate the language of the URL.

    Django's LocaleMiddleware reads Accept-Language where there is no prefix, which pages would have to vary on, and
    leaves its language active for whatever the thread does next.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class RedirectsInAnyLanguage(MiddlewareMixin):
    """Apply an editor's redirect of "/food/" to "/pl/food/" too; one to a page leads to that page in Polish.

    Wagtail's own middleware would tell the new address of a page to people who may not read it, and lets browsers cache
    it for ever.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code != 404:
            return response
        found = _find_redirect(request, request.path)  # as of a translation that has been renamed
        found = found or _find_redirect(request, f"/{request.path.removeprefix(home_path()).lstrip('/')}")
        if found is None or not found.link or not _may_be_read(found.redirect_page, request):
            return response
        moved = (HttpResponsePermanentRedirect if found.is_permanent else HttpResponseRedirect)(found.link)
        patch_cache_control(moved, no_cache=True)
        return moved


def _find_redirect(request: HttpRequest, path: str) -> Redirect | None:
    request = copy(request)
    request.path = path
    path = Redirect.normalise_path(request.get_full_path(), decode_unicode=False)
    return get_redirect(request, path) or get_redirect(request, urlsplit(path).path)


def _may_be_read(page: Page | None, request: HttpRequest) -> bool:
    return page is None or (page.live and all(rule.accept_request(request) for rule in page.get_view_restrictions()))


def home_path(language: str = "") -> str:
    """Return the path of the front page, with which all paths in `language` (default: the active one) begin."""
    with translation.override(language or translation.get_language()):
        return reverse("wagtail_serve", args=[""])


def in_language(path: str, language: str) -> str:
    """Return a path, of whichever language, under the prefix of `language`."""
    own = home_path(translation.get_language_from_path(path) or settings.LANGUAGE_CODE)
    return home_path(language) + path.removeprefix(own).lstrip("/")  # "//x" would lead to another site


def stay_in_language(path: str) -> str:
    """Return a path of our own language under the prefix of the active one; other addresses as they are."""
    is_own = path.startswith("/") and translation.get_language_from_path(path) is None
    return in_language(path, translation.get_language()) if is_own else path


def other_languages(path: str) -> list[OtherLanguage]:
    return [
        OtherLanguage(code, name, in_language(path, code))
        for code, name in settings.LANGUAGES
        if code != translation.get_language()
    ]


def content_language() -> str:
    """Return the language of what editors and organisations write, or "" if the page is in it too."""
    return "" if translation.get_language() == settings.LANGUAGE_CODE else settings.LANGUAGE_CODE
