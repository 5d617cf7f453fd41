"""What tests look at on the page of the directory."""

from playwright.sync_api import Locator, Page, expect


def heading(page: Page) -> Locator:
    return page.locator("#found-heading")


def names(page: Page) -> Locator:
    return page.locator(".result h3 a")


def pins(page: Page) -> Locator:
    return page.locator(".live-map .map-number")


def pin(page: Page, label: str) -> Locator:
    return pins(page).get_by_text(label, exact=True)


def map_of(page: Page) -> Locator:
    """The map that the script draws, once it is there."""
    page.locator(".map-column").scroll_into_view_if_needed()
    expect(page.locator(".service-map.is-live")).to_be_visible()
    return page.get_by_role("region", name="Map of the services found")
