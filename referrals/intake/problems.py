"""What stops the form as a whole. Each is shown as a page that says what to do next."""


class Problem(Exception):  # noqa: N818 - it is a page, not a fault of the program
    """Shown by templates/referral_form/problems/<name>.html with this status code."""

    def __init__(self, name: str, status: int, *, network: object = None, restart_url: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.status = status
        self.network = network
        self.restart_url = restart_url
