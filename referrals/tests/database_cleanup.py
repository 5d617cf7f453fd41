"""How a test database is put in order: after each test that commits, and when the last test has run.

Django's own way, a flush, empties all tables in half a second, those that migrations fill as well, so that whatever
runs next finds no front page. This takes a tenth of that: it deletes what is there and puts back what was there first.
"""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

_REAL_DATABASE = settings.DATABASES["default"]["NAME"]  # read before Django puts the test database's name there
_MIGRATED_ROWS = "migrated_rows"  # a schema with copies of the tables that migrations fill
_WRITTEN_BY_TRIGGERS = ["referrals_listingcell", "referrals_publicchange"]  # while others are deleted
_NEVER_CHANGED = {"django_content_type", "auth_permission", "django_migrations"}


@pytest.fixture(scope="session", autouse=True)
def restore_migrated_rows(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Where no chosen test asks for a database there is no test database, and the real one must not be reached."""
    if connection.settings_dict["NAME"] == _REAL_DATABASE:
        connection.settings_dict["NAME"] = f"test_{_REAL_DATABASE}"
        yield
        return
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        _copy_migrated_rows(cursor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _restore_migrated_rows)
        yield
    with django_db_blocker.unblock():
        end_database_sessions()


def end_database_sessions() -> None:
    """End what still uses the test database, a browser's last request, say: it could be neither dropped nor copied."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        )


def _copy_migrated_rows(cursor: CursorWrapper) -> None:
    """Copy what the migrations have written; a database that is used again has the copies already."""
    cursor.execute("SELECT FROM pg_namespace WHERE nspname = %s", [_MIGRATED_ROWS])
    if not cursor.rowcount:
        cursor.execute(f"CREATE SCHEMA {_MIGRATED_ROWS}")
        for table in _tables_with_rows(cursor):
            cursor.execute(f'CREATE TABLE {_MIGRATED_ROWS}."{table}" AS TABLE public."{table}"')


def _restore_migrated_rows(*_: object) -> None:
    """Foreign keys are looked at when all is done, so that no order is needed."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in [*_tables_with_rows(cursor), *_WRITTEN_BY_TRIGGERS]:
            cursor.execute(f'DELETE FROM public."{table}"')
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [_MIGRATED_ROWS])
        for (table,) in cursor.fetchall():
            cursor.execute(f'INSERT INTO public."{table}" SELECT * FROM {_MIGRATED_ROWS}."{table}"')


def _tables_with_rows(cursor: CursorWrapper) -> list[str]:
    tables = [table for table in connection.introspection.table_names(cursor) if table != "spatial_ref_sys"]
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM public.\"{table}\")" for table in tables)
    cursor.execute(asked)
    return [table for (table,) in cursor.fetchall() if table not in _NEVER_CHANGED]
