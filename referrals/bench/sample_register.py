"""A million people to look for the same person among, as alike as those of a big city.

Names are as uneven as in Britain: the commonest full name is that of some 300 people. About 17 share a postcode, and
one in a hundred has 1 January for a birthday, as those have whose own nobody knows.
"""

from django.db import connection

from referrals.bench.sample_network import create_random
from referrals.models import Person

PEOPLE = 1_000_000
_PER_POSTCODE = 17

_ROWS = """
CREATE FUNCTION pg_temp.word(i bigint, syllables int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT initcap(string_agg(
        (ARRAY['ba','den','mar','li','so','ka','ro','wil','han','ted','na','gre','mo','fi','ster','lo','cha','pen','ri',
               'dow'])[1 + floor(bench_random(i * 16 + n, 70) * 20)::int], '' ORDER BY n))
    FROM generate_series(1, syllables) n
$$;
INSERT INTO referrals_person (name, phone, email, contact_note, safe_to_ring, safe_to_write, safe_to_leave_message,
    others_may_see, date_of_birth, postcode, area_name, address, accommodation, created_at)
SELECT pg_temp.word(floor(500 * bench_random(i, 71) ^ 2)::bigint, 2) || ' '
           || pg_temp.word(1000 + floor(20000 * bench_random(i, 72) ^ 2)::bigint, 2 + (i %% 2)::int),
       CASE WHEN i %% 3 > 0 THEN '07' || lpad(floor(bench_random(i, 73) * 1e9)::text, 9, '0') ELSE '' END,
       CASE WHEN i %% 3 = 0 THEN 'person' || i || '@example.org' ELSE '' END, '', '', '', '', '',
       CASE WHEN i %% 100 = 0 THEN make_date(1940 + (i %% 80)::int, 1, 1)
            WHEN i %% 10 > 0 THEN date '1935-01-01' + floor(bench_random(i, 74) * 30000)::int END,
       'ZZ' || home.id %% 90 || ' ' || home.id / 90 %% 10 || chr(65 + (home.id / 900 %% 26)::int)
            || chr(65 + (home.id / 23400 %% 26)::int),
       '', 1 + floor(bench_random(i, 75) * 120)::int || ' ' || pg_temp.word(100000 + home.id / 3, 3) || ' Street', '',
       now()
FROM generate_series(1, %(people)s) i
CROSS JOIN LATERAL (SELECT floor(bench_random(i, 76) * %(homes)s)::bigint AS id) home;
"""


def make_people(count: int = PEOPLE) -> None:
    with connection.cursor() as cursor:
        create_random(cursor)
        cursor.execute(_ROWS, {"people": count, "homes": max(1, count // _PER_POSTCODE)})
        cursor.execute(f"VACUUM ANALYZE {Person._meta.db_table}")
