"""A thousand messages are owed while the mail server is away, workers are killed and the database goes away."""

import os
import signal
import socket
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from django_q.tasks import async_task

from referrals import heartbeats, tasks
from referrals.models import Event, Notification
from referrals.schedules import declare_schedules
from referrals.tests.depth import gate_or_all
from referrals.tests.processes import Cluster, running_worker
from referrals.tests.worlds import World, live_on, only_strand

OWED, KILLS, WORKERS = 1000, 50, 2


@pytest.fixture
def owed(transactional_db) -> list[int]:
    """Messages about one referral, due an hour ago, each to an address of its own."""
    world = World()
    offer = live_on(only_strand(world.submit()))
    Notification.objects.all().delete()
    event = Event.objects.get(assignment=offer, kind="offered")
    due = timezone.now() - timedelta(hours=1)
    rows = [
        Notification(
            event=event,
            kind="organisation_asked",
            recipient=f"team{number}@larder.example",
            due_at=due,
            first_due_at=due,
            created_at=due,
        )
        for number in range(OWED)
    ]
    return [row.pk for row in Notification.objects.bulk_create(rows)]


@pytest.mark.skipif(gate_or_all(gate=True, everything=False), reason="four minutes of fire: pytest --all")
@pytest.mark.slow(reason="workers are killed fifty times")
def test_all_arrive_whatever_goes_away_and_twice_only_what_a_killed_worker_had_in_hand(
    owed, live_server, mailbox, settings, capsys
):
    random = Random(1)
    _sweep_for_an_hour_without_mail_server(settings)
    assert set(Notification.objects.values_list("status", "attempts")) == {("pending", 0)}

    declare_schedules()
    for pk in owed:
        async_task("referrals.tasks.send_notification", pk)
    mailbox.seconds = 0.05
    in_hand: set[int] = set()
    killed = 0
    with running_worker(mailbox, url=live_server.url, silence=10, workers=WORKERS) as worker:
        _wait_for(heartbeats.is_a_worker_alive, seconds=120)
        while killed < KILLS:
            time.sleep(random.uniform(0.1, 1.2))
            if killed == KILLS // 2:
                _take_database_away(seconds=3)
            with suppress(ProcessLookupError):
                os.kill(random.choice(Cluster.of(worker, workers=WORKERS, seconds=120).workers), signal.SIGKILL)
                killed += 1
            in_hand |= set(Notification.objects.filter(status="sending").values_list("pk", flat=True))
        while Notification.objects.exclude(status="sent").exists():
            # Three minutes pass at once for what a killed worker had in hand.
            dead = Notification.objects.filter(status="sending", claimed_at__lt=timezone.now() - timedelta(seconds=25))
            dead.update(claimed_at=timezone.now() - timedelta(hours=1))
            time.sleep(1)
    ours = [message for message in mailbox.messages if message["To"].startswith("team")]  # schedules wrote others
    arrived = Counter(message["To"] for message in ours)
    twice = {address for address, times in arrived.items() if times > 1}
    with capsys.disabled():
        print(f" {killed} killed, {len(in_hand)} seen in a worker's hand, {len(twice)} arrived twice", end="")  # noqa: T201 - a figure
    assert len(arrived) == OWED
    assert twice <= {f"team{owed.index(pk)}@larder.example" for pk in in_hand}
    assert len({message["Message-ID"] for message in ours}) == OWED


def _sweep_for_an_hour_without_mail_server(settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody_listens = taken.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", nobody_listens
    for minutes in range(0, 60, 5):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
            assert tasks.sweep_outbox() == 0


def _take_database_away(*, seconds: float) -> None:
    """Do to this database what a restart does: end every connection but our own, and for a while take no new one."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    ours = connection.connection.info.backend_pid
    with connection._nodb_cursor() as cursor:  # nobody shuts the database that they are connected to
        cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
            [connection.settings_dict["NAME"], ours],
        )
        time.sleep(seconds)
        cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def _wait_for(condition, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not come about."
        time.sleep(0.1)
