"""Since when a service is listed: the database writes it down, whoever writes the row and however."""

from datetime import date, timedelta

import pytest
from django.db import connection

from referrals import workflow
from referrals.models import Service
from referrals.tests import factories as f
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db

LONG_AGO = date(2026, 1, 2)


def day_in_database() -> date:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (now() AT TIME ZONE 'Europe/London')::date")
        return cursor.fetchone()[0]


def listed_on(service: Service) -> date | None:
    return Service.objects.values_list("listed_on", flat=True).get(pk=service.pk)


def listed_long_ago() -> Service:
    service = f.ServiceFactory(is_public=True)
    Service.objects.filter(pk=service.pk).update(listed_on=LONG_AGO)
    return Service.objects.get(pk=service.pk)


def test_a_new_listed_service_is_listed_from_today():
    assert listed_on(f.ServiceFactory(is_public=True)) == day_in_database()


def test_an_unlisted_service_has_no_date():
    assert listed_on(f.ServiceFactory()) is None


def test_save_update_and_bulk_create_set_the_date():
    saved, updated = f.ServiceFactory(), f.ServiceFactory()
    saved.is_public = True
    saved.save()
    Service.objects.filter(pk=updated.pk).update(is_public=True)
    (made,) = Service.objects.bulk_create(
        [Service(organisation=saved.organisation, network=saved.network, activity=saved.activity, is_public=True)]
    )
    assert {listed_on(service) for service in (saved, updated, made)} == {day_in_database()}


def test_other_changes_keep_the_date():
    service = listed_long_ago()
    service.summary = "New words"
    service.save()
    Service.objects.filter(pk=service.pk).update(capacity=3)
    assert listed_on(service) == LONG_AGO


def test_saving_the_instance_that_was_created_keeps_the_date():
    """The trigger sets the date, so the instance still has None and must not write it back."""
    service = f.ServiceFactory(is_public=True)
    Service.objects.filter(pk=service.pk).update(listed_on=LONG_AGO)
    assert service.listed_on is None
    service.save()
    assert listed_on(service) == LONG_AGO


def test_pausing_keeps_the_date_and_unlisting_clears_it():
    service = listed_long_ago()
    Service.objects.filter(pk=service.pk).update(paused_at="2026-11-01T12:00Z")
    assert listed_on(service) == LONG_AGO
    Service.objects.filter(pk=service.pk).update(is_public=False)
    assert listed_on(service) is None


def test_listing_again_sets_a_new_date():
    service = listed_long_ago()
    for is_public in (False, True):
        fresh = Service.objects.get(pk=service.pk)
        fresh.is_public = is_public
        fresh.save()
    assert listed_on(service) == day_in_database() > LONG_AGO


def test_archiving_and_bringing_back_ends_the_listing():
    world = World(organisations=1)
    service = world.services[0]
    Service.objects.filter(pk=service.pk).update(is_public=True, listed_on=LONG_AGO)
    workflow.archive(service.pk, actor=world.owners[0])
    assert listed_on(service) is None
    workflow.restore(service.pk, actor=world.owners[0])
    assert listed_on(service) is None


def test_a_date_can_be_given():
    yesterday = day_in_database() - timedelta(days=1)
    assert listed_on(f.ServiceFactory(is_public=True, listed_on=yesterday)) == yesterday
