from collections.abc import Sequence

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sir", "lady", "prof"}


def count_in_words(number: int, singular: str, plural: str) -> str:
    """Return "one organisation", "three organisations"; from thirteen on in figures."""
    word = _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)
    return f"{word} {singular if number == 1 else plural}"


def join_in_words(words: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def short_name(name: str) -> str:
    """Return the first name, or "Mrs Okafor" when the name starts with a title."""
    first, *rest = name.split() or ["them"]
    if rest and first.rstrip(".").lower() in _TITLES:
        return f"{first} {rest[-1]}"
    return first
