"""What tests look at on the page of the directory."""

from playwright.sync_api import Locator, Page, expect

# What can be pressed and is lower or narrower than 44 pixels, but for links within sentences. Of a box that is ticked
# its label counts, and what a link or a mark on the map draws round itself.
SMALL_TARGETS = """() => {
  const isWithinWords = one => getComputedStyle(one).display === "inline"
    && one.parentElement.textContent.trim().length > one.textContent.trim().length + 3;
  const isSmall = one => {
    const box = (one.closest("label") || one).getBoundingClientRect();
    return ["height", "width"].some(side => {
      const drawn = ["::before", "::after"].map(part => getComputedStyle(one, part))
        .map(look => look.position === "absolute" && parseFloat(look[side]) || 0);
      return Math.max(box[side], ...drawn) < 43.5;
    });
  };
  return [...document.querySelectorAll("a[href], button, summary, select, input, textarea, .live-map [tabindex]")]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.matches(".skip, .trap *"))
    .filter(one => !isWithinWords(one) && isSmall(one))
    .map(one => one.outerHTML.slice(0, 150));
}"""


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
