"""Fields of the referral form."""

from collections.abc import Hashable

from django import template
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST_DRAWN = 2000
_drawn: dict[Hashable, SafeString] = {}


@register.simple_tag
def draw_field(field: BoundField, **how: object) -> SafeString:
    """{% draw_field form.name optional=1 %}: see templates/referral_form/field.html for what else there is.

    A field without a person's words is drawn once for all pages: the templates of a page's fields take longer than the
    rest of the step.
    """
    if (look := field.look) is None:
        return _draw(field, how)
    key = (get_language(), look, *sorted(how.items()))
    if key not in _drawn:
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        _drawn[key] = _draw(field, how)
    return _drawn[key]


def _draw(field: BoundField, how: dict[str, object]) -> SafeString:
    return render_to_string("referral_form/field.html", {"field": field, **how})
