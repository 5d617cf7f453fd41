import os
import subprocess
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from referrals import heartbeats
from referrals.models import Heartbeat

pytestmark = pytest.mark.django_db


def at_long_task() -> bool:
    return heartbeats.is_at_long_task(Heartbeat.objects.get())


def test_a_worker_is_at_its_long_task_until_another_is_finished_or_the_time_is_over():
    heartbeats.announce_long_task(900)
    assert at_long_task()
    with time_machine.travel(timezone.now() + timedelta(seconds=901)):
        assert not at_long_task()
    heartbeats.renew_heartbeat()
    assert not at_long_task()


def test_a_long_task_whose_process_was_killed_keeps_nobody_from_starting_the_worker_again():
    heartbeats.announce_long_task(900)
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    Heartbeat.objects.update(quiet_process=ended.pid)
    assert not at_long_task()
    Heartbeat.objects.update(quiet_process=os.getpid())
    assert at_long_task()
