"""A real browser, a real worker process and a real mail server, all on this machine."""

import email
import email.policy
import os
import shutil
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
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from backoffice.settings import database_url

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
# Chromium keeps pages of the open web from framing what is served on this machine, as the tests' own server is.
FRAMEABLE = "--disable-features=LocalNetworkAccessChecks"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without a sandbox, which it cannot set up as root. There can be one at a time, and other
    modules have their own."""
    assert CHROMIUM, "Chromium is missing: `make setup-dev` installs it."
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in the thread of the tests
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", FRAMEABLE, *QUIET])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_context(browser) -> Iterator:
    """Open a browser of its own for each person of a story; its pages fail the test on any script error."""
    contexts: list[BrowserContext] = []

    def open_context(**options) -> BrowserContext:
        context = browser.new_context(locale="en-GB", **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        for page in context.pages:  # what a page still asks would hold the tables that are to be emptied
            page.wait_for_load_state("networkidle")
        context.close()


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
