"""Template tags that pages of the public site share."""

from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from wagtail.images.models import AbstractImage

from directory_site.addresses import form_path
from directory_site.blocks.link_targets import LinkTarget, link_of
from directory_site.models.pages import DirectoryPage
from directory_site.models.sites import PublicSite
from directory_site.pictures import sized
from directory_site.search import categories
from directory_site.translations import address_of
from referrals.models import Network

register = template.Library()

ARTICLE_WIDTH = "(max-width: 46rem) 100vw, 44rem"  # a `sizes` attribute: how wide a picture is in an article


@register.inclusion_tag("directory_site/picture.html")
def picture(
    image: AbstractImage | None, alt: str = "", *, sizes: str = ARTICLE_WIDTH, first: bool = False
) -> dict[str, Any]:
    """Show a picture of the CMS. `first`: it is on the first screen, so the browser must not load it lazily."""
    return {"picture": sized(image) if image else None, "alt": alt, "sizes": sizes, "first": first}


@register.filter
def form_address(network: Network) -> str:
    return form_path(network)


@register.simple_tag(takes_context=True)
def link_target(context: Context, value: Any) -> LinkTarget | None:
    return link_of(value, context.get("request"))


@register.simple_tag(takes_context=True)
def directory_address(context: Context) -> str:
    try:
        page = DirectoryPage.of_site(context["request"])
    except (KeyError, PublicSite.DoesNotExist):
        return ""
    return address_of(page, context["request"]) if page else ""


@register.simple_tag(takes_context=True)
def related_links(context: Context, stream: Any) -> list[LinkTarget]:
    directory = directory_address(context)
    names: dict[str, str] = {}
    found = []
    for block in stream:
        if block.block_type == "link":
            found.append(link_of(block.value, context.get("request")))
        elif directory:
            names = names or categories.names(PublicSite.for_request(context["request"]))
            slug = block.value["category"]
            label, language = block.value["label"], ""
            if not label:
                label, language = names.get(slug), settings.LANGUAGE_CODE
            found.append(LinkTarget(label, f"{directory}?category={slug}", language=language) if label else None)
    return [link for link in found if link]
