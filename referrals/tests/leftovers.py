"""What is done when a process has run its last test."""

from collections.abc import Iterator

import pytest
from django.db import connection

_SEND_AWAY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def send_others_away() -> None:
    """End all other sessions in the test database: nobody may look at it while it is dropped or copied."""
    with connection.cursor() as cursor:
        cursor.execute(_SEND_AWAY)


@pytest.fixture(scope="session", autouse=True)
def nobody_left(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database is dropped next, which fails while anybody looks at it: a browser's last request, say."""
    yield
    with django_db_blocker.unblock():
        send_others_away()
