"""Runs background tasks in a django-q2 cluster, and starts the cluster again when it ends or finishes nothing.

A process of the cluster that is killed can take the lock of its queue with it. Its successor then waits for ever, and
django-q2 does not notice. Killing the whole cluster loses nothing: PostgreSQL holds what is owed. See decision 0030.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from datetime import timedelta
from multiprocessing.process import BaseProcess

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connections
from django.utils import timezone
from django_q.models import OrmQ
from django_q.scheduler import scheduler
from django_q.tasks import async_task

from referrals.heartbeats import NAME_VARIABLE, is_at_long_task
from referrals.models import Heartbeat

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
SILENCE = 120  # seconds. Longer than a task's time limit, for which all workers may be busy
START_UP = 60  # seconds for the first sign of life
GRACE = 25  # seconds for tasks in hand, when told to stop
START_AGAIN_AFTER = 2  # seconds


def _run_cluster() -> None:
    # In a process group of its own: its processes hang when all are told to stop at once. If the parent is killed, the
    # kernel tells this process to stop.
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    call_command("qcluster")


class Command(BaseCommand):
    help = "Run background tasks until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--silence",
            type=float,
            default=SILENCE,
            metavar="SECONDS",
            help=f"Start the cluster again when it has finished no task for so many seconds; {SILENCE} by default.",
        )

    def handle(self, *, silence: float, **options: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        self.silence = silence
        self.host = socket.gethostname()[:28]
        self.name = os.environ[NAME_VARIABLE] = f"{self.host}:{os.getpid()}"
        self.cluster: BaseProcess | None = None
        try:
            while True:
                self._wait_for_database()
                self._start_cluster()
                log.error("the background cluster %s: starting it again", self._watch_cluster())
                self._kill_cluster()
                time.sleep(START_AGAIN_AFTER)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            self._stop_cluster()
            with suppress(Error):
                Heartbeat.objects.filter(name=self.name).delete()

    def _wait_for_database(self) -> None:
        """Return when the queue could be prepared: a cluster whose first connection fails would hang."""
        while True:
            try:
                return self._prepare_queue()
            except Error as error:
                log.warning("background work waits for the database: %s", type(error).__name__)
                connections.close_all()
                time.sleep(START_AGAIN_AFTER)

    def _prepare_queue(self) -> None:
        # Rows left by workers that were killed here would look like a live one.
        Heartbeat.objects.filter(name__startswith=f"{self.host}:").delete()
        Heartbeat.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()
        scheduler()  # what is due; the cluster itself would look in half a minute
        async_task("referrals.tasks.beat")
        async_task("referrals.tasks.sweep_outbox")  # what a cluster that was killed had in its queue

    def _start_cluster(self) -> None:
        connections.close_all()  # no two processes may use one
        self.cluster = multiprocessing.get_context("fork").Process(target=_run_cluster)
        self.cluster.start()

    def _watch_cluster(self) -> str:
        """Return what is wrong, once something is."""
        seen, last_sign = None, time.monotonic()
        while True:
            time.sleep(min(5, self.silence / 6))
            if not self.cluster.is_alive():
                return "ended by itself"
            try:
                heartbeat = Heartbeat.objects.filter(name=self.name).first()
                if time.monotonic() - last_sign > self.silence / 6:
                    self._nudge()
            except Error:  # without the database nothing can be finished
                connections.close_all()
                last_sign = time.monotonic()
                continue
            at = heartbeat and heartbeat.at
            if at != seen or (heartbeat and is_at_long_task(heartbeat)):
                seen, last_sign = at, time.monotonic()
            elif time.monotonic() - last_sign > (self.silence if seen else max(self.silence, START_UP)):
                return "has finished nothing for too long"

    def _nudge(self) -> None:
        """Give an idle cluster something to finish, unless a task waits already."""
        if not OrmQ.objects.filter(lock__lte=timezone.now()).exists():
            async_task("referrals.tasks.beat")

    def _stop_cluster(self) -> None:
        """Give the tasks in hand time to finish."""
        if self.cluster is None:
            return
        self.cluster.terminate()
        self.cluster.join(GRACE)
        self._kill_cluster()

    def _kill_cluster(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.cluster.pid, signal.SIGKILL)
        self.cluster.join()
