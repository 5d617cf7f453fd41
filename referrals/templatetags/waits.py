"""How long somebody has to wait."""

from datetime import datetime
from math import ceil

from django import template
from django.utils import timezone
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def wait_until(moment: datetime) -> str:
    """Return "5 minutes", "1 hour, 5 minutes", rounded up: the last minute is "1 minute"."""
    hours, minutes = divmod(max(1, ceil((moment - timezone.now()).total_seconds() / 60)), 60)
    parts = [
        ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours} if hours else "",
        ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes} if minutes else "",
    ]
    return ", ".join(filter(None, parts))
