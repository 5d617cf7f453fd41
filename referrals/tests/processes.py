"""A real worker process and a real mail server, both on this machine."""

import email
import email.policy
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
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

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.messages.append(email.message_from_bytes(envelope.original_content, policy=email.policy.default))
        return "250 OK"

    def wait_for(self, count: int, *, seconds: float = 40) -> list[EmailMessage]:
        """Return the messages once there are `count` of them; fail when there are fewer in the end."""
        deadline = time.monotonic() + seconds
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(self.messages) == count
        return self.messages

    def to(self, address: str) -> EmailMessage:
        return next(message for message in self.messages if message["To"] == address)


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


@pytest.fixture
def worker(transactional_db, live_server, mailbox) -> Iterator[subprocess.Popen]:
    """A django-q2 cluster of its own process, as in production, on the test's database and mail server."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "qcluster"],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DATABASE_URL": _database_url(),
            "PUBLIC_URL": live_server.url,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mailbox.port),
            "WORKERS": "1",
            "LOG_LEVEL": "WARNING",
        },
        start_new_session=True,
    )
    yield process
    process.send_signal(signal.SIGTERM)  # to the parent alone: the whole group would hang
    process.wait(timeout=30)
