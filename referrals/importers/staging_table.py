"""Load and swap: reference data is built in a staging table, which then takes the name of the one in use.

All of it is one transaction, so that an import that fails or is killed leaves the old rows and nothing else. Readers
use the old table until the last instant. See docs/decisions/0002-load-beside-and-swap.md.
"""

import time
from dataclasses import dataclass

from django.db import OperationalError, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql
from psycopg.errors import LockNotAvailable

from referrals.importers.errors import ImportRefusedError
from referrals.importers.progress import Progress

# While we wait for the exclusive lock, every later reader waits behind us: so wait briefly, and try often.
_LOCK_TIMEOUT = "200ms"
_LOCK_PAUSE_SECONDS = 0.5
_LOCK_PATIENCE_SECONDS = 120

# For bulk work. The last line lets the server notice within two seconds that the importer was killed.
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


def begin_replacing(cursor: CursorWrapper, table: str) -> None:
    """Prepare the session for bulk work and lock out other imports of `table`.

    Raises ImportRefusedError if one is running.
    """
    cursor.execute(_SESSION)
    cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"replace {table}"])
    if not cursor.fetchone()[0]:
        raise ImportRefusedError("Another import of the same table is running. Try again when it has finished.")


def create_staging_table(cursor: CursorWrapper, table: str, staging: str) -> None:
    """Copy columns, defaults and checks of `table`, but no indexes and no rows."""
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(staging)))
    names = {"staging": sql.Identifier(staging), "table": sql.Identifier(table)}
    cursor.execute(sql.SQL("CREATE TABLE {staging} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES)").format(**names))


def add_primary_key(cursor: CursorWrapper, table: str, staging: str) -> None:
    """Add the primary key of `table` to the filled `staging`. A repeated key raises IntegrityError, in a savepoint."""
    with transaction.atomic(using=cursor.db.alias):
        for index in _indexes_of(cursor, table):
            if index.is_primary:
                _create_index(cursor, index, staging)


def add_indexes(cursor: CursorWrapper, table: str, staging: str, progress: Progress) -> None:
    """Give the filled `staging` every other index and unique constraint of `table`, and fresh statistics."""
    others = [index for index in _indexes_of(cursor, table) if not index.is_primary]
    with progress.phase("Indexing", total=len(others) + 1, unit="step") as advance:
        for index in others:
            _create_index(cursor, index, staging)
            advance(1)
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(staging)))
        advance(1)


@dataclass(frozen=True)
class _Index:
    oid: int
    name: str
    is_primary: bool
    is_unique: bool
    definition: str
    constraint: str | None

    def temporary_name(self, staging: str) -> str:
        # Two indexes of a schema cannot share a name, so it is renamed once the old one is dropped.
        return f"{staging}_{self.oid}"


def _indexes_of(cursor: CursorWrapper, table: str) -> list[_Index]:
    cursor.execute(_INDEXES, [table])
    return [_Index(*row) for row in cursor.fetchall()]


def _create_index(cursor: CursorWrapper, index: _Index, staging: str) -> None:
    name, target = sql.Identifier(index.temporary_name(staging)), sql.Identifier(staging)
    if index.constraint:
        statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(target, name, sql.SQL(index.constraint))
    else:
        kind = sql.SQL("UNIQUE INDEX" if index.is_unique else "INDEX")
        method = sql.SQL(index.definition[index.definition.index(" USING ") :])
        statement = sql.SQL("CREATE {} {} ON {} {}").format(kind, name, target, method)
    cursor.execute(statement)


def swap_in(cursor: CursorWrapper, table: str, staging: str) -> None:
    """Replace `table` by `staging`, with its index names, owner and grants, and drop the old one.

    Readers wait from here to the end of the transaction, so commit at once. Raises ImportRefusedError when the table
    stays in use, and DatabaseError when a view or foreign key depends on it.
    """
    indexes = _indexes_of(cursor, table)
    _copy_owner_and_grants(cursor, table, staging)
    _lock_exclusively(cursor, table)
    old, new = sql.Identifier(table), sql.Identifier(staging)
    cursor.execute(sql.SQL("DROP TABLE {}").format(old))
    cursor.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(new, old))
    for index in indexes:
        temporary, name = sql.Identifier(index.temporary_name(staging)), sql.Identifier(index.name)
        cursor.execute(sql.SQL("ALTER INDEX {} RENAME TO {}").format(temporary, name))


def _copy_owner_and_grants(cursor: CursorWrapper, table: str, staging: str) -> None:
    cursor.execute("SELECT pg_get_userbyid(relowner), current_user FROM pg_class WHERE oid = %s::regclass", [table])
    owner, importer = cursor.fetchone()
    target = sql.Identifier(staging)
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
                    f"{table} was in use for {_LOCK_PATIENCE_SECONDS} seconds, so it could not be replaced."
                ) from error
        time.sleep(_LOCK_PAUSE_SECONDS)
