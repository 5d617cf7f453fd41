"""Times in relative words for recent ones, exact on hover and in print."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

NEAR = timedelta(days=14)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """Return "2 hours ago", or the date after a fortnight, in a <time> element with the exact minute."""
    return _time(moment, _ago) if moment else ""


@register.filter
def exactly(moment: datetime | None) -> SafeString | str:
    """Return "Thursday 5 November, 10:40"."""
    return _time(moment, _exact) if moment else ""


@register.filter
def briefly(moment: datetime | None) -> SafeString | str:
    """Return "3 Nov 10:12", for a column of times."""
    return _time(moment, _brief) if moment else ""


def _time(moment: datetime, in_words) -> SafeString:
    local = timezone.localtime(moment)
    exact = f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M}"
    kind = "relative" if in_words is _ago else "exact"
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>', kind, local.isoformat(), exact, in_words(local)
    )


def _ago(local: datetime) -> str:
    passed = timezone.now() - local
    minutes = int(passed.total_seconds() // 60)
    if passed > NEAR or minutes < 0:
        return _day(local)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return _counted(minutes, "minute")
    if minutes < 24 * 60:
        return _counted(minutes // 60, "hour")
    return _counted(minutes // (24 * 60), "day")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


def _day(local: datetime) -> str:
    return f"{local.day} {local:%B}{_other_year(local)}"


def _exact(local: datetime) -> str:
    return f"{local:%A} {local.day} {local:%B}{_other_year(local)}, {local:%H:%M}"


def _brief(local: datetime) -> str:
    return f"{local.day} {local:%b}{_other_year(local)} {local:%H:%M}"


def _other_year(local: datetime) -> str:
    """Return " 2025"; empty for this year."""
    return "" if local.year == timezone.localdate().year else f" {local.year}"
