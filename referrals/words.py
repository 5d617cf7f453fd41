"""Lists, numbers and miles in words."""

from collections.abc import Sequence

from django.utils.translation import get_language, pgettext

METRES_PER_MILE = 1609.344

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def join_in_words(words: Sequence[str], conjunction: str = "and") -> str:
    """Return "a", "a and b", "a, b and c"; the conjunction is "and" or "or". Empty for no words.

    Where one of them has a comma itself, semicolons keep them apart: "a, or b; c; and d".
    """
    if len(words) < 2:
        return "".join(words)
    others = "; ".join(words[:-1]) + ";" if any("," in word for word in words) else ", ".join(words[:-1])
    joined = {
        "and": pgettext("a list", "%(others)s and %(last)s"),
        "or": pgettext("a list", "%(others)s or %(last)s"),
    }
    return joined[conjunction] % {"others": others, "last": words[-1]}


def number_in_words(number: int) -> str:
    """Return "no" for 0, "twelve" for 12 and figures from 13; in other languages, where words agree with what is
    counted, always figures.
    """
    in_words = 0 <= number < len(_NUMBERS) and (get_language() or "en").startswith("en")
    return _NUMBERS[number] if in_words else str(number)


def count_in_words(number: int, singular: str, plural: str) -> str:
    """English only."""
    return f"{number_in_words(number)} {singular if number == 1 else plural}"
