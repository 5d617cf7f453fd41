"""What stops the form as a whole. Each is shown as a page that says what to do next."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from referrals.referral_form.entry import FormEntry


class FormUnavailable(Exception):  # noqa: N818 - it is a page, not a fault of the program
    """Shown by templates/referral_form/problems/<name>.html with this status code; `entry` where one was found."""

    def __init__(self, name: str, status: int, *, entry: "FormEntry | None" = None) -> None:
        super().__init__(name)
        self.name = name
        self.status = status
        self.entry = entry
