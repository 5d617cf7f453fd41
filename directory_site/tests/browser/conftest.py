from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from directory_site.tests.town import Town
from referrals.tests.watch import Watch

Visit = Callable[..., Page]


@pytest.fixture
def town(transactional_db) -> Town:
    return Town()


@pytest.fixture
def visit(new_context, live_server) -> Iterator[Visit]:
    """Open an address in a browser of its own. No script fails there, and the policy refuses nothing."""
    watches: list[Watch] = []

    def open_page(address: str, **options: object) -> Page:
        context = new_context(**options)
        watches.append(Watch(context))
        page = context.new_page()
        page.goto(address if address.startswith("http") else f"{live_server.url}{address}")
        return page

    yield open_page
    for watch in watches:
        assert watch.refused == []
        assert watch.broken == []
