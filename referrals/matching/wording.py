"""The words for groups of people and ages, wherever the project says for whom a service is."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from referrals.words import METRES_PER_MILE, join_in_words

MANY_GROUPS = 4  # from this many on, two are named and the rest are counted

_ALWAYS_CAPITAL = frozenset(
    {"British", "Christian", "Christmas", "English", "Gaelic", "Jewish", "Muslim", "Ramadan", "Welsh"}
)

UNKNOWN_PLACE = gettext_lazy("No postcode was given: please check that this is near enough")
FULL = gettext_lazy("Full at the moment")


def inside_sentence(name: str) -> str:
    """Return "emergency food" for "Emergency food", but leave "ESOL classes" and "English lessons" as they are."""
    is_ordinary = name[1:].islower() and name.partition(" ")[0] not in _ALWAYS_CAPITAL
    return name[:1].lower() + name[1:] if is_ordinary else name


def group_name(answer: str, plural: str) -> str:
    """Return the name of those who gave an answer: its plural or, where the network gave none, the answer itself."""
    return plural or _('people who answered "%(answer)s"') % {"answer": answer}


def groups_in_words(names: list[str], conjunction: str = "and") -> str:
    if len(names) < MANY_GROUPS:
        return join_in_words(names, conjunction)
    number = len(names) - 2
    words = {
        "and": ngettext("%(named)s and %(number)s other group", "%(named)s and %(number)s other groups", number),
        "or": ngettext("%(named)s or %(number)s other group", "%(named)s or %(number)s other groups", number),
    }
    return words[conjunction] % {"named": ", ".join(names[:2]), "number": number}


def years_in_words(age_from: int | None, age_to: int | None) -> str:
    """Return "aged 60 or over"; one of the two is given."""
    years = {"youngest": age_from, "oldest": age_to, "age": age_to}
    if age_to is None:
        return _("aged %(youngest)s or over") % years
    if not age_from:
        return _("aged %(oldest)s or under") % years
    return (_("aged %(youngest)s to %(oldest)s") if age_from < age_to else _("aged %(age)s")) % years


def only_for(whom: str) -> str:
    return _("Only for %(whom)s: please check") % {"whom": whom}


def miles_in_words(metres: float) -> str:
    """Return "0.3 miles", "1 mile", "12 miles" or "less than 0.1 miles"."""
    miles = metres / METRES_PER_MILE
    if miles < 0.1:
        return _("less than %(miles)s miles") % {"miles": number_format(0.1, 1)}
    decimals = 0 if miles >= 9.95 or f"{miles:.1f}" == "1.0" else 1
    if decimals:
        return pgettext("part of a mile is in the number", "%(miles)s miles") % {
            "miles": number_format(round(miles, 1), 1)
        }
    whole = round(miles)
    return ngettext("%(miles)s mile", "%(miles)s miles", whole) % {"miles": whole}
