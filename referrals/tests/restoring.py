"""After a test that commits, the database is again as the migrations left it.

Django's own way, a flush, empties all tables in half a second, those that migrations fill as well, so that whatever
runs next finds no front page. This takes a tenth of that: it deletes what is there and puts back what was there first.
"""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

from referrals.tests.leftovers import has_test_database

_FIRST = "as_migrated"  # the schema that keeps the rows of the migrations
_NEVER_CHANGED = {"django_content_type", "auth_permission", "django_migrations"}


def _tables_with_rows(cursor: CursorWrapper) -> list[str]:
    tables = [table for table in connection.introspection.table_names(cursor) if table != "spatial_ref_sys"]
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM public.\"{table}\")" for table in tables)
    cursor.execute(asked)
    return [table for (table,) in cursor.fetchall() if table not in _NEVER_CHANGED]


def _kept(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [_FIRST])
    return [table for (table,) in cursor.fetchall()]


def _keep(cursor: CursorWrapper) -> None:
    """Copy what the migrations have written; a database that is used again has the copies already."""
    cursor.execute("SELECT FROM pg_namespace WHERE nspname = %s", [_FIRST])
    if not cursor.rowcount:
        cursor.execute(f"CREATE SCHEMA {_FIRST}")
        for table in _tables_with_rows(cursor):
            cursor.execute(f'CREATE TABLE {_FIRST}."{table}" AS TABLE public."{table}"')


def _restore(*_: object) -> None:
    """Foreign keys are looked at when all is done, so that no order is needed."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in _tables_with_rows(cursor):
            cursor.execute(f'DELETE FROM public."{table}"')
        for table in _kept(cursor):
            cursor.execute(f'INSERT INTO public."{table}" SELECT * FROM {_FIRST}."{table}"')


@pytest.fixture(scope="session", autouse=True)
def as_migrated(django_db_setup, django_db_blocker) -> Iterator[None]:
    if has_test_database():
        with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
            _keep(cursor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _restore)
        yield
