from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from directory_site.search import Search

register = template.Library()


@register.filter
def in_miles(miles: float) -> str:
    """Return "0.6 miles", "1 mile", "12 miles"; near by it is "close by"."""
    if miles < 0.05:
        return _("close by")
    rounded = round(miles, 1) if miles < 10 else round(miles)
    return ngettext("%(miles)s mile", "%(miles)s miles", 1 if rounded == 1 else 2) % {"miles": f"{rounded:g}"}


@register.filter
def coordinate(degrees: float) -> str:
    """Return degrees for a script, to about ten metres, with a point whatever the language."""
    return f"{degrees:.4f}"


@register.filter
def lower_first(words: str) -> str:
    """Put words behind others: "Refer yourself" becomes "refer yourself", "GP" stays."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


@register.filter
def sorted_by(sort: str, search: Search) -> str:
    return search.but(sort=sort).query_string()


@register.filter
def without_filters(search: Search) -> str:
    return Search(q=search.q, place=search.place, near=search.near, sort=search.sort).query_string()
