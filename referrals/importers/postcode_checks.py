"""Checks the raw rows of a file in one SQL statement: what each says about a postcode, or why it cannot be used.

PostgreSQL does it on all cores; row by row in Python it would take ten times as long.
"""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from referrals.models.geography import POSTCODE_PATTERN

RAW_TABLE = "postcode_import_raw"
CHECKED_TABLE = "postcode_import_checked"

# NULL in quality, latitude or longitude means that this kind of file has no such column.
_CREATE_RAW = f"""
    CREATE UNLOGGED TABLE {RAW_TABLE} (
        postcode text NOT NULL, quality text, easting text NOT NULL, northing text NOT NULL,
        country text NOT NULL DEFAULT '', district text NOT NULL DEFAULT '', ward text NOT NULL DEFAULT '',
        terminated text NOT NULL DEFAULT '', latitude text, longitude text,
        nhs_region text, nhs_area text, county text
    )
"""

# Short enough that the cast to a number cannot fail.
_DEGREES = r"^-?\d{1,3}(\.\d{1,20})?(e-\d{1,2})?$"
# Grids: EPSG:27700 covers Great Britain in 700 by 1300 km, EPSG:29902 Ireland in 400 by 500 km; no place is on an axis.
# ONSPD's own latitude and longitude differ from ours by metres, rarely by a kilometre (a code that moved). A tenth of a
# degree, about ten kilometres, finds swapped columns and mixed-up grids, which are off by hundreds.
# ONS writes 99999999 after the country's letter for "no such area", and the latitude 99.999999 for "no position".
# A CASE is evaluated in order, so that no cast or transformation meets a value that it fails on. The planner repeats
# an expression of an inner query wherever its name is used, so the expensive ones are used once.
_CHECK = rf"""
    CREATE UNLOGGED TABLE {CHECKED_TABLE} AS
    WITH cleaned AS (
        SELECT *, ctid AS line, upper(replace(postcode, ' ', '')) AS code,
            coalesce(quality, '') = '90' OR coalesce(latitude, '') LIKE '99.99%'
                OR (easting = '' AND northing = '') AS is_unplaced,
            translate(easting || northing, '0123456789', '') = '' AND length(easting) BETWEEN 1 AND 7
                AND length(northing) BETWEEN 1 AND 7 AS is_numeric,
            CASE WHEN country LIKE 'N%' OR upper(left(postcode, 2)) = 'BT' THEN 29902 ELSE 27700 END AS grid
        FROM {RAW_TABLE}
    ), bounded AS (
        SELECT *, easting::int BETWEEN 1 AND CASE grid WHEN 29902 THEN 400000 ELSE 700000 END
            AND northing::int BETWEEN 1 AND CASE grid WHEN 29902 THEN 500000 ELSE 1300000 END AS is_on_grid
        FROM cleaned
    ), placed AS (
        SELECT *, CASE WHEN is_unplaced OR NOT is_numeric THEN NULL WHEN is_on_grid THEN
            ST_Transform(ST_SetSRID(ST_MakePoint(easting::float8, northing::float8), grid), 4326) END AS point
        FROM bounded
    )
    SELECT line, code, point, country, terminated,
        CASE WHEN district LIKE '_99999999' THEN '' ELSE district END AS district,
        CASE WHEN ward LIKE '_99999999' THEN '' ELSE ward END AS ward,
        CASE
            WHEN code !~ '{POSTCODE_PATTERN}' THEN 'not a postcode'
            WHEN quality <> ALL ('{{10,20,30,40,50,60,90}}') THEN 'unknown positional quality'
            WHEN greatest(length(country), length(district), length(ward)) > 9 THEN 'area code over nine characters'
            WHEN terminated <> '' AND terminated !~ '^\d{{6}}$' THEN 'date of termination is not a year and month'
            WHEN is_unplaced THEN NULL
            WHEN NOT is_numeric THEN 'easting or northing is not a whole number'
            WHEN NOT is_on_grid THEN 'position is outside its grid'
            WHEN coalesce(latitude, '') = '' THEN NULL
            WHEN latitude !~ '{_DEGREES}' OR longitude !~ '{_DEGREES}' THEN 'latitude or longitude is not a number'
            WHEN NOT ST_DWithin(point, ST_Point(longitude::float8, latitude::float8, 4326), 0.1)
                THEN 'latitude and longitude disagree with the grid reference'
        END AS fault
    FROM placed
"""

_MARK_REPEATED = f"""
    WITH counted AS (
        SELECT line, row_number() OVER (PARTITION BY code ORDER BY line) AS nth
        FROM {CHECKED_TABLE}
        WHERE fault IS NULL AND code IN
            (SELECT code FROM {CHECKED_TABLE} WHERE fault IS NULL GROUP BY code HAVING count(*) > 1)
    )
    UPDATE {CHECKED_TABLE} checked SET fault = 'the same code came earlier'
    FROM counted WHERE checked.line = counted.line AND counted.nth > 1
"""

_FAULTS = f"""
    WITH counted AS (
        SELECT fault, count(*) AS rows, (array_agg(line ORDER BY line))[1:3] AS lines
        FROM {CHECKED_TABLE} WHERE fault IS NOT NULL GROUP BY fault
    )
    SELECT fault, rows, ARRAY(
        SELECT array_to_string(array_remove(
            ARRAY[postcode, easting, northing, latitude, longitude, quality, terminated], ''), ' ')
        FROM {RAW_TABLE} WHERE ctid = ANY (lines) ORDER BY ctid)
    FROM counted ORDER BY rows DESC, fault
"""

_FIGURES = f"""
    SELECT count(*), count(*) FILTER (WHERE point IS NULL), count(*) FILTER (WHERE terminated <> '')
    FROM {CHECKED_TABLE} WHERE fault IS NULL
"""


@dataclass(frozen=True)
class Fault:
    """Why rows were left out, how many, and the first three as they are in the file."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class CheckSummary:
    """How many rows can be used, and how many of these have no position or are terminated; and the faults."""

    usable: int
    without_position: int
    terminated: int
    faults: tuple[Fault, ...]


def create_raw_table(cursor: CursorWrapper) -> None:
    drop_import_tables(cursor)
    cursor.execute(_CREATE_RAW)


def check_raw_rows(cursor: CursorWrapper) -> None:
    """Fill CHECKED_TABLE from RAW_TABLE with the WGS 84 point, or `fault` if the row cannot be used.

    Repeated codes are left to `mark_repeated_codes`.
    """
    cursor.execute(_CHECK)


def mark_repeated_codes(cursor: CursorWrapper) -> None:
    # The first usable row of a code counts.
    cursor.execute(_MARK_REPEATED)


def summarise_checks(cursor: CursorWrapper) -> CheckSummary:
    cursor.execute(_FAULTS)
    faults = tuple(Fault(reason, count, tuple(examples)) for reason, count, examples in cursor.fetchall())
    cursor.execute(_FIGURES)
    return CheckSummary(*cursor.fetchone(), faults)


def drop_import_tables(cursor: CursorWrapper) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {RAW_TABLE}, {CHECKED_TABLE}")
