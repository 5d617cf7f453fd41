"""Locks by name, held until the transaction ends."""

from django.db import connection


def take_named_lock(*parts: object) -> None:
    """Make everybody else who would insert the same row wait until the first has done so, and then find that row.

    A unique constraint would be enough, but PostgreSQL logs the statement that it refuses, and with it what somebody
    has typed about a person.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [" ".join(map(str, parts))])
