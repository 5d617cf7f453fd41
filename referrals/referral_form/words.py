"""Small words for titles and sentences."""

from collections.abc import Sequence

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_FORMS_OF_ADDRESS = {"mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sir", "lady", "prof"}


def number_word(number: int) -> str:
    """Return "three" for 3; above twelve the figures."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def counted(number: int, singular: str, plural: str) -> str:
    """Return "one organisation" or "three organisations"."""
    return f"{number_word(number)} {singular if number == 1 else plural}"


def listed(words: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def short_name(name: str) -> str:
    """Return the first name, or "Mrs Okafor" where the name starts with a form of address."""
    first, *rest = name.split() or ["them"]
    if rest and first.rstrip(".").lower() in _FORMS_OF_ADDRESS:
        return f"{first} {rest[-1]}"
    return first
