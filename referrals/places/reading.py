"""Postcodes in a text, by their form alone."""

import re
from collections.abc import Iterator
from itertools import combinations, product

from referrals.models.geography import capital_words, format_postcode, parse_part_of_postcode, parse_postcode

_WHOLE_INSIDE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}\b")
_PART_AT_AN_END = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?(?= [^0-9]+$)|\b[A-Z]{1,2}[0-9][A-Z0-9]?(?: [0-9])?$")
_LONGEST = 7  # letters and digits of a postcode
_NO_HOME = frozenset(
    {
        "ZZ993VZ",  # the NHS's postcode for "no fixed abode"
        "HOMELESS",
        "NFA",
        "NO ADDRESS",
        "NO FIXED ABODE",
        "NO FIXED ADDRESS",
        "NO HOME",
        "OF NO FIXED ABODE",
        "ROUGH SLEEPER",
        "ROUGH SLEEPING",
        "SLEEPING ROUGH",
        "SOFA SURFING",
        "STREET HOMELESS",
    }
)
# Mistaken for each other in handwriting or by a scanner, both ways round; and letters never used in a second half.
_LOOK_ALIKES = {
    "0": "OQD", "O": "0QD", "Q": "0O", "D": "0O",
    "1": "IL", "I": "1LJ", "L": "1I", "J": "I",
    "2": "Z", "Z": "2", "5": "S", "S": "5", "8": "B", "B": "8", "6": "G", "G": "6C", "C": "G",
    "4": "A", "A": "4", "V": "UWY", "K": "X", "M": "NW",
}  # fmt: skip
_MOST_SLIPS = 2


def read_postcode(text: str) -> str:
    """Return "NW5 2AA", "NW5 2" or "NW5", as usually written; "" if the text has none, or more than one.

    Words around it are ignored ("nw5 2aA, London"). "WC1" is read too, though it stands for several.
    """
    if whole := parse_postcode(text):
        return format_postcode(whole)
    if part := parse_part_of_postcode(text):
        return " ".join(filter(None, part))
    words = capital_words(text)
    inside = {parse_postcode(match) for match in _WHOLE_INSIDE.findall(words)}
    if len(inside) == 1:
        return format_postcode(inside.pop())
    if inside or len(words.replace(" ", "")) <= _LONGEST:  # "EC1V OBW" is a whole one with a typing mistake
        return ""
    ends = set(_PART_AT_AN_END.findall(words))
    return ends.pop() if len(ends) == 1 else ""


def says_no_home(text: str) -> bool:
    """Whether the text says that somebody has no address: "no fixed abode", "N.F.A.", "ZZ99 3VZ"."""
    words = capital_words(text)
    return words in _NO_HOME or words.replace(" ", "") in _NO_HOME


def similar_postcodes(text: str) -> Iterator[set[str]]:
    """Yield postcodes (compact) that look like the text: first with one character changed, then with two."""
    compact = capital_words(text).replace(" ", "")
    if not (compact.isascii() and 5 <= len(compact) <= _LONGEST):
        return
    for slips in range(1, _MOST_SLIPS + 1):
        yield {code for code in _with_slips(compact, slips) if parse_postcode(code)}


def _with_slips(compact: str, slips: int) -> Iterator[str]:
    for places in combinations(range(len(compact)), slips):
        for others in product(*(_LOOK_ALIKES.get(compact[place], "") for place in places)):
            characters = list(compact)
            for place, other in zip(places, others, strict=True):
                characters[place] = other
            yield "".join(characters)
