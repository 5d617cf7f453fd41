"""Escape text so that spreadsheets do not run it, and undo exactly that."""

import re

LONGEST_CELL = 32_766  # workbooks cut cells off at 32,767 characters, including our apostrophe
# What a spreadsheet would run instead of showing it (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # noqa: RUF001 - full-width ones run too
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # not allowed in workbooks; PostgreSQL refuses NUL as well


def _would_run(text: str) -> bool:
    # Leading apostrophes are skipped: a text that already has one must survive the round trip.
    return text.lstrip("'").lstrip(" \xa0").startswith(_FORMULA_STARTS)


def escape_formula(value: object) -> object:
    """Prefix an apostrophe to text that a spreadsheet would run as a formula."""
    if not isinstance(value, str):
        return value
    text = without_controls(value)
    return f"'{text}" if _would_run(text) else text


def unescape_formula(text: str) -> str:
    """Undo `escape_formula`."""
    return text[1:] if text.startswith("'") and _would_run(text) else text


def as_workbook_text(value: object) -> object:
    """Take the apostrophe off again where a workbook does not need it, since its cells say that they are text.

    It stays before "=", of which a formula would be made, and where reading the cell would not give the same text.
    """
    plain = unescape_formula(value) if isinstance(value, str) else value
    return value if isinstance(plain, str) and plain.startswith(("=", "'")) else plain


def without_controls(text: str) -> str:
    return _CONTROLS.sub("", text)


def normalise_line_ends(text: str) -> str:
    """Normalise line ends and drop characters no workbook can hold, so that text survives the round trip."""
    return without_controls(text.replace("\r\n", "\n")).replace("\r", "\n")
