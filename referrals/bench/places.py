"""Where services of the benchmark are: at real postcodes if there are files of them, else anywhere in Great Britain."""

import csv
import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.db import connection

PLACES = 100_000

# A rough outline of Great Britain, for a machine without postcode files.
_OUTLINE = (
    "POLYGON((-5.7 50.0,-3.5 50.2,-1.2 50.6,1.4 51.1,0.8 51.5,1.7 52.6,0.3 53.0,-0.1 54.0,-1.6 55.3,-2.1 56.0,"
    "-2.1 57.6,-4.0 57.6,-3.1 58.6,-5.0 58.5,-5.7 57.2,-5.6 56.3,-4.9 55.0,-3.2 54.9,-3.1 53.5,-4.5 53.3,-4.1 52.4,"
    "-5.2 51.8,-3.0 51.4,-4.4 51.1,-5.7 50.0))"
)


def fill_place_table(folder: Path) -> tuple[int, str]:
    """Fill bench_place from the Code-Point files in `folder`; return the number of places, and a description."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_place")
        cursor.execute("CREATE TABLE bench_place (id serial PRIMARY KEY, x float8, y float8)")
        files = sorted(folder.glob("*.csv.gz"))
        if not files:
            cursor.execute(
                "INSERT INTO bench_place (x, y) SELECT ST_X(geom), ST_Y(geom)"
                " FROM ST_Dump(ST_GeneratePoints(ST_GeomFromText(%s, 4326), %s, 7))",
                [_OUTLINE, PLACES],
            )
            return PLACES, "points spread evenly over an outline"
        cursor.execute("CREATE TEMPORARY TABLE bench_grid (easting int, northing int)")
        with cursor.copy("COPY bench_grid FROM STDIN") as copy:
            for row in _every_seventeenth(files):
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO bench_place (x, y) SELECT ST_X(point), ST_Y(point) FROM bench_grid CROSS JOIN LATERAL"
            " ST_Transform(ST_SetSRID(ST_MakePoint(easting, northing), 27700), 4326) point"
        )
        return cursor.rowcount, "real postcodes"


def _every_seventeenth(files: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield easting and northing of about 100,000 of the 1.74 million postcodes, without those at 0,0."""

    def read_positions() -> Iterator[tuple[str, str]]:
        for path in files:
            with gzip.open(path, "rt", newline="") as lines:
                yield from ((row[2], row[3]) for row in csv.reader(lines) if row[2] != "0")

    return islice(read_positions(), 0, None, 17)
