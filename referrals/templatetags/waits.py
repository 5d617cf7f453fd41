"""How long somebody has to wait."""

from datetime import datetime, timedelta

from django import template
from django.utils.timesince import timeuntil

register = template.Library()


@register.filter
def wait_until(moment: datetime) -> str:
    """Return "5 minutes" if it is more than four: `timeuntil` rounds down, so that its last minute is "0 minutes"."""
    return timeuntil(moment + timedelta(minutes=1))
