"""Turns the links that editors make into URLs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from wagtail.models import Page, PageViewRestriction

from directory_site.caching import version_cache
from directory_site.languages import home_path


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """is_current: the visitor is on the linked page or on one below it."""

    label: str
    address: str
    is_current: bool = False


def link_of(value: Any, request: HttpRequest | None) -> LinkTarget | None:
    """Resolve a `LinkBlock`. None if its page is deleted, unpublished or restricted."""
    page = value.get("page")
    if not page:
        address = value.get("address")
        return _link(value["label"], address, request) if address else None
    address = page.get_url(request) if page.live and is_for_everybody(page, request) else None
    return _link(value.get("label") or page.title, address, request) if address else None


def is_for_everybody(page: Page, request: HttpRequest | None) -> bool:
    """Return whether neither the page nor an ancestor is restricted. One query, shared by all links of a page."""
    paths = version_cache.get_or_set(request, "restricted pages", _restricted) if request else _restricted()
    return not page.path.startswith(paths)


def _restricted() -> tuple[str, ...]:
    return tuple(PageViewRestriction.objects.values_list("page__path", flat=True))


def links_of(stream: Iterable[Any], request: HttpRequest | None) -> Iterator[LinkTarget]:
    for block in stream:
        if link := link_of(block.value, request):
            yield link


def _link(label: str, address: str, request: HttpRequest | None) -> LinkTarget:
    path = request.path if request else ""
    is_home = address in {home_path(code) for code, _ in settings.LANGUAGES}
    is_above = not is_home and path.startswith(f"{address.rstrip('/')}/")
    return LinkTarget(label, address, is_current=path == address or is_above)
