"""Load beside and swap: a table of reference data is built next to the one in use, then takes its name.

Everything happens in one transaction, so that an import that fails or is killed leaves yesterday's rows and no debris.
Readers go on reading the old table until the last instant. See docs/decisions/0002-load-beside-and-swap.md.
"""

import time
from dataclasses import dataclass

from django.db import OperationalError, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql
from psycopg.errors import LockNotAvailable

from referrals.importers.progress import Progress
from referrals.importers.refusal import ImportRefusedError

# Whoever waits for the exclusive lock makes every reader behind it wait as well: so we wait briefly, and often.
_LOCK_TIMEOUT = "200ms"
_LOCK_PAUSE_SECONDS = 0.5
_LOCK_PATIENCE_SECONDS = 120

# Bulk work in one session. The last line lets the server notice within two seconds that the importer was killed.
_SESSION = """
    SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0;
    SET LOCAL jit = off;
    SET LOCAL work_mem = '128MB';
    SET LOCAL maintenance_work_mem = '256MB';
    SET LOCAL client_connection_check_interval = '2s';
"""

_INDEXES = """
    SELECT i.indexrelid, x.relname, i.indisprimary, i.indisunique, pg_get_indexdef(i.indexrelid),
        pg_get_constraintdef(c.oid)
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid
    LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u', 'x')
    WHERE i.indrelid = %s::regclass
    ORDER BY i.indisprimary DESC, x.relname
"""

_GRANTS = """
    SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
           a.privilege_type, a.is_grantable
    FROM pg_class t CROSS JOIN LATERAL aclexplode(t.relacl) a
    WHERE t.oid = %s::regclass AND a.grantee <> t.relowner
"""


def begin_alone(cursor: CursorWrapper, table: str) -> None:
    """Settle the session for bulk work and hold, until the transaction ends, the right to replace `table`.

    Raises ImportRefusedError when another import of the same table holds it.
    """
    cursor.execute(_SESSION)
    cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"replace {table}"])
    if not cursor.fetchone()[0]:
        raise ImportRefusedError("Another import is at work on the same table. Try again when it has ended.")


def create_beside(cursor: CursorWrapper, table: str, beside: str) -> None:
    """Create `beside` empty: the columns, defaults and checks of `table`, without its indexes."""
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(beside)))
    names = {"beside": sql.Identifier(beside), "table": sql.Identifier(table)}
    cursor.execute(sql.SQL("CREATE TABLE {beside} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES)").format(**names))


def add_primary_key(cursor: CursorWrapper, table: str, beside: str) -> None:
    """Give the filled `beside` the primary key of `table`; IntegrityError, and no harm done, when a key comes twice."""
    with transaction.atomic(using=cursor.db.alias):
        for index in _indexes_of(cursor, table):
            if index.is_primary:
                _create_index(cursor, index, beside)


def add_indexes(cursor: CursorWrapper, table: str, beside: str, progress: Progress) -> None:
    """Give the filled `beside` every other index and unique constraint of `table`, and the planner its statistics."""
    others = [index for index in _indexes_of(cursor, table) if not index.is_primary]
    with progress.phase("Indexing", total=len(others) + 1, unit="step") as advance:
        for index in others:
            _create_index(cursor, index, beside)
            advance(1)
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(beside)))
        advance(1)


@dataclass(frozen=True)
class _Index:
    oid: int
    name: str
    is_primary: bool
    is_unique: bool
    definition: str
    constraint: str | None

    def passing_name(self, beside: str) -> str:
        """Two indexes of a schema cannot share a name, so until the old one is gone the new one has this."""
        return f"{beside}_{self.oid}"


def _indexes_of(cursor: CursorWrapper, table: str) -> list[_Index]:
    cursor.execute(_INDEXES, [table])
    return [_Index(*row) for row in cursor.fetchall()]


def _create_index(cursor: CursorWrapper, index: _Index, beside: str) -> None:
    name, target = sql.Identifier(index.passing_name(beside)), sql.Identifier(beside)
    if index.constraint:
        statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(target, name, sql.SQL(index.constraint))
    else:
        kind = sql.SQL("UNIQUE INDEX" if index.is_unique else "INDEX")
        method = sql.SQL(index.definition[index.definition.index(" USING ") :])
        statement = sql.SQL("CREATE {} {} ON {} {}").format(kind, name, target, method)
    cursor.execute(statement)


def swap_in(cursor: CursorWrapper, table: str, beside: str) -> None:
    """Put `beside` in the place of `table`, with its index names, owner and grants, and drop the old one.

    From here to the end of the transaction, which should follow at once, readers wait. Raises ImportRefusedError when
    the table stays in use, or when something else (a view, a foreign key) hangs on it and would be lost.
    """
    indexes = _indexes_of(cursor, table)
    _copy_owner_and_grants(cursor, table, beside)
    _lock_exclusively(cursor, table)
    old, new = sql.Identifier(table), sql.Identifier(beside)
    cursor.execute(sql.SQL("DROP TABLE {}").format(old))
    cursor.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(new, old))
    for index in indexes:
        passing, name = sql.Identifier(index.passing_name(beside)), sql.Identifier(index.name)
        cursor.execute(sql.SQL("ALTER INDEX {} RENAME TO {}").format(passing, name))


def _copy_owner_and_grants(cursor: CursorWrapper, table: str, beside: str) -> None:
    cursor.execute("SELECT pg_get_userbyid(relowner), current_user FROM pg_class WHERE oid = %s::regclass", [table])
    owner, importer = cursor.fetchone()
    target = sql.Identifier(beside)
    if owner != importer:
        cursor.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(target, sql.Identifier(owner)))
    cursor.execute(_GRANTS, [table])
    for grantee, privilege, is_grantable in cursor.fetchall():
        option = sql.SQL(" WITH GRANT OPTION" if is_grantable else "")
        grant = sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(privilege), target, sql.SQL(grantee))
        cursor.execute(grant + option)


def _lock_exclusively(cursor: CursorWrapper, table: str) -> None:
    deadline = time.monotonic() + _LOCK_PATIENCE_SECONDS
    while True:
        try:
            with transaction.atomic(using=cursor.db.alias):
                cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
                cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
            return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            if time.monotonic() > deadline:
                raise ImportRefusedError(
                    f"{table} stayed in use for {_LOCK_PATIENCE_SECONDS} seconds: the new one could not take its place."
                ) from error
        time.sleep(_LOCK_PAUSE_SECONDS)
