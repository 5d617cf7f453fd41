"""A database for the benchmark alone, so that the main one stays untouched."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import override_settings

SUFFIX = "_bench"
CREATE = 'CREATE DATABASE "{name}"'


@contextmanager
def scratch_database(*, keep: bool = False) -> Iterator[str]:
    """Point the default connection at a new, migrated database, with settings as in production; yield its name.

    It is dropped afterwards unless `keep`. One left over from an earlier run is dropped first. Raises PermissionError
    when the database user may not create databases.
    """
    main = connection.settings_dict["NAME"]
    name = main + SUFFIX
    connection.close()
    run_statements(f'DROP DATABASE IF EXISTS "{name}"', CREATE.format(name=name))
    connection.settings_dict["NAME"] = name
    try:
        with override_settings(**_production_settings()), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No directory at", module="django")
            call_command("migrate", verbosity=0, interactive=False)
            yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = main
        if not keep:
            run_statements(f'DROP DATABASE IF EXISTS "{name}"')


def _production_settings() -> dict[str, object]:
    """Return settings without debugging, for any host, with the empty view; static files need not be collected."""
    static_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["*"],
        "ROOT_URLCONF": "referrals.bench.urls",
        "STORAGES": {**settings.STORAGES, "staticfiles": static_files},
    }


def run_statements(*statements: str) -> None:
    try:
        with connection._nodb_cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except DatabaseError as error:
        raise PermissionError(f"The benchmark needs a database of its own: {str(error).strip()}") from error
