"""The queue is only a bell: what it names exists, what is declared is there."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

import referrals
from referrals import tasks
from referrals.models import Heartbeat
from referrals.schedules import SCHEDULES, declare_schedules
from referrals.tests.worlds import World, held_by, only_strand

DOTTED_TASK = re.compile(r'"(referrals\.tasks\.\w+)"')


def enqueued_names() -> set[str]:
    sources = Path(referrals.__file__).parent.rglob("*.py")
    return {name for path in sources if "tests" not in path.parts for name in DOTTED_TASK.findall(path.read_text())}


def test_every_dotted_name_of_a_task_resolves():
    names = enqueued_names()
    assert names >= {declared.task for declared in SCHEDULES}
    assert all(callable(import_string(name)) for name in names)


@pytest.mark.django_db
def test_schedules_are_those_declared_and_no_others():
    Schedule.objects.create(name="By hand", func="os.getcwd", schedule_type=Schedule.HOURLY)
    declare_schedules()
    declare_schedules()
    rows = Schedule.objects.order_by("name").values_list("name", "func", "minutes", "repeats")
    assert list(rows) == sorted((d.name, d.task, d.minutes, -1) for d in SCHEDULES)


@pytest.mark.django_db
def test_one_referral_that_fails_holds_up_no_other(monkeypatch, caplog):
    world = World()
    sent = timezone.now() - timedelta(days=3)
    offers = [held_by(only_strand(world.submit(at=sent))) for _ in range(2)]
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
def test_a_worker_doing_its_rounds_leaves_its_heartbeat():
    tasks.sweep_outbox()
    assert timezone.now() - Heartbeat.objects.get(pk="worker").at < timedelta(minutes=1)
