"""What migrations do to rows when they are reversed, and to rows that a new rule does not allow."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from referrals import workflow
from referrals.models import Assignment, Category, Notification, QuestionOption, Referral, Service, Strand
from referrals.tests import factories as f
from referrals.tests.loops import without_trigger
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db


def run(migration: str, statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(getattr(import_module(f"referrals.migrations.{migration}"), statements))


def test_without_limits_on_the_form_spam_becomes_closed_and_held_becomes_unmatched(world, settings):
    settings.REFERRAL_LIMITS = dict.fromkeys(settings.REFERRAL_LIMITS, 0)
    spam = world.submit()
    workflow.close_as_spam(spam.pk, actor=world.coordinator)
    held = workflow.submit(world.submission(), is_held=True)
    run("0021_brake", "WITHOUT_BRAKE")
    spam.refresh_from_db()
    assert (spam.status, only_strand(spam).outcome) == ("closed", "not_supported")
    assert only_strand(held).why_coordinator == "no_match"
    assert not Referral.objects.filter(status="spam").exists()
    assert not Strand.objects.filter(outcome="spam").exists()
    assert set(Notification.objects.values_list("status", flat=True)) == {"failed"}


def test_kept_messages_become_pending(world):
    world.submit()
    Notification.objects.update(status="kept")
    run("0017_heartbeats_and_kept_messages", "OWE_KEPT")
    assert set(Notification.objects.values_list("status", flat=True)) == {"pending"}


def test_unconfirmed_services_get_the_day_when_they_were_added(world):
    added = timezone.localdate() - timedelta(days=9)
    Service.objects.update(last_confirmed_on=None, capacity_set_on=None, added_on=added)
    run("0016_confirmed_by_somebody", "_FILL_DAYS")
    assert set(Service.objects.values_list("last_confirmed_on", "capacity_set_on")) == {(added, added)}


def test_links_to_questions_of_another_network_are_cut(world):
    option = f.QuestionOptionFactory(question__network=world.network)
    own = f.QuestionFactory(network=world.network)
    option.reveals.add(own)
    with without_trigger("referrals_questionoption_reveals", "question_not_below_itself"):
        option.reveals.add(f.QuestionFactory(network=World().network))
    run("0018_no_knots", "CUT")
    assert list(QuestionOption.objects.get(pk=option.pk).reveals.all()) == [own]


def test_the_word_refugees_alone_does_not_make_a_category_sensitive():
    names = {"Refugees": False, "Refuges": True, "A refuge": True, "Refugees and violence": True, "Advice": True}
    for name in names:
        f.CategoryFactory(name=name, is_sensitive=True)
    import_module("referrals.migrations.0028_refugees_are_not_refuges").unmark_refugees(apps, None)
    assert dict(Category.objects.values_list("name", "is_sensitive")) == names
    Category.objects.update(is_sensitive=False)
    import_module("referrals.migrations.0024_sensitive_categories").mark_by_name(apps, None)
    assert dict(Category.objects.values_list("name", "is_sensitive")) == names | {"Advice": False}


def test_without_a_late_yes_released_offers_have_been_withdrawn(world):
    offer = live_on(only_strand(world.submit()))
    Assignment.objects.filter(pk=offer.pk).update(status="released", ended_at=timezone.now())
    run("0035_late_yes", "WITHDRAW_RELEASED")
    assert Assignment.objects.get(pk=offer.pk).status == "withdrawn"
