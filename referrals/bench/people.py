from django.contrib.gis.geos import Point
from django.db import connection

from referrals.bench.measuring import SamplePerson
from referrals.models import Postcode

# About half a mile from the venue of a service that exists at every size, inside its catchment; one to three needs that
# are leaves of the tree. Their postcodes are in the area ZZ, which does not exist.
_PEOPLE = """
SELECT ST_X(point) + 0.01, ST_Y(point), 18 + floor(bench_random(k, 50) * 60)::int,
       ARRAY[1 + floor(bench_random(k, 51) * 3)::int, 4 + floor(bench_random(k, 52) * 6)::int],
       ARRAY(SELECT DISTINCT 7 + floor(bench_random(k, 54 + n) * 30)::int
             FROM generate_series(0, floor(bench_random(k, 53) * 3)::int) n)
FROM generate_series(0, %(count)s - 1) k
JOIN referrals_venue venue ON venue.id = %(first)s + k * (%(last)s - %(first)s) / %(count)s
ORDER BY k
"""
_INWARD = "ABDEFGHJLN"


def choose_people(count: int, *, first: int, last: int) -> list[SamplePerson]:
    """Return `count` people near the venues of the services `first` to `last`, and store their postcodes."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"count": count, "first": first, "last": last})
        people = [
            SamplePerson(_postcode(number), Point(x, y, srid=4326), age, frozenset(options), tuple(needs))
            for number, (x, y, age, options, needs) in enumerate(cursor.fetchall())
        ]
    Postcode.objects.bulk_create(
        [Postcode(code=person.postcode, point=person.point) for person in people], ignore_conflicts=True
    )
    return people


def _postcode(number: int) -> str:
    rest, last = divmod(number, len(_INWARD))
    outward, digit = divmod(rest, 10)
    return f"ZZ{1 + outward}{digit}A{_INWARD[last]}"
