"""What an import leaves behind and what readers see meanwhile, with real transactions."""

from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from referrals.importers import staging_table
from referrals.importers.errors import ImportRefusedError
from referrals.importers.postcodes import import_postcodes
from referrals.importers.progress import SilentProgress
from referrals.models.geography import Postcode
from referrals.tests.importers.postcode_samples import code_point_csv, code_point_row, write

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "referrals_postcode"
YESTERDAY, TODAY = "NW1 2DB", "W1A 1AA"


@pytest.fixture
def load(tmp_path):
    """Return a function that imports a table of one postcode."""

    def load_code(code: str, **options):
        path = write(tmp_path / "table.csv", code_point_csv([code_point_row(code)]))
        return import_postcodes([path], replace=True, **options)

    load_code(YESTERDAY)
    return load_code


@pytest.fixture
def other_session():
    """A connection of somebody else: a web process, another import, a database administrator."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as session:
        yield session


class AtTheEnd(SilentProgress):
    """Does something when the new table is ready to be swapped in."""

    def __init__(self, act) -> None:
        self.act = act

    @contextmanager
    def phase(self, title, *, total, unit):
        yield lambda amount: None
        if title == "Indexing":
            self.act()


def codes(cursor=None) -> list[str]:
    if cursor is None:
        return list(Postcode.objects.order_by("code").values_list("code", flat=True))
    return [code for (code,) in cursor.execute(f"SELECT code FROM {TABLE} ORDER BY code").fetchall()]


def structure() -> dict[str, list]:
    questions = {
        "columns": "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute "
        f"WHERE attrelid = '{TABLE}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        "indexes": f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{TABLE}' ORDER BY indexname",
        "constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        f"WHERE conrelid = '{TABLE}'::regclass ORDER BY conname",
        "persistence": f"SELECT relpersistence FROM pg_class WHERE oid = '{TABLE}'::regclass",
        "debris": "SELECT relname FROM pg_class WHERE relname LIKE '%staging%' OR relname LIKE 'postcode_import%'",
    }
    with connection.cursor() as cursor:
        return {name: (cursor.execute(question), cursor.fetchall())[1] for name, question in questions.items()}


def test_the_new_table_differs_from_the_old_only_in_its_rows(load):
    before = structure()
    load(TODAY)
    assert codes() == ["W1A1AA"]
    assert structure() == before
    assert before["persistence"] == [("p",)]
    assert before["debris"] == []
    assert len(before["indexes"]) == 4


def test_later_migrations_find_the_indexes_by_their_names(load):
    load(TODAY)
    [index] = Postcode._meta.indexes
    with connection.schema_editor() as editor:
        editor.remove_index(Postcode, index)
        editor.add_index(Postcode, index)
    assert structure()["indexes"][0][0] == index.name


def test_readers_see_the_old_rows_until_the_swap(load, other_session):
    other_session.autocommit = True
    seen = []
    load(TODAY, progress=AtTheEnd(lambda: seen.extend(codes(other_session))))
    assert seen == ["NW12DB"]
    assert codes(other_session) == ["W1A1AA"]


def test_the_import_waits_for_a_reader_that_holds_the_table(load, other_session, monkeypatch):
    monkeypatch.setattr(staging_table.time, "sleep", lambda seconds: other_session.rollback())
    codes(other_session)
    load(TODAY)
    assert codes() == ["W1A1AA"]


def test_a_reader_that_never_lets_go_stops_the_import(load, other_session, monkeypatch):
    monkeypatch.setattr(staging_table, "_LOCK_PATIENCE_SECONDS", 0)
    codes(other_session)
    with pytest.raises(ImportRefusedError, match="was in use for 0 seconds"):
        load(TODAY)
    assert codes() == ["NW12DB"]
    assert structure()["debris"] == []


def test_a_second_import_says_that_the_first_is_running(load, other_session):
    other_session.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"replace {TABLE}"])
    with pytest.raises(ImportRefusedError, match="Another import of the same table is running"):
        load(TODAY)
    other_session.rollback()
    load(TODAY)
    assert codes() == ["W1A1AA"]


def test_an_import_that_is_killed_leaves_no_trace(load, other_session):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    with pytest.raises(ImportRefusedError, match="The database stopped the import"):
        load(TODAY, progress=AtTheEnd(lambda: other_session.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])))
    connection.close()
    assert codes() == ["NW12DB"]
    assert structure()["debris"] == []
    load(TODAY)
    assert codes() == ["W1A1AA"]


def test_tables_left_over_from_elsewhere_are_dropped(load):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE}_staging_0 (); CREATE TABLE postcode_import_raw ()")
    load(TODAY)
    assert structure()["debris"] == []


def test_grants_are_kept(load):
    question = f"SELECT relacl::text FROM pg_class WHERE oid = '{TABLE}'::regclass"
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON {TABLE} TO PUBLIC; GRANT UPDATE ON {TABLE} TO pg_monitor WITH GRANT OPTION")
        cursor.execute(question)
        before = cursor.fetchone()
        load(TODAY)
        cursor.execute(question)
        assert cursor.fetchone() == before
        cursor.execute(f"REVOKE ALL ON {TABLE} FROM PUBLIC, pg_monitor")


def test_a_table_that_a_view_depends_on_is_not_swapped(load):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE VIEW postcode_view AS SELECT code FROM {TABLE}")
        with pytest.raises(ImportRefusedError, match="view postcode_view depends on table"):
            load(TODAY)
        cursor.execute("DROP VIEW postcode_view")
    assert codes() == ["NW12DB"]
