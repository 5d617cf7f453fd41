"""Each rule about services is written for querysets, for SQL and for a row at hand: they agree."""

from itertools import product

import pytest
from django.db import connection
from django.utils import timezone

from referrals.enums import MembershipStatus
from referrals.models import NetworkMembership, Service
from referrals.models.organisations import IS_ACTIVE_SQL
from referrals.models.services import IS_SHOWN_SQL, TAKES_PEOPLE_SQL
from referrals.tests.factories import NetworkFactory, ServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def services():
    network, now = NetworkFactory(), timezone.now()
    rows = []
    for capacity, paused, archived, public in product((0, 1), (None, now), (None, now), (False, True)):
        for status in MembershipStatus if not (archived and public) else ():
            service = ServiceFactory(
                network=network, capacity=capacity, paused_at=paused, archived_at=archived, is_public=public
            )
            NetworkMembership.objects.filter(organisation=service.organisation).update(status=status)
            rows.append(service)
    return rows


def keys(sql: str) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {key for (key,) in cursor.fetchall()}


def test_taking_people(services):
    taking = {service.pk for service in services if service.takes_people}
    assert taking
    assert set(Service.objects.taking_people().values_list("pk", flat=True)) == taking
    assert keys(f"SELECT id FROM referrals_service service WHERE {TAKES_PEOPLE_SQL}") == taking


def test_listed(services):
    active = f"SELECT organisation_id FROM referrals_networkmembership membership WHERE {IS_ACTIVE_SQL}"
    listed = keys(f"SELECT id FROM referrals_service service WHERE {IS_SHOWN_SQL} AND organisation_id IN ({active})")
    assert listed
    assert set(Service.objects.listed().values_list("pk", flat=True)) == listed
    assert set(Service.objects.filter(listing__is_listed=True).values_list("pk", flat=True)) == listed
