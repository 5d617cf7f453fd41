from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from directory_site.search import Search

register = template.Library()


@register.filter
def in_miles(miles: float) -> str:
    """Return "0.6 miles", "1 mile", "12 miles"; near by it is "close by"."""
    if miles < 0.05:
        return _("close by")
    rounded = round(miles, 1) if miles < 10 else round(miles)
    written = {"miles": number_format(f"{rounded:g}")}
    if rounded % 1:
        return pgettext("part of a mile is in the number", "%(miles)s miles") % written
    return ngettext("%(miles)s mile", "%(miles)s miles", int(rounded)) % written


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
    return search.without_filters().query_string()
