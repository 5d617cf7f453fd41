"""The language of a page stands in its address and nowhere else: "/pl/directory/", and "/directory/" for our own.

Neither a cookie nor what the browser prefers decides it, so that a copy of a page serves everybody who asks for its
address. Pages of the CMS are the same pages under each prefix: what editors wrote stays as they wrote it.
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
    """A page in another language; `name` is what those who speak it call it."""

    code: str
    name: str
    address: str


class LanguageMiddleware:
    """Django's own asks Accept-Language for addresses without a prefix, says so in Vary, and leaves its language behind
    for whatever the thread does next."""

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
    """An editor's redirect of "/food/" holds for "/pl/food/" too; to a page, it leads there in that language.

    Wagtail's own middleware tells the new address of a page to those who may not read it, and lets browsers keep it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code != 404:
            return response
        request = copy(request)
        request.path = f"/{request.path.removeprefix(home_path()).lstrip('/')}"
        path = Redirect.normalise_path(request.get_full_path(), decode_unicode=False)
        found = get_redirect(request, path) or get_redirect(request, urlsplit(path).path)
        if found is None or not found.link or not _may_be_read(found.redirect_page, request):
            return response
        moved = (HttpResponsePermanentRedirect if found.is_permanent else HttpResponseRedirect)(found.link)
        patch_cache_control(moved, no_cache=True)
        return moved


def _may_be_read(page: Page | None, request: HttpRequest) -> bool:
    return page is None or (page.live and all(one.accept_request(request) for one in page.get_view_restrictions()))


def home_path(language: str = "") -> str:
    """Return the path of the front page, which all pages of a language have before theirs; of the active one."""
    with translation.override(language or translation.get_language()):
        return reverse("wagtail_serve", args=[""])


def in_language(path: str, language: str) -> str:
    """Return where a page of the active language stands in another one."""
    return home_path(language) + path.removeprefix(home_path()).lstrip("/")  # "//x" would lead to another site


def other_languages(path: str) -> list[OtherLanguage]:
    """Return a page in all languages but that which is active. Empty where there is only one."""
    return [
        OtherLanguage(code, name, in_language(path, code))
        for code, name in settings.LANGUAGES
        if code != translation.get_language()
    ]


def written_in() -> str:
    """Return the language of editors' and organisations' words where the page around them has another, else nothing."""
    return "" if translation.get_language() == settings.LANGUAGE_CODE else settings.LANGUAGE_CODE
