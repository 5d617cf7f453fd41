"""The form in a real browser: a network to refer into, and how a page is filled in and sent."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from referrals.tests import factories as f
from referrals.tests.geometry import CLIPPED_OR_OVERLAPPING, COVERED_WITH_FOCUS
from referrals.tests.referral_form.conftest import Northside


def make_northside() -> Northside:
    """Return a network whose chart asks about food: "No" is urgent, and asks who is hungry."""
    northside = Northside(details_length=100)
    gender = f.DemographicFactory(network=northside.network, name="Gender")
    f.DemographicOptionFactory(demographic=gender, name="Woman")
    first = f.QuestionFactory(network=northside.network, text="Is there food?", is_required=True)
    second = f.QuestionFactory(network=northside.network, text="Who is hungry?", kind="several")
    f.QuestionOptionFactory(question=second, text="A baby").needs.set([northside.baby])
    f.QuestionOptionFactory(question=first, text="A little").needs.set([northside.parcels])
    no = f.QuestionOptionFactory(question=first, text="No", is_urgent=True)
    no.reveals.set([second])
    no.needs.set([northside.parcels])
    for name in ("Kilburn Pantry", "Food Hub"):
        northside.service(name, northside.parcels, is_public=True, summary="Three-day parcels.")
    f.publish_drafts(northside.network)
    return northside


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).last.click()


def fill_in_person(page: Page, *, is_self: bool = False) -> None:
    page.get_by_label("Myself" if is_self else "Somebody else").check()
    page.get_by_label("Name", exact=True).fill("Maya Ferreira")
    page.get_by_label("Phone", exact=True).fill("07700 900123")
    if not is_self:
        page.get_by_label("Your name").fill("Sam Okoro")
        page.get_by_label("Your e-mail").fill("sam@example.org")


class Inspector:
    """Looks at each page as it comes: axe finds nothing, all fits the screen and itself, the console stays silent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: list[str] = []
        page.on("console", lambda message: self.found.append(f"console: {message.text}"))

    def look(self, name: str) -> None:
        violations = Axe().run(self.page).response["violations"]
        self.found += [f"{name}: {rule['id']} {rule['nodes'][0]['html'][:120]}" for rule in violations]
        if self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.found.append(f"{name}: wider than the screen")
        for script in (CLIPPED_OR_OVERLAPPING, COVERED_WITH_FOCUS):
            self.found += [f"{name}: {problem}" for problem in self.page.evaluate(script)]
