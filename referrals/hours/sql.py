"""When services are open, in SQL: the rules of `Timetable.openings_on`, for many services at once.

`openings_sql` is used in two ways. A statement over hundreds of services includes it as CTEs, which PostgreSQL plans
together with the rest. One over a few services calls the function `referrals_openings`, which a migration creates from
the same text: its plan is cached, and planning is most of the cost of such a statement. To change the text, add a
migration with a copy of `CREATE_OPENINGS_FUNCTION`; a test checks this. The figures are in docs/decisions/0025.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models.expressions import RawSQL

from referrals.hours.bank_holidays import is_bank_holiday
from referrals.hours.timetable import Opening, merge_openings
from referrals.models import Network


def openings_sql(services: str) -> str:
    """Return CTEs; the last, `opening (service_id, day, weekday, starts, ends)`, lists what opens on each day.

    `services` is a table or an earlier CTE with the columns `id`, `network_id` and `closed_on_bank_holidays`. `starts`
    and `ends` are local times; openings of one service may overlap. Run it with `openings_parameters`.
    """
    return f"""
calendar AS (
    SELECT day, weekday, closed_networks::bigint[]
    FROM unnest(%(calendar_days)s::date[], %(calendar_weekdays)s::int[], %(calendar_bank_holidays)s::text[])
        AS its (day, weekday, closed_networks)
), opening AS (
    SELECT service.id AS service_id, day, spell.weekday::int, {_span("spell")}
    FROM {services} service
    JOIN referrals_openinghours spell ON spell.service_id = service.id
    JOIN calendar ON calendar.weekday = spell.weekday
        AND (spell.valid_from IS NULL OR spell.valid_from <= day) AND (spell.valid_to IS NULL OR spell.valid_to >= day)
    WHERE NOT EXISTS (SELECT FROM referrals_openingexception exception
                      WHERE exception.service_id = service.id
                        AND day BETWEEN exception.first_day AND exception.last_day)
      AND NOT (service.closed_on_bank_holidays AND service.network_id = ANY (closed_networks))
    UNION ALL
    SELECT service.id, day, calendar.weekday, {_span("exception")}
    FROM {services} service
    JOIN referrals_openingexception exception ON exception.service_id = service.id AND exception.opens IS NOT NULL
        AND exception.last_day >= %(calendar_first_day)s AND exception.first_day <= %(calendar_last_day)s
    JOIN calendar ON day BETWEEN exception.first_day AND exception.last_day
)"""


def _span(row: str) -> str:
    # Hours that do not close after they open end the next day.
    nights = f"CASE WHEN {row}.closes > {row}.opens THEN 0 ELSE 1 END"
    return f"day + {row}.opens AS starts, day + {nights} + {row}.closes AS ends"


def openings_parameters(networks: Collection[Network], first_day: date, last_day: date) -> dict[str, object]:
    """Return the parameters of `openings_sql` and `call_openings`; both days are included."""
    days = [first_day + timedelta(days=offset) for offset in range((last_day - first_day).days + 1)]
    closed = [[network.pk for network in networks if is_bank_holiday(day, network.country)] for day in days]
    return {
        "calendar_first_day": first_day,
        "calendar_last_day": last_day,
        "calendar_days": days,
        "calendar_weekdays": [day.weekday() for day in days],
        "calendar_bank_holidays": [
            f"{{{','.join(map(str, keys))}}}" for keys in closed
        ],  # PostgreSQL arrays of arrays must all have one length
    }


def open_at(networks: Collection[Network], at: datetime) -> RawSQL:
    """Return the keys of the networks' services that are open at the local time `at`, for `pk__in`."""
    services = "(SELECT * FROM referrals_service WHERE network_id = ANY (%(networks)s::bigint[]))"
    statement = f"WITH {openings_sql(services)} SELECT service_id FROM opening WHERE starts <= %(at)s AND ends > %(at)s"
    # What opened yesterday may still be open.
    parameters = openings_parameters(networks, at.date() - timedelta(days=1), at.date())
    parameters |= {"networks": [network.pk for network in networks], "at": at}
    names = re.findall(r"%\((\w+)\)s", statement)
    return RawSQL(re.sub(r"%\(\w+\)s", "%s", statement), [parameters[name] for name in names])  # noqa: S611


_OPENINGS = f"""
WITH service AS (
    SELECT id, network_id, closed_on_bank_holidays FROM referrals_service WHERE id = ANY (%(services)s::bigint[])
), {openings_sql("service")}
SELECT service_id, starts, ends FROM opening WHERE ends > %(begin)s::date
"""


def openings_between(
    services: Collection[int], networks: Collection[Network], first_day: date, last_day: date
) -> dict[int, list[Opening]]:
    """Return the openings on these days, both included, by the key of the service; those that adjoin are one.

    One that began the night before is among them, with its own beginning.
    """
    found: dict[int, list[Opening]] = {}
    parameters = openings_parameters(networks, first_day - timedelta(days=1), last_day)
    with connection.cursor() as cursor:
        cursor.execute(_OPENINGS, parameters | {"services": list(services), "begin": first_day})
        for service, starts, ends in cursor.fetchall():
            found.setdefault(service, []).append(Opening(starts, ends))
    return {service: merge_openings(openings) for service, openings in found.items()}


_ARGUMENTS = {
    "services": "bigint[]",
    "calendar_first_day": "date",
    "calendar_last_day": "date",
    "calendar_days": "date[]",
    "calendar_weekdays": "int[]",
    "calendar_bank_holidays": "text[]",
}
_POSITIONS = {name: f"${position}" for position, name in enumerate(_ARGUMENTS, start=1)}
_SERVICES = "(SELECT * FROM referrals_service WHERE id = ANY (%(services)s))"

OPENINGS_FUNCTION_BODY = f"""
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH {openings_sql(_SERVICES) % _POSITIONS} SELECT * FROM opening;
END
"""
CREATE_OPENINGS_FUNCTION = f"""
CREATE OR REPLACE FUNCTION referrals_openings({", ".join(_ARGUMENTS.values())})
RETURNS TABLE (service_id bigint, day date, weekday int, starts timestamp, ends timestamp)
LANGUAGE plpgsql STABLE ROWS 50 SET plan_cache_mode = force_generic_plan
AS $body${OPENINGS_FUNCTION_BODY}$body$
"""


def call_openings(services: str) -> str:
    """Return the function call for a FROM clause; `services` is an SQL array of their keys."""
    arguments = ", ".join(f"%({name})s::{kind}" for name, kind in _ARGUMENTS.items() if name != "services")
    return f"referrals_openings({services}, {arguments})"
