"""What test_database_cleanup.py runs in a pytest of its own, without workers."""

import pytest
from django.conf import settings
from django.db import connection
from django_q.models import Schedule
from wagtail.models import Page

from referrals.schedules import SCHEDULES


@pytest.mark.parametrize("turn", ["first", "second"])
@pytest.mark.django_db(transaction=True)
def test_rows_of_the_migrations_are_there(turn):
    assert Page.objects.count() == 2
    assert Schedule.objects.count() == len(SCHEDULES)
    Page.objects.all().delete()
    Schedule.objects.create(name="Committed")


def test_no_database_is_asked_for():
    assert connection.settings_dict["NAME"] == settings.DATABASES["default"]["NAME"] == "test_real"
