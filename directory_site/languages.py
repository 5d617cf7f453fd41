"""The language of a page stands in its address and nowhere else: "/pl/directory/", and "/directory/" for our own.

Neither a cookie nor what the browser prefers decides it, so that a copy of a page serves everybody who asks for its
address. Pages of the CMS are the same pages under each prefix: what editors wrote stays as they wrote it.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from wagtail.contrib.redirects.middleware import RedirectMiddleware


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


class RedirectsInAnyLanguage(RedirectMiddleware):
    """An editor's redirect of "/food/" holds for "/pl/food/" too; to a page, it leads there in that language."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code == 404 and request.path.startswith(home := home_path()):
            request = copy(request)
            request.path = f"/{request.path.removeprefix(home)}"
        return super().process_response(request, response)


def home_path(language: str = "") -> str:
    """Return the path of the front page, which all pages of a language have before theirs; of the active one."""
    with translation.override(language or translation.get_language()):
        return reverse("wagtail_serve", args=[""])


def in_language(path: str, language: str) -> str:
    """Return where a page of the active language stands in another one."""
    return home_path(language) + path.removeprefix(home_path())


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
