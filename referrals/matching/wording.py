"""Words that everything says alike which tells whom a service is for."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from referrals.models import DemographicOption

MANY_GROUPS = 4  # whoever would name so many groups of people names two and counts the rest

_ALWAYS_CAPITAL = frozenset(
    {"British", "Christian", "Christmas", "English", "Gaelic", "Jewish", "Muslim", "Ramadan", "Welsh"}
)

UNKNOWN_PLACE = "We do not know where they live: please check"
FULL = "Full: asked only if the others can't"


def inside_sentence(name: str) -> str:
    """Return "emergency food" for "Emergency food", but leave "ESOL classes" and "English lessons" as they are."""
    is_ordinary = name[1:].islower() and name.partition(" ")[0] not in _ALWAYS_CAPITAL
    return name[:1].lower() + name[1:] if is_ordinary else name


def listed(names: list[str], conjunction: str) -> str:
    """Return "a", "a and b", "a, b and c"; the conjunction is "and" or "or"."""
    *others, last = names
    if not others:
        return last
    words = {
        "and": pgettext("a list", "%(others)s and %(last)s"),
        "or": pgettext("a list", "%(others)s or %(last)s"),
    }
    return words[conjunction] % {"others": ", ".join(others), "last": last}


def group_of(option: DemographicOption) -> str:
    """Return "women" for the answer "Woman"; the statement says it in SQL."""
    return option.plural or _('people who answered "%(answer)s"') % {"answer": option.name}


def groups_in_words(names: list[str], conjunction: str = "and") -> str:
    if len(names) < MANY_GROUPS:
        return listed(names, conjunction)
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
    """Say what nobody knows of a person yet."""
    return f"Only for {whom}: please check"
