"""Template tags for the frame of every public page: head, logo, menus, languages and breadcrumbs."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.models import Page

from directory_site.blocks.link_targets import LinkTarget, links_of
from directory_site.languages import OtherLanguage, content_language, home_path, in_language, other_languages
from directory_site.models.pages import SitePage
from directory_site.models.sites import PublicSite
from directory_site.pictures import LOGO
from directory_site.seo.meta import PageMeta, absolute
from directory_site.translations import address_of, in_active_language, language_of
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
    """Return this page, with its query string, in the other languages. A page without a translation stays
    itself in their frame, and says so; one that is not in our own language leads to the front page."""
    request, head = context.get("request"), context.get("page_head")
    if request is None:
        return []
    others = other_languages(request.get_full_path())
    if head is None or head.languages is None:
        return others
    query = request.META.get("QUERY_STRING")
    return [
        replace(other, address=head.languages[other.code] + (f"?{query}" if query else ""))
        if other.code in head.languages
        else other
        if settings.LANGUAGE_CODE in head.languages
        else replace(other, address=home_path(other.code))
        for other in others
    ]


@register.inclusion_tag("directory_site/alternates.html", takes_context=True)
def alternates(context: Context, head: PageMeta) -> dict[str, Any]:
    """The `hreflang` links for search engines: the page in each language must list all of them."""
    request = context["request"]
    paths = head.languages or {code: in_language(head.path, code) for code, _name in settings.LANGUAGES}
    languages = [(code, absolute(request, path)) for code, path in paths.items()]
    return {"languages": languages, "otherwise": languages[0][1] if languages else ""}


def _lang(language: str) -> SafeString:
    return format_html(' lang="{}"', language) if language else SafeString("")


@register.simple_tag
def content_lang() -> SafeString:
    """Set the language of an element with words of an organisation or a coordinator, if the page has another.

    <p{% content_lang %}>. Leave it off names of people, places and organisations, which are the same in every language.
    """
    return _lang(content_language())


@register.simple_tag(takes_context=True)
def page_lang(context: Context, page: Page | None = None) -> SafeString:
    """The same for words of a page of the CMS: `page`, or the one that is shown."""
    page = page or context.get("page")
    if not isinstance(page, Page):
        return content_lang()
    language = language_of(page, context.get("request"))
    return _lang("" if language == translation.get_language() else language)


@register.simple_tag(takes_context=True)
def site_lang(context: Context, field: str) -> SafeString:
    """The same for words of the site that are on every page, by the name of their field."""
    site = context.get("this_site")
    return SafeString("") if site and field in site.translated else content_lang()


@register.simple_tag(takes_context=True)
def page_address(context: Context, page: Page) -> str:
    """Use it in place of Wagtail's `pageurl`, which leads to our own language where a page has no translation."""
    return address_of(page, context.get("request"))


@register.simple_tag
def link_lang(link: LinkTarget) -> SafeString:
    """The same for a link whose words are the title of a page, whatever the language of the words around it."""
    return _lang(link.language if content_language() else "")


@register.simple_tag(takes_context=True)
def is_only_in_our_language(context: Context) -> bool:
    page = context.get("page")
    return bool(content_language() and isinstance(page, Page) and page_lang(context))


@register.simple_tag
def content_language_code() -> str:
    return content_language()


@register.filter
def with_content_lang(words: str) -> str:
    """The same for such words inside a sentence in the page's own language."""
    language = content_language()
    return format_html('<span lang="{}">{}</span>', language, words) if language else words


@register.filter
def with_lang(words: str, language: str) -> str:
    """The same for words in a given language."""
    return (
        words if language == translation.get_language() else format_html('<span lang="{}">{}</span>', language, words)
    )


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
    home, request = site.site.root_page, context.get("request")
    above = [
        in_active_language(ancestor, request)
        for ancestor in page.get_ancestors().live().filter(depth__gte=home.depth).order_by("depth")
    ]
    return [
        LinkTarget(_("Home"), home_path())
        if ancestor.depth == home.depth
        else LinkTarget(
            ancestor.title, address_of(ancestor, request) or home_path(), language=language_of(ancestor, request)
        )
        for ancestor in above
    ]
