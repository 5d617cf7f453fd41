"""The migrated database that the test databases are copied from: migrating takes 17 seconds, a copy a third of one.

It is kept in the server that DATABASE_URL leads to, under a name that holds a digest of what shapes it. Django's own
`migrate` still runs over every copy, so that whatever follows a migration (permissions, schedules) is of today.
"""

import hashlib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from pytest_django.fixtures import _get_databases_for_setup  # what Django is asked to set up is written nowhere else


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request,
    testrun_uid,
    django_db_modify_db_settings_parallel_suffix,
    django_db_use_migrations,
    django_db_createdb,
    django_db_blocker,
) -> None:
    """Let the test database be a copy; a run of tests that ask for no database needs no server."""
    aliases, _ = _get_databases_for_setup(request.session.items)
    if aliases and django_db_use_migrations:
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = find_or_make_template(
                run=testrun_uid, remake=django_db_createdb
            )


def find_or_make_template(*, run: str, remake: bool = False) -> str:
    """Return the template's name. With `remake` it is one that this run made, whichever of its workers did.

    The lock is held by the connection: a run that is killed gives it up, and leaves an unfinished database under
    another name.
    """
    prefix = f"test_{connection.settings_dict['NAME'][:24]}_template_"  # PostgreSQL's names have at most 63 bytes
    name = prefix + _digest()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [prefix])
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        found = cursor.fetchone()
        if not found or (remake and found != (run,)):
            _drop_databases(cursor, prefix)
            _make_template(cursor, name, run)
    return name


def _digest() -> str:
    """Digest every file of migrations, the settings, and the installed versions: 50 ms."""
    digest = hashlib.sha256()
    folders = (Path(app.path) / "migrations" for app in apps.get_app_configs())
    modules = [path for folder in sorted(folders) for path in sorted(folder.rglob("*.py"))]
    for path in [*modules, Path(settings.BASE_DIR) / "backoffice" / "settings.py", Path(__file__)]:
        digest.update(path.read_bytes())
    versions = sorted(f"{package.name} {package.version}" for package in distributions())
    digest.update(repr(versions).encode())
    return digest.hexdigest()[:12]


def _drop_databases(cursor: CursorWrapper, prefix: str) -> None:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _make_template(cursor: CursorWrapper, name: str, run: str) -> None:
    """Migrate a database; its name says that it is finished only when it is."""
    unfinished, original = f"{name}_unfinished", connection.settings_dict["NAME"]
    cursor.execute(f'CREATE DATABASE "{unfinished}"')
    connection.close()
    connection.settings_dict["NAME"] = unfinished
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
    cursor.execute(f'COMMENT ON DATABASE "{unfinished}" IS %s', [run])
    cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
