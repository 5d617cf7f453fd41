from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

CLOSE_BY = 0.05  # miles


def in_miles(miles: float) -> str:
    """Return "0.6 miles", "1 mile", "12 miles"; below CLOSE_BY "close by"."""
    if miles < CLOSE_BY:
        return _("close by")
    rounded = round(miles, 1) if miles < 10 else round(miles)
    written = {"miles": number_format(f"{rounded:g}")}
    if rounded % 1:
        return pgettext("part of a mile is in the number", "%(miles)s miles") % written
    return ngettext("%(miles)s mile", "%(miles)s miles", int(rounded)) % written
