"""How words are compared, whatever their case, accents and plurals."""

import re
from unicodedata import combining, normalize

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")  # with its apostrophe, whichever: "Brannock's"
_UNACCENTED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u2019": "'"})  # letters that NFKD does not split


def normalise(phrase: str) -> str:
    """Remove accents, plurals and hyphens: "food-banks" is "food bank", and "długi" is "dlugi"."""
    letters = "".join(letter for letter in normalize("NFKD", phrase.lower()) if not combining(letter)).translate(
        _UNACCENTED
    )
    return " ".join(word.removesuffix("s") if len(word) > 3 else word for word in WORD.findall(letters))


def plain_words(text: str) -> list[str]:
    """Return the words as `normalise` does, without their apostrophes: "don't" is "dont"."""
    return normalise(text.replace("'", "").replace("\u2019", "")).split()


def key_of(phrase: str) -> str:
    """Return what phrases are compared by."""
    return normalise(phrase).replace("'", "")
