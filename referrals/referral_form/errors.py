from typing import Any


class FormUnavailable(Exception):  # noqa: N818 - a page to show, not a fault of the program
    """Replaces the form with a page that says what to do next: templates/referral_form/unavailable/<name>.html."""

    def __init__(self, name: str, status: int, *, entry: Any = None) -> None:
        """`entry` is the FormEntry, where one was found; entry.py raises this error, so it cannot be named here."""
        super().__init__(name)
        self.name = name
        self.status = status
        self.entry = entry
