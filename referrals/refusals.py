"""What every verb of the domain may answer instead of doing what it was asked."""


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The verb is refused and nothing has changed. Its text is a sentence for the person who asked."""


class AlreadyDone(Refusal):
    """It was done before: a double click, or a form sent again."""


class NotAllowed(Refusal):
    """This user may not do this."""
