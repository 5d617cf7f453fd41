"""Loops made with the triggers off, as in a restored dump or by hand at the console."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from referrals.models import Category, Question, QuestionOption


@contextmanager
def without_trigger(table: str, trigger: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        # What waits for the end of the transaction would forbid to alter the table.
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        yield
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def loop_categories(*categories: Category) -> None:
    """Put each below the next, and the last below the first."""
    with without_trigger("referrals_category", "category_not_below_itself"):
        for child, parent in zip(categories, (*categories[1:], categories[0]), strict=True):
            Category.objects.filter(pk=child.pk).update(parent=parent)


def loop_questions(*options: QuestionOption) -> None:
    """Let each answer reveal the next one's question, and the last the first's."""
    with without_trigger("referrals_questionoption_reveals", "question_not_below_itself"):
        for option, following in zip(options, (*options[1:], options[0]), strict=True):
            option.reveals.add(Question.objects.get(pk=following.question_id))
