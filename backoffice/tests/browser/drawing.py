"""How corners are put on a map by hand."""

from collections.abc import Callable

from playwright.sync_api import Page

from referrals.tests.browsers import wait_until


def put_corner(page: Page, press: Callable[[], None]) -> None:
    """Press until it counts: leaflet.draw takes no corner within 50 ms of another. The first, once more, ends it."""
    corners = page.locator(".map-corner")
    before = corners.count()

    def is_taken() -> bool:
        press()
        return corners.count() != before

    wait_until(page, is_taken)
