"""How corners are put on a map by hand."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from referrals.tests.browsers import wait_until


def put_corner(page: Page, press: Callable[[], None]) -> None:
    """Press until it counts: leaflet.draw ignores a press within 50 ms of the last corner.

    A corner that is pressed twice ends the shape, so each press has a second to show before the next.
    """
    corners = page.locator(".map-corner")
    before = corners.count()

    def is_taken() -> bool:
        press()
        try:
            expect(corners).not_to_have_count(before, timeout=1_000)
        except AssertionError:
            return False
        return True

    wait_until(page, is_taken)
