"""A background worker goes on after any of its processes was killed, with real processes and a real mail server."""

import os
import signal
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from referrals import heartbeats
from referrals.models import Heartbeat, Notification
from referrals.schedules import declare_schedules
from referrals.tests.depth import gate_or_all
from referrals.tests.processes import Cluster, running_worker
from referrals.tests.worlds import World

SILENCE = 6


def wait_until(condition, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not come about."
        time.sleep(0.1)


@pytest.mark.slow(reason="a cluster starts, falls silent and is started again")
@pytest.mark.parametrize(
    "victim", gate_or_all(["idle worker"], ["idle worker", "busy worker", "monitor", "pusher", "sentinel", "parent"])
)
def test_what_is_owed_is_sent_whichever_process_is_killed(transactional_db, live_server, mailbox, victim):
    declare_schedules()
    mailbox.seconds = 2 if victim == "busy worker" else 0
    with running_worker(mailbox, url=live_server.url, silence=SILENCE) as worker:
        wait_until(heartbeats.is_a_worker_alive, seconds=120)
        cluster = Cluster.of(worker)
        world = World()
        if victim == "busy worker":
            world.submit()
            wait_until(lambda: mailbox.is_busy, seconds=60)
        pids = {"idle worker": cluster.workers[0], "busy worker": cluster.workers[0]}
        os.kill(pids.get(victim) or getattr(cluster, victim), signal.SIGKILL)
        mailbox.seconds = 0
        world.submit()
        # What it was at is taken up again once the claim has expired.
        Notification.objects.filter(status="sending").update(claimed_at=timezone.now() - timedelta(hours=1))
        owed = Notification.objects.count()
        # A message that was just claimed is free again after three minutes, and the next sweep is up to one later.
        wait_until(lambda: Notification.objects.filter(status="sent").count() == owed, seconds=300)
        now = timezone.now()  # the monitor's death is felt only later
        wait_until(lambda: Heartbeat.objects.filter(at__gt=now).exists(), seconds=120)
        assert len({message["Message-ID"] for message in mailbox.messages}) == owed
        # The server may have taken the message that the busy worker was at.
        assert len(mailbox.messages) <= owed + (victim == "busy worker")
