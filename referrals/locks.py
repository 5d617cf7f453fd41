"""Locks by name, held until the transaction ends."""

from django.db import connection


def take_named_lock(*parts: object) -> None:
    """Let whoever would insert the same row wait until the first has, and then find it.

    A unique constraint would decide as well, but PostgreSQL writes the statement that it refuses into its log, and what
    somebody has typed about a person with it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [" ".join(map(str, parts))])
