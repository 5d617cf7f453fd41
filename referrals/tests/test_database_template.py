import pytest
from django.db import connection

from referrals.tests import database_template
from referrals.tests.database_template import find_or_make_template


@pytest.fixture
def migrated(transactional_db, monkeypatch, worker_id):
    """Make templates beside the real one, and without migrating; list the databases that would have been migrated."""
    migrated = []
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", f"example_{worker_id}")
        patch.setattr(
            database_template, "call_command", lambda *_, **__: migrated.append(connection.settings_dict["NAME"])
        )
        yield migrated
        with connection._nodb_cursor() as cursor:
            database_template._drop_databases(cursor, f"test_example_{worker_id}_template_")


def list_templates() -> list[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY datname",
            [f"test_{connection.settings_dict['NAME']}_template_"],
        )
        return [name for (name,) in cursor.fetchall()]


def test_it_is_built_once_until_its_inputs_change(migrated, monkeypatch):
    first = find_or_make_template(run="one")
    assert find_or_make_template(run="two") == first
    assert migrated == [f"{first}_unfinished"]
    monkeypatch.setattr(database_template, "_digest", lambda: "changed")
    second = find_or_make_template(run="three")
    assert second != first
    assert list_templates() == [second]
    assert len(migrated) == 2


def test_it_is_rebuilt_once_in_a_run_that_asks_for_it(migrated):
    name = find_or_make_template(run="one")
    for _worker in range(2):
        assert find_or_make_template(run="two", remake=True) == name
    assert len(migrated) == 2


def test_an_unfinished_template_of_a_killed_run_is_not_used(migrated, monkeypatch):
    def kill(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(database_template, "call_command", kill)
        with pytest.raises(KeyboardInterrupt):
            find_or_make_template(run="one")
    [unfinished] = list_templates()
    name = find_or_make_template(run="two")
    assert unfinished == f"{name}_unfinished"
    assert list_templates() == [name]
    assert migrated == [unfinished]
