"""What surrounds every page of the public site: its head, its look, its menus, the way back."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.images.models import AbstractImage, AbstractRendition

from directory_site.blocks.link_targets import LinkTarget, links_of
from directory_site.languages import OtherLanguage, home_path, in_language, other_languages, written_in
from directory_site.models.pages import SitePage
from directory_site.models.sites import PublicSite
from directory_site.pictures import LOGO
from directory_site.seo.meta import PageMeta, absolute
from referrals.services.pictures import in_size

register = template.Library()


@register.simple_tag(takes_context=True)
def public_site(context: Context) -> PublicSite | None:
    """Return what is set for the site that is visited; None where there is no site, as on a page of errors."""
    try:
        return PublicSite.for_request(context["request"])
    except (KeyError, PublicSite.DoesNotExist):
        return None


@register.simple_tag(takes_context=True)
def head_of_page(context: Context) -> PageMeta | None:
    """Return the view's own head, or that of the page of the CMS."""
    if head := context.get("head"):
        return head
    page = context.get("page")
    return page.head(context["request"]) if isinstance(page, SitePage) else None


@register.simple_tag
def front_page() -> str:
    return home_path()


@register.simple_tag(takes_context=True)
def languages_of_page(context: Context) -> list[OtherLanguage]:
    """Return where else the page that is shown stands, with what was asked of it."""
    request = context.get("request")
    return other_languages(request.get_full_path()) if request else []


@register.inclusion_tag("directory_site/alternates.html", takes_context=True)
def alternates(context: Context, path: str) -> dict[str, Any]:
    """Tell search engines each language's own address of a page, all of them on each."""
    request = context["request"]
    languages = [(code, absolute(request, in_language(path, code))) for code, _name in settings.LANGUAGES]
    return {"languages": languages, "otherwise": languages[0][1]}


@register.simple_tag
def as_written() -> SafeString:
    """Say of words of editors and organisations which language they are in, where the page has another. Names of
    people, places and organisations, which are the same in all languages, need it not."""
    language = written_in()
    return format_html(' lang="{}"', language) if language else SafeString("")


@register.simple_tag
def language_as_written() -> str:
    return written_in()


@register.filter
def in_its_language(words: str) -> str:
    """Let such words, within a sentence of the page's language, say which language they are in."""
    language = written_in()
    return format_html('<span lang="{}">{}</span>', language, words) if language else words


@register.simple_tag(takes_context=True)
def absolute_address(context: Context, address: str) -> str:
    return absolute(context["request"], address)


@register.simple_tag(takes_context=True)
def menu(context: Context, stream: Iterable[Any]) -> list[LinkTarget]:
    return list(links_of(stream or [], context.get("request")))


@register.simple_tag
def logo(image: AbstractImage) -> AbstractRendition | None:
    return in_size(image, LOGO)


@register.simple_tag(takes_context=True)
def trail_to_here(context: Context) -> list[LinkTarget]:
    """Return what lies between the front page and this one, without this one; a view's own is its `trail`."""
    trail, page, site = context.get("trail"), context.get("page"), context.get("this_site")
    if trail is not None or not isinstance(page, SitePage) or site is None:
        return trail or []
    home = site.site.root_page
    above = page.get_ancestors().live().filter(depth__gte=home.depth).order_by("depth")
    return [
        LinkTarget(_("Home") if one.pk == home.pk else one.title, one.get_url(context.get("request")) or home_path())
        for one in above
    ]
