from django.db import migrations

# `referrals.hours.sql.CREATE_OPENINGS_FUNCTION` as it was then: a test says when the two have parted.
CREATE = """
CREATE OR REPLACE FUNCTION referrals_openings(bigint[], date, date, date[], int[], text[])
RETURNS TABLE (service_id bigint, day date, weekday int, starts timestamp, ends timestamp)
LANGUAGE plpgsql STABLE ROWS 50 SET plan_cache_mode = force_generic_plan
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH 
calendar AS (
    SELECT day, weekday, closed_networks::bigint[]
    FROM unnest($4::date[], $5::int[], $6::text[])
        AS its (day, weekday, closed_networks)
), opening AS (
    SELECT service.id AS service_id, day, spell.weekday::int, day + spell.opens AS starts, day + CASE WHEN spell.closes > spell.opens THEN 0 ELSE 1 END + spell.closes AS ends
    FROM (SELECT * FROM referrals_service WHERE id = ANY ($1)) service
    JOIN referrals_openinghours spell ON spell.service_id = service.id
    JOIN calendar ON calendar.weekday = spell.weekday
        AND (spell.valid_from IS NULL OR spell.valid_from <= day) AND (spell.valid_to IS NULL OR spell.valid_to >= day)
    WHERE NOT EXISTS (SELECT FROM referrals_openingexception exception
                      WHERE exception.service_id = service.id
                        AND day BETWEEN exception.first_day AND exception.last_day)
      AND NOT (service.closed_on_bank_holidays AND service.network_id = ANY (closed_networks))
    UNION ALL
    SELECT service.id, day, calendar.weekday, day + exception.opens AS starts, day + CASE WHEN exception.closes > exception.opens THEN 0 ELSE 1 END + exception.closes AS ends
    FROM (SELECT * FROM referrals_service WHERE id = ANY ($1)) service
    JOIN referrals_openingexception exception ON exception.service_id = service.id AND exception.opens IS NOT NULL
        AND exception.last_day >= $2 AND exception.first_day <= $3
    JOIN calendar ON day BETWEEN exception.first_day AND exception.last_day
) SELECT * FROM opening;
END
$body$
"""
DROP = "DROP FUNCTION referrals_openings(bigint[], date, date, date[], int[], text[])"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0012_rate_limits_of_sign_in")]

    operations = [migrations.RunSQL(CREATE, DROP)]
