"""A database of the benchmark's own beside the main one, which stays untouched."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import override_settings

SUFFIX = "_bench"


@contextmanager
def scratch_database(*, keep: bool = False) -> Iterator[str]:
    """Let the default connection lead to a new, migrated database, with settings as in production; yield its name.

    It is dropped afterwards unless `keep`. A left-over one of this name is dropped first. Raises PermissionError where
    the database's user may not create any.
    """
    main = connection.settings_dict["NAME"]
    name = main + SUFFIX
    _run(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with override_settings(DEBUG=False, ALLOWED_HOSTS=["*"], ROOT_URLCONF="referrals.bench.urls"):
            call_command("migrate", verbosity=0, interactive=False)
            yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = main
        if not keep:
            _run(f'DROP DATABASE IF EXISTS "{name}"')


def _run(*statements: str) -> None:
    try:
        with connection._nodb_cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except DatabaseError as error:
        raise PermissionError(f"The benchmark needs a database of its own: {str(error).strip()}") from error
