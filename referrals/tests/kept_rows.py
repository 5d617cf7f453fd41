"""What a fixture makes, made once in each process and copied into the database of each test: a fifth of the time.

The makers are called in one order, whichever is asked for first, so that keys and times of one come always before
those of another. What is made is taken back, and so the first test gets a copy too.
"""

import pickle
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

_UNTRAVELLED = time.time() - time.monotonic()  # time_machine leaves the monotonic clock alone


class Kept(NamedTuple):
    """The object, pickled, and by table what COPY reads."""

    made: bytes
    rows: dict[str, bytes]


class KeptRows:
    """`makers` by name: each makes rows with keys of the tables' own sequences, and returns an object to be pickled."""

    def __init__(self, **makers: Callable[[], Any]) -> None:
        self._makers = makers
        self._kept: dict[str, Kept] = {}

    def copy(self, name: str) -> Any:
        """Return what the maker of this name makes. A test that commits, or is at another time, has it made anew."""
        if not connection.in_atomic_block or _is_at_another_time():
            return self._makers[name]()
        if not self._kept:
            with transaction.atomic():
                for one, make in self._makers.items():
                    self._kept[one] = _keep(make)
                transaction.set_rollback(True)
            ContentType.objects.clear_cache()
        kept = self._kept[name]
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in kept.rows.items():
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
        return pickle.loads(kept.made)  # noqa: S301 - this process made it


def _is_at_another_time() -> bool:
    return abs(datetime.now(UTC).timestamp() - time.monotonic() - _UNTRAVELLED) > 5


def _keep(make: Callable[[], Any]) -> Kept:
    before = _last_keys()
    made = make()
    rows = {}
    with connection.cursor() as cursor:
        for table, last in _last_keys().items():
            if last > before[table]:
                with cursor.copy(
                    f'COPY (SELECT * FROM "{table}" WHERE id > {before[table]} ORDER BY id) TO STDOUT'
                ) as copy:
                    rows[table] = b"".join(copy)
    return Kept(pickle.dumps(made), rows)


def _last_keys() -> dict[str, int]:
    """Return the last key of each table that counts its rows. What is in others is made by triggers, or not needed.

    Older tables come first: a foreign key that PostgreSQL checks at once leads to one of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'id'"
            " AND is_identity = 'YES' ORDER BY quote_ident(table_name)::regclass::oid"
        )
        tables = [table for (table,) in cursor.fetchall()]
        union = " UNION ALL ".join(f"SELECT '{table}', coalesce(max(id), 0) FROM \"{table}\"" for table in tables)
        cursor.execute(union)
        last = dict(cursor.fetchall())
        return {table: last[table] for table in tables}
