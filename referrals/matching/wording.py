"""Words that everything says alike which tells whom a service is for."""

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
    """Return "a", "a and b", "a, b and c"."""
    *others, last = names
    return f"{', '.join(others)} {conjunction} {last}" if others else last


def group_of(option: DemographicOption) -> str:
    """Return "women" for the answer "Woman"; the statement says it in SQL."""
    return option.plural or f'people who answered "{option.name}"'


def groups_in_words(names: list[str], conjunction: str = "and") -> str:
    if len(names) < MANY_GROUPS:
        return listed(names, conjunction)
    return f"{', '.join(names[:2])} {conjunction} {len(names) - 2} other groups"


def years_in_words(age_from: int | None, age_to: int | None) -> str:
    """Return "aged 60 or over"; one of the two is given."""
    if age_to is None:
        return f"aged {age_from} or over"
    if not age_from:
        return f"aged {age_to} or under"
    return f"aged {age_from} to {age_to}" if age_from < age_to else f"aged {age_from}"


def only_for(whom: str) -> str:
    """Say what nobody knows of a person yet."""
    return f"Only for {whom}: please check"
