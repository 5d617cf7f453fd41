from django.utils.formats import number_format
from django.utils.translation import ngettext


def count_services(number: int) -> str:
    """Return "1,204 services"."""
    return ngettext("%(number)s service", "%(number)s services", number) % {
        "number": number_format(number, force_grouping=True)
    }


def within_miles(miles: int) -> str:
    return ngettext("Within %(miles)s mile", "Within %(miles)s miles", miles) % {"miles": miles}
