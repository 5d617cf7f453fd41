"""A real worker process and a real mail server, both on this machine."""

import asyncio
import email
import email.policy
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection

from backoffice.settings import database_url


class Mailbox:
    """What the mail server took, message by message."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.seconds = 0.0  # it takes for each message
        self.is_busy = False

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.is_busy = True
        await asyncio.sleep(self.seconds)
        self.is_busy = False
        self.messages.append(email.message_from_bytes(envelope.original_content, policy=email.policy.default))
        return "250 OK"

    def to(self, address: str, *, seconds: float = 40) -> EmailMessage:
        """Return the first message to `address`, once it is there."""
        deadline = time.monotonic() + seconds
        while not (found := [message for message in self.messages if message["To"] == address]):
            assert time.monotonic() < deadline, f"{len(self.messages)} messages came, but none to this address"
            time.sleep(0.1)
        return found[0]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        mailbox.port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    yield mailbox
    controller.stop()


def _database_url() -> str:
    """Return the address of the test database, for a process that cannot see this one's settings."""
    return urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@contextmanager
def running_worker(mailbox: Mailbox, *, url: str, silence: int = 60, workers: int = 1) -> Iterator[subprocess.Popen]:
    """A background worker in processes of its own, as in production, on the test's database and mail server.

    silence: seconds after which it starts again what finishes nothing.
    """
    process = subprocess.Popen(
        [sys.executable, "manage.py", "work", "--silence", str(silence)],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DATABASE_URL": _database_url(),
            "PUBLIC_URL": url,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mailbox.port),
            "WORKERS": str(workers),
            "LOG_LEVEL": "WARNING",
        },
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


@pytest.fixture
def worker(transactional_db, live_server, mailbox) -> Iterator[subprocess.Popen]:
    with running_worker(mailbox, url=live_server.url) as process:
        yield process


@dataclass(frozen=True, slots=True)
class Cluster:
    """The keys of the processes of a django-q2 cluster."""

    parent: int
    sentinel: int
    workers: tuple[int, ...]
    monitor: int
    pusher: int

    @classmethod
    def of(cls, worker: subprocess.Popen, *, workers: int = 1, other_than: int = 0, seconds: float = 60) -> "Cluster":
        """Return the cluster that `manage.py work` has running now; wait for one whose parent is not `other_than`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            parents = [pid for pid in _children(worker.pid) if pid != other_than]
            sentinels = [child for pid in parents for child in _children(pid)]
            # They are started in this order.
            members = sorted(child for pid in sentinels for child in _children(pid))
            if len(members) == workers + 2:
                return cls(parents[0], sentinels[0], tuple(members[:workers]), *members[workers:])
            time.sleep(0.1)
        raise AssertionError("There is no such cluster.")


def _children(pid: int) -> list[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
