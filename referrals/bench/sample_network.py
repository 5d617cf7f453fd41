"""A national network to measure on: services all over Great Britain, each with hours, restrictions and four cases.

Every row follows from its number and a constant, so that two runs see the same data, and the network of 1,000 services
is the beginning of that of 10,000. The database makes the rows: 100,000 services with 400,000 cases take a minute.
"""

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from referrals import models

NETWORK = 1
GROUPS = 6
LEAVES = 30
CASES_EACH = 4
WITHOUT_CATCHMENT = 20
_KEPT = (models.Postcode, models.PostcodeDistrict)  # real ones, imported once
DETAILED_EVERY = 200  # one catchment in this many has 2,000 corners, as if traced along roads

# A number in [0, 1) that follows from a row's number and a salt for each use.
_RANDOM = """
CREATE OR REPLACE FUNCTION bench_random(i bigint, salt bigint) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT (hashint8extended(i, salt) & 4503599627370495)::float8 / 4503599627370496
$$
"""

# The area has about 4,000 corners, like a simplified national boundary.
_NETWORK_ROWS = """
INSERT INTO referrals_area (id, code, name, boundary, source, is_simplified)
SELECT 1, 'BENCH', 'Great Britain',
       ST_Multi(ST_Segmentize(ST_MakeEnvelope(-9, 49.5, 2.5, 61, 4326), 0.0115)), '', true;
INSERT INTO referrals_category (id, network_id, parent_id, name, slug, position, is_sensitive)
SELECT i, 1, CASE WHEN i > %(groups)s THEN 1 + (i - %(groups)s - 1) / (%(leaves)s / %(groups)s) END,
       'Category ' || i, 'category-' || i, i, false
FROM generate_series(1, %(groups)s + %(leaves)s) i;
INSERT INTO referrals_demographic (id, network_id, name, help_text, is_required, takes_several, position)
VALUES (1, 1, 'Gender', '', false, false, 1), (2, 1, 'Language', '', false, true, 2);
INSERT INTO referrals_demographicoption (id, demographic_id, name, plural, position)
SELECT i, CASE WHEN i <= 3 THEN 1 ELSE 2 END, 'Option ' || i, 'people of group ' || i, i FROM generate_series(1, 9) i;
INSERT INTO referrals_consentwording (id, network_id, version, text, created_at) VALUES (1, 1, 1, 'Shared.', now());
"""

_ORGANISATIONS = """
INSERT INTO referrals_organisation (id, name, slug, email, phone, website, description)
SELECT i, 'Organisation ' || i, 'organisation-' || i, 'o' || i || '@example.org', '', '', ''
FROM generate_series(%(first)s, %(last)s) i WHERE i %% 3 = 1;
INSERT INTO referrals_networkmembership (network_id, organisation_id, status, joined_at)
SELECT 1, i, CASE WHEN bench_random(i, 1) < 0.03 THEN 'suspended' ELSE 'active' END, now()
FROM generate_series(%(first)s, %(last)s) i WHERE i %% 3 = 1;
INSERT INTO referrals_activity (id, organisation_id, name)
SELECT i, i - (i - 1) %% 3, 'Activity ' || i FROM generate_series(%(first)s, %(last)s) i;
"""

# An organisation's venues are within about two miles of its home, which is a real postcode.
_VENUES = """
INSERT INTO referrals_venue (id, organisation_id, name, address, postcode, point, map_link, access_features, access,
                             facilities, is_confidential)
SELECT i, home.id, 'Venue ' || i, '', '',
       ST_SetSRID(ST_MakePoint(place.x + (bench_random(i, 2) - 0.5) * 0.08,
                               place.y + (bench_random(i, 3) - 0.5) * 0.05), 4326),
       '', CASE WHEN bench_random(i, 6) < 0.2 THEN '{}'::text[]
                WHEN bench_random(i, 6) < 0.5 THEN '{step_free,accessible_toilet}'
                WHEN bench_random(i, 6) < 0.7 THEN '{step_free,lift,accessible_toilet,hearing_loop,assistance_dogs}'
                WHEN bench_random(i, 6) < 0.9 THEN '{hearing_loop}' ELSE '{step_free,baby_changing}' END,
       '', '', bench_random(i, 4) < 0.05
FROM generate_series(%(first)s, %(last)s) i
CROSS JOIN LATERAL (SELECT i - (i - 1) %% 3 AS id) home
JOIN bench_place place ON place.id = 1 + floor(bench_random(home.id, 5) * %(places)s)::int;
"""

# Star-shaped catchments of two to five miles round the venue, with 24 to 60 corners or, one in 200, with 2,000.
_SERVICES = """
INSERT INTO referrals_service (id, organisation_id, network_id, activity_id, venue_id, catchment, by_appointment,
    opening_note, closed_on_bank_holidays, capacity, capacity_set_on, paused_at, is_public, summary, description, phone,
    email, website, pathways, cost, cost_note, picture_alt, added_on, last_confirmed_on, confirmations_asked,
    archived_at)
SELECT i, venue.organisation_id, 1, i, venue.id, CASE WHEN i > %(without_catchment)s THEN ST_Multi(shape.polygon) END,
       bench_random(i, 10) < 0.2, '', bench_random(i, 36) < 0.5,
       CASE WHEN bench_random(i, 11) < 0.02 THEN 0 ELSE 3 + floor(bench_random(i, 12) * 25)::int END, '2026-01-01',
       CASE WHEN bench_random(i, 13) < 0.03 THEN now() END, bench_random(i, 14) < 0.8 AND bench_random(i, 15) >= 0.03,
       'Help of kind ' || i, 'A longer description of what is offered, to whom and how. ' || repeat('More words. ', 20),
       '', '', '', '{}', cost.kind, CASE WHEN cost.kind = 'charged' THEN '£3 a visit' ELSE '' END, '', '2026-01-01',
       '2026-01-01', 0,
       CASE WHEN bench_random(i, 15) < 0.03 THEN now() END
FROM referrals_venue venue
CROSS JOIN LATERAL (
    SELECT venue.id AS i, ST_X(venue.point) AS x, ST_Y(venue.point) AS y, 2 + bench_random(venue.id, 16) * 3 AS miles,
           CASE WHEN venue.id %% %(detailed_every)s = 0 THEN 2000
                ELSE 24 + floor(bench_random(venue.id, 17) * 37)::int END AS corners
) star
CROSS JOIN LATERAL (
    SELECT ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY(
        SELECT ST_MakePoint(x + reach * cos(angle) / (111320 * cos(radians(y))), y + reach * sin(angle) / 110574)
        FROM generate_series(0, corners) k
        CROSS JOIN LATERAL (
            SELECT 2 * pi() * (k %% corners) / corners AS angle,
                   1609 * miles * (0.7 + 0.3 * bench_random(i * 4096 + k %% corners, 18)) AS reach
        ) corner ORDER BY k))), 4326) AS polygon
) shape
CROSS JOIN LATERAL (
    SELECT CASE WHEN bench_random(i, 19) < 0.6 THEN 'free' WHEN bench_random(i, 19) < 0.85 THEN 'charged'
                ELSE '' END AS kind
) cost
WHERE venue.id BETWEEN %(first)s AND %(last)s;
INSERT INTO referrals_service_categories (service_id, category_id)
SELECT i, 1 + %(groups)s + floor(bench_random(i, 20) * %(leaves)s)::int
FROM generate_series(%(first)s, %(last)s) i WHERE bench_random(i, 21) >= 0.1
UNION
SELECT i, 1 + %(groups)s + floor(bench_random(i, 22) * %(leaves)s)::int
FROM generate_series(%(first)s, %(last)s) i WHERE bench_random(i, 23) < 0.5
UNION
SELECT i, 1 + floor(bench_random(i, 24) * %(groups)s)::int
FROM generate_series(%(first)s, %(last)s) i WHERE bench_random(i, 21) < 0.1;
"""

# Weekdays; mornings and afternoons on two days; nights at the week-end; summer and winter hours; a fifth has none. Half
# are closed or open at other times on days to come, one in ten of them about now.
_HOURS_AND_RESTRICTIONS = """
INSERT INTO referrals_openinghours (service_id, weekday, opens, closes, valid_from, valid_to)
SELECT i, hours.weekday, hours.opens::time, hours.closes::time, hours.valid_from::date, hours.valid_to::date
FROM generate_series(%(first)s, %(last)s) i
CROSS JOIN LATERAL (SELECT floor(bench_random(i, 30) * 10)::int AS pattern) choice
JOIN LATERAL (
    SELECT day, '10:00', '17:00', NULL, NULL FROM generate_series(0, 4) day WHERE pattern < 4
    UNION ALL
    SELECT day, opens, closes, NULL, NULL
    FROM generate_series(1, 3, 2) day, (VALUES ('09:30', '12:00'), ('13:00', '16:30')) spell (opens, closes)
    WHERE pattern IN (4, 5)
    UNION ALL
    SELECT day, '19:00', '02:00', NULL, NULL FROM generate_series(4, 5) day WHERE pattern = 6
    UNION ALL
    SELECT day, '11:00', closes, valid_from, valid_to
    FROM generate_series(0, 6, 2) day,
         (VALUES ('18:00', '2026-04-01', '2026-09-30'),
                 ('15:00', '2026-10-01', NULL)) season (closes, valid_from, valid_to)
    WHERE pattern = 7
) hours (weekday, opens, closes, valid_from, valid_to) ON true;
INSERT INTO referrals_openingexception (service_id, first_day, last_day, opens, closes, note)
SELECT i, first_day, first_day + days, opens::time, closes::time, 'Holiday'
FROM generate_series(%(first)s, %(last)s) i
CROSS JOIN LATERAL (
    SELECT current_date + CASE WHEN bench_random(i, 38) < 0.1 THEN -1 ELSE 30 END AS start
) about
CROSS JOIN LATERAL (
    VALUES (start, 1, NULL, NULL), (start + 2, 0, '10:00', '12:00'), (start + 2, 0, '14:00', '16:00')
) exception (first_day, days, opens, closes)
WHERE bench_random(i, 37) < 0.5;
INSERT INTO referrals_restriction (service_id, option_id, age_from, age_to)
SELECT i, 1, NULL::int, NULL::int FROM generate_series(%(first)s, %(last)s) i WHERE bench_random(i, 31) < 0.15
UNION ALL
SELECT i, 4 + floor(bench_random(i, 33) * 3)::int + extra * 3, NULL, NULL
FROM generate_series(%(first)s, %(last)s) i, generate_series(0, 1) extra WHERE bench_random(i, 32) < 0.08
UNION ALL
SELECT i, NULL, CASE WHEN bench_random(i, 35) < 0.6 THEN 18 ELSE 55 END,
       CASE WHEN bench_random(i, 35) < 0.3 THEN 25 END
FROM generate_series(%(first)s, %(last)s) i WHERE bench_random(i, 34) < 0.25;
"""

# Case j belongs to service (j - 1) / 4 + 1: three accepted, one still to be answered.
_CASES = """
INSERT INTO referrals_person (id, name, phone, email, contact_note, safe_to_ring, safe_to_write, safe_to_leave_message,
    others_may_see, postcode, area_name, address, accommodation, created_at, point)
SELECT j, 'Person ' || j, '', '', '', '', '', '', '', '', '', '', '', now(), NULL
FROM generate_series(%(first_case)s, %(last_case)s) j;
INSERT INTO referrals_referral (id, reference, submission_key, network_id, person_id, status, is_urgent, outcode,
    details, source_name, source_organisation, source_email, source_phone, consent_way, consent_giver, consented_at,
    created_at)
SELECT j, 'B' || lpad(j::text, 8, '0'), md5('bench' || j)::uuid, 1, j,
       CASE WHEN j %% %(each)s = 0 THEN 'seeking' ELSE 'placed' END, j %% 10 = 0, 'ZZ' || j %% 40,
       'Details.', '', '', '', '', '', '', asked.at, asked.at
FROM generate_series(%(first_case)s, %(last_case)s) j
CROSS JOIN LATERAL (
    SELECT '2026-01-01 09:00Z'::timestamptz + bench_random(j, 40) * interval '300 days' AS at
) asked;
INSERT INTO referrals_consent (referral_id, network_id, wording_id)
SELECT j, 1, 1 FROM generate_series(%(first_case)s, %(last_case)s) j;
INSERT INTO referrals_strand (id, referral_id, network_id, status, why_coordinator, outcome, created_at)
SELECT id, id, 1, status, '', '', created_at FROM referrals_referral
WHERE id BETWEEN %(first_case)s AND %(last_case)s;
INSERT INTO referrals_need (referral_id, strand_id, category_id)
SELECT id, id, 1 + %(groups)s + floor(bench_random(id, 41) * %(leaves)s)::int FROM referrals_referral
WHERE id BETWEEN %(first_case)s AND %(last_case)s;
INSERT INTO referrals_assignment (id, strand_id, service_id, organisation_id, position, status, reasons, offered_at,
    accepted_at, reject_reason, note_for_next, outcome)
SELECT referral.id, referral.id, service.id, service.organisation_id, 0,
       CASE WHEN referral.status = 'placed' THEN 'accepted' ELSE 'offered' END, '[]', referral.created_at,
       CASE WHEN referral.status = 'placed' THEN referral.created_at END, '', '', ''
FROM referrals_referral referral JOIN referrals_service service ON service.id = (referral.id - 1) / %(each)s + 1
WHERE referral.id BETWEEN %(first_case)s AND %(last_case)s;
"""


def create_random(cursor: CursorWrapper) -> None:
    cursor.execute(_RANDOM)


def reset() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(_tables())} RESTART IDENTITY CASCADE")
        cursor.execute("DELETE FROM referrals_postcode WHERE code LIKE 'ZZ%'")  # those of the sample town
        create_random(cursor)
        cursor.execute(_NETWORK_ROWS, {"groups": GROUPS, "leaves": LEAVES})
        network = models.Network(pk=NETWORK, name="Great Britain", slug="bench", email="bench@example.org", area_id=1)
        network.save(force_insert=True)


def grow(size: int, *, places: int) -> None:
    """Add services at the places of bench_place until there are `size`, and update the statistics."""
    with transaction.atomic(), connection.cursor() as cursor:
        have = models.Service.objects.count()
        parameters = {
            "first": have + 1,
            "last": size,
            "first_case": have * CASES_EACH + 1,
            "last_case": size * CASES_EACH,
            "each": CASES_EACH,
            "places": places,
            "groups": GROUPS,
            "leaves": LEAVES,
            "without_catchment": WITHOUT_CATCHMENT,
            "detailed_every": DETAILED_EVERY,
        }
        for rows in (_ORGANISATIONS, _VENUES, _SERVICES, _HOURS_AND_RESTRICTIONS, _CASES):
            cursor.execute(rows, parameters)
        for statement in connection.ops.sequence_reset_sql(no_style(), _domain_models()):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(_tables())}")


def _tables() -> list[str]:
    own = _domain_models()
    links = [field.remote_field.through for model in own for field in model._meta.local_many_to_many]
    return sorted({model._meta.db_table for model in [*own, *links]})


def _domain_models() -> list[type[Model]]:
    return [model for model in apps.get_app_config("referrals").get_models() if model not in _KEPT]
