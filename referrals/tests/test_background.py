"""Schedules, tasks that fail, and the heartbeat of workers."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule
from django_q.signals import post_execute

from referrals import heartbeats, tasks
from referrals.schedules import SCHEDULES, declare_schedules
from referrals.tests.worlds import World, live_on, only_strand


@pytest.mark.django_db
def test_the_table_holds_the_declared_schedules_and_no_others():
    Schedule.objects.create(name="By hand", func="os.getcwd", schedule_type=Schedule.HOURLY)
    declare_schedules()
    declare_schedules()
    rows = Schedule.objects.order_by("name").values_list("name", "func", "minutes", "repeats")
    assert list(rows) == sorted((d.name, d.task, d.minutes, -1) for d in SCHEDULES)


@pytest.mark.django_db
def test_a_referral_that_fails_does_not_stop_the_others(monkeypatch, caplog):
    world = World()
    sent = timezone.now() - timedelta(days=3)
    offers = [live_on(only_strand(world.submit(at=sent))) for _ in range(2)]
    remind = tasks.workflow.remind

    def fails_for_the_first(pk):
        if pk == offers[0].pk:
            raise RuntimeError("broken")
        return remind(pk)

    fails_for_the_first.__name__ = "remind"
    monkeypatch.setattr(tasks.workflow, "remind", fails_for_the_first)
    assert tasks.remind_due() == 1
    assert f"remind failed for key {offers[0].pk}" in caplog.text


@pytest.mark.django_db
def test_a_finished_task_is_the_workers_sign_of_life():
    assert not heartbeats.is_a_worker_alive()
    post_execute.send(sender="django_q", task={})
    assert heartbeats.is_a_worker_alive()
