"""What surrounds every page of the public site: its head, logo, menus, languages and breadcrumbs."""

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
from directory_site.languages import OtherLanguage, content_language, home_path, in_language, other_languages
from directory_site.models.pages import SitePage
from directory_site.models.sites import PublicSite
from directory_site.pictures import LOGO
from directory_site.seo.meta import PageMeta, absolute
from referrals.services.pictures import bare_rendition

register = template.Library()


@register.simple_tag(takes_context=True)
def public_site(context: Context) -> PublicSite | None:
    """Return the visited site's settings; None on an error page, or if there is no site."""
    try:
        return PublicSite.for_request(context["request"])
    except (KeyError, PublicSite.DoesNotExist):
        return None


@register.simple_tag(takes_context=True)
def head_of_page(context: Context) -> PageMeta | None:
    if head := context.get("head"):
        return head
    page = context.get("page")
    return page.head(context["request"]) if isinstance(page, SitePage) else None


@register.simple_tag
def front_page() -> str:
    return home_path()


@register.simple_tag(takes_context=True)
def languages_of_page(context: Context) -> list[OtherLanguage]:
    """Return this page, with its query string, in the other languages."""
    request = context.get("request")
    return other_languages(request.get_full_path()) if request else []


@register.inclusion_tag("directory_site/alternates.html", takes_context=True)
def alternates(context: Context, path: str) -> dict[str, Any]:
    """The `hreflang` links for search engines: the page in each language must list all of them."""
    request = context["request"]
    languages = [(code, absolute(request, in_language(path, code))) for code, _name in settings.LANGUAGES]
    return {"languages": languages, "otherwise": languages[0][1]}


@register.simple_tag
def content_lang() -> SafeString:
    """Set the language of an element with words of an editor or an organisation, if the page has another.

    <p{% content_lang %}>. Leave it off names of people, places and organisations, which are the same in every language.
    """
    language = content_language()
    return format_html(' lang="{}"', language) if language else SafeString("")


@register.simple_tag
def content_language_code() -> str:
    return content_language()


@register.filter
def with_content_lang(words: str) -> str:
    """The same for such words inside a sentence in the page's own language."""
    language = content_language()
    return format_html('<span lang="{}">{}</span>', language, words) if language else words


@register.simple_tag(takes_context=True)
def absolute_address(context: Context, address: str) -> str:
    return absolute(context["request"], address)


@register.simple_tag(takes_context=True)
def menu(context: Context, stream: Iterable[Any]) -> list[LinkTarget]:
    return list(links_of(stream or [], context.get("request")))


@register.simple_tag
def logo(image: AbstractImage) -> AbstractRendition | None:
    return bare_rendition(image, LOGO)


@register.simple_tag(takes_context=True)
def breadcrumb_trail(context: Context) -> list[LinkTarget]:
    """Return the view's `trail`, else the links from the front page down to the parent of this page."""
    trail, page, site = context.get("trail"), context.get("page"), context.get("this_site")
    if trail is not None or not isinstance(page, SitePage) or site is None:
        return trail or []
    home = site.site.root_page
    above = page.get_ancestors().live().filter(depth__gte=home.depth).order_by("depth")
    return [
        LinkTarget(
            _("Home") if ancestor.pk == home.pk else ancestor.title,
            ancestor.get_url(context.get("request")) or home_path(),
        )
        for ancestor in above
    ]
