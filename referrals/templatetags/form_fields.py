"""Fields of the referral form."""

from collections.abc import Hashable, Sequence

from django import template
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST_DRAWN = 2000
_drawn: dict[Hashable, SafeString] = {}


@register.simple_tag
def draw_field(field: BoundField, *, template: str = "referral_form/field.html", **how: object) -> SafeString:
    """{% draw_field form.name optional=1 %}: see templates/referral_form/field.html for what else there is."""
    return _draw_once(template, [field], {"field": field, **how}, tuple(sorted(how.items())))


@register.simple_tag
def draw_together(template: str, *fields: BoundField) -> SafeString:
    """{% draw_together "referral_form/date_of_birth.html" form.born_day form.born_month %}: it has `fields`."""
    return _draw_once(template, fields, {"fields": fields})


@register.simple_tag
def draw_for(key: Hashable, template: str, **values: object) -> SafeString:
    """{% draw_for step.key "referral_form/progress.html" step=step %}: what differs by `key` and language alone."""
    return _draw_once(template, [], values, key)


def _draw_once(
    template: str, fields: Sequence[BoundField], context: dict[str, object], how: Hashable = None
) -> SafeString:
    """Draw what is without a person's words once for all pages: fields take longer than the rest of the step."""
    looks = tuple(field.look for field in fields)
    if None in looks:
        return render_to_string(template, context)
    key = (get_language(), template, looks, how)
    if key not in _drawn:
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        _drawn[key] = render_to_string(template, context)
    return _drawn[key]
