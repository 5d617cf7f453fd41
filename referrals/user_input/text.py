"""Invisible characters, and values that a spreadsheet has damaged."""

import re
import unicodedata

# Zero-width spaces, word joiners, byte order marks, and marks of writing direction. Not the joiners that Persian, Hindi
# and emoji need (U+200C, U+200D), nor soft hyphens.
_UNSEEN = re.compile("[\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u206f]")
# Line breaks of all kinds, tabs and other control characters. Not NUL, which forms refuse.
_CONTROLS = re.compile("[\x01-\x1f\x7f-\x9f\u2028\u2029]+")
# Excel's errors, LibreOffice's, and a column that was too narrow when it was copied.
_BROKEN = re.compile(
    r"#(?:REF|N/A|VALUE|NAME|DIV/0|NULL|NUM|SPILL|CALC|FIELD|BLOCKED|CONNECT|UNKNOWN|BUSY|GETTING_DATA|ERROR)[!?]?|Err:\d{3}|#{3,}",
    re.I,
)
# UTF-8 that was once read as cp1252 or Mac Roman, and letters that some program could not keep.
_GARBLED = re.compile(
    "\u00c3[\u0080-\u00bf]|\u00e2\u20ac|\u00c2[\u00a3\u00b0\u00b7]|\ufffd|\u00ef\u00bf\u00bd"
    "|\u221a[^\x00-\x7f]|\u201a\u00c4|\u00ac\u00a3"
)


def strip_invisible(text: str) -> str:
    """Keep what languages and emoji need: for text that people read."""
    return _UNSEEN.sub("", text)


def on_one_line(text: str) -> str:
    """Return a text of one line, such as a name, with spaces for line breaks and control characters."""
    return _CONTROLS.sub(" ", text)


def plain_characters(text: str) -> str:
    """Return a number or code in plain letters and digits, with its spaces and without invisible characters.

    Stricter than `strip_invisible`: full-width digits become plain ones, and no joiner is kept.
    """
    plain = unicodedata.normalize("NFKC", text)
    return "".join(one for one in plain if one.isspace() or unicodedata.category(one) not in ("Cf", "Cc"))


def refuse_broken(text: str) -> None:
    """Raise ValueError for what a spreadsheet shows in place of a value ("#REF!"), and for garbled letters."""
    if _BROKEN.fullmatch(text.strip()):
        raise ValueError(f"The spreadsheet shows an error here ({text.strip()[:20]}), not a value. Type the value.")
    if _GARBLED.search(text):
        raise ValueError("Some letters here are garbled. Type the text again.")
