"""Text as a spreadsheet can hold it without running it, and back again: the one is the other's exact inverse."""

import re

# What a spreadsheet would run instead of showing it (OWASP, "CSV Injection").
_RUNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # noqa: RUF001 - full-width ones run too
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # no workbook can hold them, and PostgreSQL no NUL


def _would_run(text: str) -> bool:
    """Look past apostrophes too: a text that begins with one of its own must come back with it."""
    return text.lstrip("'").lstrip(" \xa0").startswith(_RUNS)


def escape_formula(value: object) -> object:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    if not isinstance(value, str):
        return value
    text = without_controls(value)
    return f"'{text}" if _would_run(text) else text


def unescape_formula(text: str) -> str:
    """Return what `escape_formula` was given."""
    return text[1:] if text.startswith("'") and _would_run(text) else text


def without_controls(text: str) -> str:
    return _CONTROLS.sub("", text)


def as_one_line_end(text: str) -> str:
    """Return `text` as it comes back from a file: with one kind of line end, and without what no workbook can hold."""
    return without_controls(text.replace("\r\n", "\n")).replace("\r", "\n")
