"""A real Chromium for the tests that need one: the system's, started once for each process that runs tests."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from referrals.models import User

# The first one, without a window, takes half the processor's time.
PROGRAMS = ["chromium-headless-shell", "chromium", "chromium-browser"]
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
# Chromium keeps pages of the open web from framing what is served on this machine, as the tests' own server is.
FRAMEABLE = "--disable-features=LocalNetworkAccessChecks"
SETTLED = """async () => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const ending = document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(ending.map(one => one.finished));
}"""
TIMEOUT = 15_000  # milliseconds: a busy machine is no fault
ANSWERING = "(process_request_thread)"  # how Python names the threads in which a server answers


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Without a sandbox, which Chromium cannot set up as root. There can be one at a time."""
    assert CHROMIUM, "Chromium is missing: `make setup-dev` installs it."
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps an event loop in the thread of the tests
        expect.set_options(timeout=TIMEOUT)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", FRAMEABLE, *QUIET])
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser of its own for each person of a story."""
    contexts: list[BrowserContext] = []

    def open_context(**options) -> BrowserContext:
        context = browser.new_context(locale="en-GB", **options)
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()
    _wait_for_answers()


def _wait_for_answers() -> None:
    """What is still being answered would hold the tables that are to be emptied, or write into them afterwards."""
    deadline = time.monotonic() + 15
    while any(ANSWERING in thread.name for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "The tests' server is still answering."
        time.sleep(0.01)


def give_session(context: BrowserContext, site: str, person: User) -> None:
    """Sign in without the form, which tests of signing in and of whole stories go through."""
    client = Client()
    client.force_login(person)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": site}])


def wait_until_ready(page: Page) -> None:
    """Wait for what the page's own scripts fetch after it is loaded: they mark what is not whole yet."""
    page.wait_for_load_state()
    expect(page.locator("[data-ready=false], .htmx-request")).to_have_count(0)


def wait_for_layout(page: Page) -> None:
    """Wait until what observes sizes has been told of the last change, and colours and places move no more."""
    page.evaluate(SETTLED)


def wait_until(page: Page, is_so: Callable[[], object], *, seconds: float = 15) -> None:
    """Wait for what is seen from outside the page only. Events of the browser arrive meanwhile."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "It has not come about."
        page.wait_for_timeout(20)


def in_account_menu(page: Page, role: str, name: str) -> Locator:
    """Open the menu in the header under the user's name, and return what it holds."""
    menu = page.locator(".bar-who details.places").last
    menu.locator("summary").click()
    return menu.get_by_role(role, name=name)
