"""The SQL of opening hours agrees with the timetable, and the function in the database is up to date."""

from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from django.db import connection

from referrals.hours import Opening, Timetable
from referrals.hours.sql import OPENINGS_FUNCTION_BODY, call_openings, openings_parameters, openings_sql
from referrals.models import OpeningException, OpeningHours, Service
from referrals.tests.factories import NetworkFactory, ServiceFactory

pytestmark = pytest.mark.django_db

FIRST_DAY, LAST_DAY = date(2026, 12, 22), date(2027, 1, 5)  # bank holidays, some of them in one country alone
TIMES = [time(0), time(1, 30), time(9), time(12), time(17), time(23, 59)]


def any_hours(service: Service, random: Random) -> None:
    for weekday in random.sample(range(7), random.choice([0, 1, 3, 7])):
        season = random.choice([{}, {}, {"valid_from": date(2026, 12, 24)}, {"valid_to": date(2026, 12, 31)}])
        opens, closes = random.choice(TIMES), random.choice(TIMES)
        OpeningHours.objects.create(service=service, weekday=weekday, opens=opens, closes=closes, **season)
    for _ in range(random.choice([0, 0, 1, 2])):
        first = FIRST_DAY + timedelta(days=random.randrange(-3, 16))
        times = random.choice([{}, {"opens": time(22), "closes": time(2)}, {"opens": time(10), "closes": time(11)}])
        days = {"first_day": first, "last_day": first + timedelta(days=random.choice([0, 1, 5]))}
        OpeningException.objects.get_or_create(service=service, **days, opens=times.get("opens"), defaults=times)


@pytest.fixture
def services(request):
    random = Random(request.param)
    networks = [NetworkFactory(country=country) for country in ("ENG", "SCT", "NIR")]
    for _ in range(25):
        service = ServiceFactory(network=random.choice(networks), closed_on_bank_holidays=random.random() < 0.5)
        any_hours(service, random)
    return list(Service.objects.select_related("network"))


def found(statement: str, services: list[Service]) -> set[tuple[int, date, int, Opening]]:
    networks = list({service.network_id: service.network for service in services}.values())
    values = openings_parameters(networks, FIRST_DAY, LAST_DAY) | {"keys": [service.pk for service in services]}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {(key, day, weekday, Opening(starts, ends)) for key, day, weekday, starts, ends in cursor.fetchall()}


@pytest.mark.parametrize("services", range(6), indirect=True)
def test_openings_are_those_of_the_timetable(services):
    days = [FIRST_DAY + timedelta(days=offset) for offset in range((LAST_DAY - FIRST_DAY).days + 1)]
    expected = {
        (service.pk, day, day.weekday(), opening)
        for service in services
        for day in days
        for opening in Timetable.of(service).openings_on(day)
    }
    assert expected
    assert found(f"WITH {openings_sql('referrals_service')} SELECT * FROM opening", services) == expected
    assert found(f"SELECT * FROM {call_openings('%(keys)s::bigint[]')}", services) == expected


def test_the_function_returns_only_the_services_asked_for():
    one, other = ServiceFactory(), ServiceFactory()
    for service in (one, other):
        OpeningHours.objects.create(service=service, weekday=2, opens=time(9), closes=time(12))
    wednesdays = [date(2026, 12, 23), date(2026, 12, 30)]
    assert found(f"SELECT * FROM {call_openings('%(keys)s::bigint[]')}", [one]) == {
        (one.pk, day, 2, Opening(datetime.combine(day, time(9)), datetime.combine(day, time(12)))) for day in wednesdays
    }


def test_the_migrated_function_has_the_current_text():
    """When this fails: add a migration with a copy of CREATE_OPENINGS_FUNCTION."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'referrals_openings'")
        assert cursor.fetchone() == (OPENINGS_FUNCTION_BODY,)
