"""The meta data of a page, for search engines and for links that people share."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest

from directory_site.models.sites import PublicSite


@dataclass(frozen=True, slots=True)
class PageMeta:
    """A view that does not show a CMS page puts one into its context as `head`.

    path: the canonical one, without filters. languages: the paths of the same page by language; None where it is in
    every language, under its prefix. picture: its URL, or "" for the site's own. kind: of Open Graph, "website"
    or "article".
    """

    title: str
    path: str
    description: str = ""
    picture: str = ""
    kind: str = "website"
    languages: Mapping[str, str] | None = None


def absolute(request: HttpRequest, path: str) -> str:
    """Return the URL of `path` under the visited site's own host, whichever host the request came to.

    Wagtail may know its default site only as "localhost", so that one's URL is in the settings.
    """
    try:
        site = PublicSite.for_request(request).site
    except PublicSite.DoesNotExist:
        site = None
    root = site.root_url if site and not site.is_default_site else settings.PUBLIC_URL
    return urljoin(f"{root}/", path)
