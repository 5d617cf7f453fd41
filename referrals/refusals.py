"""How a verb of the domain says that it will not do something, and why, and what the database refused, in words."""

from django.db import IntegrityError
from django.db.models import Model


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The verb is refused and nothing has changed. Its text is a sentence for the person who asked."""


class AlreadyDone(Refusal):
    """It was done before: a double click, a form sent again, or somebody else was first."""


class NotAllowed(Refusal):
    """This user may not do this."""


def constraint_message(error: IntegrityError, *models: type[Model]) -> str:
    """Return the message of our constraint or trigger that refused the change, for the person who asked.

    "" if none of ours did.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if getattr(diagnosis, "source_function", None) == "exec_stmt_raise":  # RAISE in one of our triggers
        return diagnosis.message_primary
    name = getattr(diagnosis, "constraint_name", None)
    constraints = (constraint for model in models for constraint in model._meta.constraints)
    return next((str(one.get_violation_error_message()) for one in constraints if one.name == name), "")
