"""The meta data of a page, for search engines and for links that people share."""

from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest

from directory_site.models.sites import PublicSite


@dataclass(frozen=True, slots=True)
class PageMeta:
    """A view that does not show a CMS page puts one into its context as `head`.

    path: the canonical path, without a visitor's filters. picture: an address, or empty for the site's own picture.
    kind: "website" or "article", as Open Graph has it.
    """

    title: str
    path: str
    description: str = ""
    picture: str = ""
    kind: str = "website"


def absolute(request: HttpRequest, path: str) -> str:
    """Return a path as a whole address of the site that is visited, whatever name the visitor reached it by.

    Wagtail may know its default site as "localhost" only; the settings know where that one is.
    """
    try:
        site = PublicSite.for_request(request).site
    except PublicSite.DoesNotExist:
        site = None
    root = site.root_url if site and not site.is_default_site else settings.PUBLIC_URL
    return urljoin(f"{root}/", path)
