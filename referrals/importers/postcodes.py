"""Imports postcodes from Code-Point Open or the ONS Postcode Directory."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import psycopg
from django.db import DatabaseError, IntegrityError, connections, router, transaction
from django.db.backends.utils import CursorWrapper

from referrals.importers import staging_table
from referrals.importers.errors import ImportRefusedError
from referrals.importers.postcode_checks import (
    CHECKED_TABLE,
    RAW_TABLE,
    CheckSummary,
    Fault,
    check_raw_rows,
    create_raw_table,
    drop_import_tables,
    mark_repeated_codes,
    summarise_checks,
)
from referrals.importers.postcode_files import CsvFile, find_csv_files
from referrals.importers.postcode_layouts import Layout, copy_chunks, recognise_layout
from referrals.importers.progress import Advance, Progress, SilentProgress
from referrals.models.geography import Postcode
from referrals.places.districts import renew_districts

TOLERATED_SHARE_OF_FAULTS = 0.01

_TABLE = Postcode._meta.db_table
_COLUMNS = "code, point, district_code, ward_code, country_code, terminated"

_INSERT_ONLY = f"""
    INSERT INTO {{target}} ({_COLUMNS})
    SELECT code, point, district, ward, country, terminated FROM {CHECKED_TABLE} WHERE fault IS NULL
"""
_INSERT_OVER_EARLIER = f"""
    INSERT INTO {{target}} ({_COLUMNS})
    SELECT checked.code, checked.point, coalesce(nullif(checked.district, ''), old.district_code, ''),
        coalesce(nullif(checked.ward, ''), old.ward_code, ''),
        coalesce(nullif(checked.country, ''), old.country_code, ''), checked.terminated
    FROM {CHECKED_TABLE} checked LEFT JOIN {{earlier}} old ON old.code = checked.code
    WHERE checked.fault IS NULL
"""
_INSERT_KEPT = f"""
    INSERT INTO {{target}} SELECT old.* FROM {{earlier}} old
    WHERE NOT EXISTS (SELECT FROM {CHECKED_TABLE} checked WHERE checked.code = old.code AND checked.fault IS NULL)
"""


@dataclass(frozen=True)
class FileReport:
    """What was read from files of one layout. `kept` are earlier rows whose codes are not in the files."""

    title: str
    name: str
    rows: int
    loaded: int
    without_position: int
    terminated: int
    kept: int
    faults: tuple[Fault, ...]
    unknown_columns: tuple[str, ...]

    @property
    def refused(self) -> int:
        return sum(fault.count for fault in self.faults)


@dataclass(frozen=True)
class Report:
    """What an import did: a part for each run of files of one layout, the rows there are now, the seconds taken."""

    parts: tuple[FileReport, ...]
    total: int
    seconds: float


def import_postcodes(paths: Iterable[str | Path], *, replace: bool = False, progress: Progress | None = None) -> Report:
    """Load every postcode of `paths` (Code-Point Open or ONSPD: zip, folder, CSV, any CSV gzipped) and report.

    Rows replace earlier ones with the same code, but keep their area codes where the source has none. Other codes stay
    as they are, unless `replace` makes the files the whole table. Consecutive files of the same layout count as one
    source, in which a code may occur only once; a later source replaces an earlier one. Positions become WGS 84 points;
    a row without a position is loaded without.

    It is all or nothing, in a transaction of its own; readers see the old rows until the end. Raises
    ImportRefusedError, having changed nothing, for files that are missing, broken or of no known layout, when more than
    TOLERATED_SHARE_OF_FAULTS of the rows are faulty, and while another import runs.
    """
    started = time.monotonic()
    progress = progress or SilentProgress()
    files = [(recognise_layout(file), file) for file in find_csv_files(paths)]
    sources = [(layout, [file for _, file in run]) for layout, run in groupby(files, key=itemgetter(0))]
    using = router.db_for_write(Postcode)
    try:
        with transaction.atomic(using=using, durable=True), connections[using].cursor() as cursor:
            parts, total = _replace_table(cursor, sources, replace=replace, progress=progress)
    except (DatabaseError, psycopg.Error) as error:
        raise ImportRefusedError(f"The database stopped the import: {str(error).strip()}") from error
    return Report(tuple(parts), total, time.monotonic() - started)


def _replace_table(
    cursor: CursorWrapper, sources: list[tuple[Layout, list[CsvFile]]], *, replace: bool, progress: Progress
) -> tuple[list[FileReport], int]:
    staging_table.begin_replacing(cursor, _TABLE)
    cursor.execute(f"SELECT EXISTS (SELECT FROM {_TABLE})")
    has_rows = cursor.fetchone()[0]
    earlier = _TABLE if has_rows and not replace else None
    parts: list[FileReport] = []
    for number, (layout, files) in enumerate(sources):
        staging = f"{_TABLE}_staging_{number}"
        parts.append(_build_staging_table(cursor, layout, files, staging=staging, earlier=earlier, progress=progress))
        if number:  # a staging table of ours; the table in use is left to `swap_in`
            cursor.execute(f"DROP TABLE {earlier}")
        earlier = staging
    staging_table.add_indexes(cursor, _TABLE, staging, progress)
    with progress.phase("Finding the districts", total=1, unit="step") as advance:
        renew_districts(cursor, postcodes=staging)
        advance(1)
    staging_table.swap_in(cursor, _TABLE, staging)
    return parts, parts[-1].loaded + parts[-1].kept


def _build_staging_table(
    cursor: CursorWrapper,
    layout: Layout,
    files: list[CsvFile],
    *,
    staging: str,
    earlier: str | None,
    progress: Progress,
) -> FileReport:
    name = files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more"
    create_raw_table(cursor)
    with progress.phase(f"Reading {layout.title}", total=sum(file.size for file in files), unit="B") as advance:
        rows = sum(_copy_file(cursor, file, layout, advance) for file in files)
    with progress.phase("Checking and placing", total=2, unit="step") as advance:
        check_raw_rows(cursor)
        advance(1)
        kept = _fill_staging_table(cursor, staging=staging, earlier=earlier)
        advance(1)
    summary = summarise_checks(cursor)
    _refuse_if_faulty(name, rows, summary)
    drop_import_tables(cursor)
    return FileReport(
        title=layout.title,
        name=name,
        rows=rows,
        loaded=summary.usable,
        without_position=summary.without_position,
        terminated=summary.terminated,
        kept=kept,
        faults=summary.faults,
        unknown_columns=layout.unknown_columns,
    )


def _fill_staging_table(cursor: CursorWrapper, *, staging: str, earlier: str | None) -> int:
    """Fill `staging`, add its primary key, and return how many rows of `earlier` it keeps.

    Building the key finds repeated codes at no cost; only when it fails are they searched for.
    """
    staging_table.create_staging_table(cursor, _TABLE, staging)
    kept = 0
    if earlier:
        cursor.execute(_INSERT_OVER_EARLIER.format(target=staging, earlier=earlier))
        cursor.execute(_INSERT_KEPT.format(target=staging, earlier=earlier))
        kept = cursor.rowcount
    else:
        cursor.execute(_INSERT_ONLY.format(target=staging))
    try:
        staging_table.add_primary_key(cursor, _TABLE, staging)
    except IntegrityError:
        mark_repeated_codes(cursor)
        return _fill_staging_table(cursor, staging=staging, earlier=earlier)
    return kept


def _copy_file(cursor: CursorWrapper, file: CsvFile, layout: Layout, advance: Advance) -> int:
    statement = f"COPY {RAW_TABLE} ({', '.join(layout.columns)}) FROM STDIN WITH ({layout.copy_options})"
    try:
        with cursor.copy(statement) as copy:
            for chunk in copy_chunks(file, layout, advance):
                copy.write(chunk)
    except (psycopg.errors.BadCopyFileFormat, psycopg.errors.CharacterNotInRepertoire) as error:
        where = (error.diag.context or "").partition(", ")[2].partition(":")[0]
        raise ImportRefusedError(f"{file.name} {where}: {error.diag.message_primary}.") from error
    return cursor.rowcount


def _refuse_if_faulty(name: str, rows: int, summary: CheckSummary) -> None:
    if rows == 0:
        raise ImportRefusedError(f"{name} has a header but no rows.")
    refused = rows - summary.usable
    if refused > rows * TOLERATED_SHARE_OF_FAULTS:
        faults = "; ".join(describe_fault(fault) for fault in summary.faults)
        raise ImportRefusedError(
            f"{name}: {refused:,} of {rows:,} rows cannot be used, more than one in a hundred. {faults}."
        )


def describe_fault(fault: Fault) -> str:
    """Return "3 not a postcode (QQ1, ...)" for a report."""
    return f"{fault.count:,} {fault.reason} ({'; '.join(fault.examples)})"
