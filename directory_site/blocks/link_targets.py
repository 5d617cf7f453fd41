"""Turns the links that editors make into URLs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from wagtail.rich_text.pages import PageLinkHandler

from directory_site.addresses import form_in_language
from directory_site.languages import home_path
from directory_site.translations import (
    address_of,
    in_active_language,
    in_active_languages,
    is_for_everybody,
    language_of,
)


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """is_current: the visitor is on the linked page or on one below it. language: of the label where it is a page's
    title, which may be another than that of the words around it."""

    label: str
    address: str
    is_current: bool = False
    language: str = ""


def link_of(value: Any, request: HttpRequest | None) -> LinkTarget | None:
    """Resolve a `LinkBlock`: to its page in the visitor's language, if there is one. None if the page is deleted,
    unpublished or restricted."""
    page = value.get("page")
    if not page:
        address = value.get("address")
        return _link(value["label"], form_in_language(address), request) if address else None
    page = in_active_language(page, request)
    address = address_of(page, request) if page.live and is_for_everybody(page, request) else ""
    if not address:
        return None
    label, language = value.get("label"), ""
    if not label:
        label, language = page.title, language_of(page, request)
    return _link(label, address, request, language)


def links_of(stream: Iterable[Any], request: HttpRequest | None) -> Iterator[LinkTarget]:
    for block in stream:
        if link := link_of(block.value, request):
            yield link


def _link(label: str, address: str, request: HttpRequest | None, language: str = "") -> LinkTarget:
    path = request.path if request else ""
    is_home = address in {home_path(code) for code, _ in settings.LANGUAGES}
    is_above = not is_home and path.startswith(f"{address.rstrip('/')}/")
    return LinkTarget(label, address, is_current=path == address or is_above, language=language)


class TranslatedPageLinkHandler(PageLinkHandler):
    """Links within running text. Wagtail's own asks the database for the translation of each by itself."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, str]]) -> list[str]:
        pages = cls.get_many(attrs_list)
        shown = in_active_languages(page for page in pages if page)
        return [format_html('<a href="{}">', address_of(shown[page.pk], None)) if page else "<a>" for page in pages]
