from django import template

from directory_site.search.distances import in_miles

register = template.Library()

register.filter(in_miles)


@register.filter
def coordinate(degrees: float) -> str:
    """Return degrees for a script, to about ten metres, with a point whatever the language."""
    return f"{degrees:.4f}"


@register.filter
def lower_first(words: str) -> str:
    """For use inside a sentence: "Refer yourself" becomes "refer yourself", "GP" stays."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
