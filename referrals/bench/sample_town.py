"""A town to measure coverage on: 20,000 postcodes, 600 services with 400 catchments, a million people."""

from django.db import connection, transaction

from referrals.bench.sample_network import create_random
from referrals.models import Network

POSTCODES, SERVICES, WITH_CATCHMENT = 20_000, 600, 400
_WEST, _SOUTH, _EAST, _NORTH = 1.95, 53.08, 2.30, 53.28  # about 23 by 22 kilometres of the North Sea
_SMALL, _WARDS = 20, 6  # to each side
_KEYS = 9_000_000  # rows begin here, far from those of the sample network

# More of them towards the middle, as in a town. No real postcode begins with ZZ.
_ROWS = """
DELETE FROM referrals_postcode WHERE code LIKE 'ZZ%%';
INSERT INTO referrals_postcode (code, point, district_code, ward_code, country_code, terminated)
SELECT 'ZZ' || lpad(i::text, 5, '0'), ST_SetSRID(ST_MakePoint(
    %(west)s + (%(east)s - %(west)s) * (bench_random(i, 51) + bench_random(i, 52)) / 2,
    %(south)s + (%(north)s - %(south)s) * (bench_random(i, 53) + bench_random(i, 54)) / 2), 4326), '', '', '', ''
FROM generate_series(1, %(postcodes)s) i;
INSERT INTO referrals_area (id, code, name, boundary, source, is_simplified)
SELECT %(keys)s, 'TOWN', 'Town', ST_Multi(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)), '', true;
INSERT INTO referrals_area (id, code, name, boundary, source, is_simplified, population)
SELECT %(keys)s + row_number() OVER (), kind || x || '-' || y, kind || ' ' || x || ' ' || y, ST_Multi(ST_MakeEnvelope(
           %(west)s + x * (%(east)s - %(west)s) / count, %(south)s + y * (%(north)s - %(south)s) / count,
           %(west)s + (x + 1) * (%(east)s - %(west)s) / count, %(south)s + (y + 1) * (%(north)s - %(south)s) / count,
           4326)), '', true, people
FROM (VALUES ('Small area', %(small)s, 2500), ('Ward', %(wards)s, NULL)) AS kinds (kind, count, people),
     generate_series(0, count - 1) x, generate_series(0, count - 1) y;
"""
_SERVICES = """
INSERT INTO referrals_organisation (id, name, slug, email, phone, website, description)
SELECT %(keys)s, 'Organisation of the town', 'town', 'town@example.org', '', '', '';
INSERT INTO referrals_networkmembership (network_id, organisation_id, status, joined_at)
SELECT %(keys)s, %(keys)s, 'active', now();
INSERT INTO referrals_activity (id, organisation_id, name)
SELECT %(keys)s + i, %(keys)s, 'Activity ' || i FROM generate_series(1, %(services)s) i;
INSERT INTO referrals_service (id, organisation_id, network_id, activity_id, catchment, by_appointment, opening_note,
    closed_on_bank_holidays, capacity, is_public, summary, description, phone, email, website, pathways, cost,
    cost_note, picture_alt, added_on, confirmations_asked)
SELECT %(keys)s + i, %(keys)s, %(keys)s, %(keys)s + i, CASE WHEN i <= %(with_catchment)s THEN ST_Multi(polygon) END,
       false, '', false, 3 + floor(bench_random(i, 61) * 25)::int, false, '', '', '', '', '', '{}', '', '', '',
       '2026-01-01', 0
FROM generate_series(1, %(services)s) i
JOIN referrals_postcode home ON home.code = 'ZZ' || lpad((1 + i * 31)::text, 5, '0')
CROSS JOIN LATERAL (
    SELECT ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY(
        SELECT ST_MakePoint(ST_X(home.point) + reach * cos(angle) / 67900,
                            ST_Y(home.point) + reach * sin(angle) / 110574)
        FROM (SELECT CASE WHEN i %% 200 = 0 THEN 2000 ELSE 24 + i %% 37 END AS corners) star,
             generate_series(0, corners) k
        CROSS JOIN LATERAL (
            SELECT 2 * pi() * (k %% corners) / corners AS angle, (1600 + bench_random(i, 62) * 3200)
                   * (0.7 + 0.3 * bench_random(i * 4096 + k %% corners, 63)) AS reach
        ) corner ORDER BY k))), 4326) AS polygon
) shape;
"""


def make_town() -> Network:
    """Return the town's network, made the first time."""
    if found := Network.objects.filter(pk=_KEYS).first():
        return found
    parameters = {
        "west": _WEST,
        "south": _SOUTH,
        "east": _EAST,
        "north": _NORTH,
        "postcodes": POSTCODES,
        "services": SERVICES,
        "with_catchment": WITH_CATCHMENT,
        "small": _SMALL,
        "wards": _WARDS,
        "keys": _KEYS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        create_random(cursor)
        cursor.execute(_ROWS, parameters)
        network = Network(pk=_KEYS, name="Town", slug="bench-town", email="town@example.org", area_id=_KEYS)
        network.save(force_insert=True)
        cursor.execute(_SERVICES, parameters)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) referrals_postcode, referrals_area, referrals_service")
    return network
