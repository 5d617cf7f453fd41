"""What surrounds every page of the public site: its head, its look, its menus, the way back."""

from django import template
from django.template.context import Context

from directory_site.heads import Head, absolute
from directory_site.models import PublicSite

register = template.Library()


@register.simple_tag(takes_context=True)
def public_site(context: Context) -> PublicSite | None:
    """Return what is set for the site that is visited; None where there is no site, as on a page of errors."""
    try:
        return PublicSite.for_request(context["request"])
    except (KeyError, PublicSite.DoesNotExist):
        return None


@register.simple_tag(takes_context=True)
def head_of_page(context: Context) -> Head | None:
    """Return the view's own head, or that of the page of the CMS."""
    if head := context.get("head"):
        return head
    page = context.get("page")
    if page is None:
        return None
    return Head(
        title=page.seo_title or page.title,
        description=page.search_description,
        path=page.get_url(context.get("request")) or "",
    )


@register.simple_tag(takes_context=True)
def absolute_address(context: Context, address: str) -> str:
    return absolute(context["request"], address)
