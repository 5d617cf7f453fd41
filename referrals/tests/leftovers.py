"""What is done when a process has run its last test."""

from collections.abc import Iterator

import pytest
from django.db import connection

_SEND_AWAY = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"


def send_away() -> None:
    """End all sessions in the test database, this one too: nobody may look at it while it is dropped or copied."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(_SEND_AWAY, [connection.settings_dict["NAME"]])


def has_test_database() -> bool:
    """Return whether there is one: where no chosen test asks for a database, the connection leads to the real one."""
    return connection.settings_dict["NAME"] == connection.creation._get_test_db_name()


@pytest.fixture(scope="session", autouse=True)
def nobody_left(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database is dropped next, which fails while anybody looks at it: a browser's last request, say."""
    yield
    if has_test_database():
        with django_db_blocker.unblock():
            send_away()
