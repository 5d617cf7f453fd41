"""Opens page after page in a real browser, and says in words what is wrong with each.

Looked for is what the page's policy refuses, scripts that fail, what axe finds, what is wider than the screen, what is
too small for a thumb, words that are cut off or lie over others, what has the focus but is covered, and alerts before
anybody has done anything; after a form was refused, fields that are wrong without a word beside them. With --all each
page is opened on every screen, and axe looks at all of it; in the gate on one that the seed draws, and turned into the
opposite one there. On which of the two axe looks, the seed draws for each page: at all rules, or at the colours alone,
which change with the screen.
"""

from collections.abc import Callable
from typing import NamedTuple

from axe_playwright_python.base import AXE_SCRIPT
from django.http import HttpResponse
from playwright.sync_api import Page, Route

from referrals.tests.browsers import wait_for_layout, wait_until_ready
from referrals.tests.depth import draw_cases, gate_or_all, is_drawn
from referrals.tests.geometry import CLIPPED_OR_OVERLAPPING, COVERED_WITH_FOCUS
from referrals.tests.watch import Watch

IS_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# What warns somebody who has only just opened the page.
EARLY_ALERTS = """[...document.querySelectorAll("[role=alert], .errornote, .errorlist li")]
  .filter(alert => alert.checkVisibility()).map(alert => alert.innerText.trim().slice(0, 150))"""
# A form was refused: that nothing says so, or which fields are wrong with no words beside them.
REFUSED_IN_SILENCE = """() => {
  const isShown = one => one?.checkVisibility({visibilityProperty: true}) && one.innerText.trim();
  const isExplained = field => [field, field.closest("[role=group]"), field.closest("fieldset")]
    .flatMap(one => (one?.getAttribute("aria-describedby") ?? "").split(" "))
    .some(id => id.endsWith("_error") && isShown(document.getElementById(id)));
  const silent = [...document.querySelectorAll("[aria-invalid=true]")]
    .filter(field => field.checkVisibility({visibilityProperty: true}) && !isExplained(field))
    .map(field => `wrong without a word: ${field.outerHTML.slice(0, 150)}`);
  const words = [...document.querySelectorAll("[role=alert], .errornote, .errorlist li")];
  return words.some(isShown) ? silent : ["refused without a word", ...silent];
}"""
ONLY_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Three of what breaks a rule, which is all that anybody reads: the whole result is a megabyte. Preloading is for audio,
# which no page has, and would put styles into the page, which its policy refuses.
RUN_AXE = """async options => {
  const found = await axe.run(document, {resultTypes: ["violations"], preload: false, ...options});
  return found.violations.flatMap(
    rule => rule.nodes.slice(0, 3).map(node => `${rule.id}: ${node.html.slice(0, 150)}`));
}"""


class Screen(NamedTuple):
    width: int
    scheme: str

    @property
    def opposite(self) -> "Screen":
        return next(one for one in SCREENS if one.width != self.width and one.scheme != self.scheme)


SCREENS = [Screen(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]


def draw_screens(walk: str) -> list[Screen]:
    """Return the screens on which the pages of a walk are opened: all of them, in the gate one."""
    return draw_cases(f"screens of {walk}", SCREENS, share=1 / len(SCREENS))


def find_accessibility_problems(page: Page, options: dict | None = None) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(RUN_AXE, options or {})


class PageWalk:
    """`small_targets` is a script that returns what is too small on the page, where a surface has a rule for it."""

    def __init__(self, new_context: Callable, screen: Screen, *, small_targets: str = "[]") -> None:
        self.screen, self.small_targets = screen, small_targets
        self.context = new_context(viewport={"width": screen.width, "height": 900}, color_scheme=screen.scheme)
        self.watch = Watch(self.context)
        self.problems: list[str] = []
        self.looked_at = 0

    def open(self, address: str) -> None:
        """Open a page for its policy and its scripts alone."""
        with self.context.new_page() as page:
            page.goto(address)
            wait_until_ready(page)

    def look_at(
        self, address: str, press: Callable[[Page], None] | None = None, *, refusal: HttpResponse | None = None
    ) -> None:
        """Open a page, or the one that refused its form, press what is to be pressed, and look at all of it."""
        with self.context.new_page() as page:  # one that stays open goes on working
            if refusal:
                asked = address.partition("#")[0]  # where in the page is not part of what is asked for
                page.route(lambda url: url == asked, lambda route: _answer(route, refusal))
            page.goto(address)
            wait_until_ready(page)
            if refusal:
                self._note(f"{address} refused:", page.evaluate(REFUSED_IN_SILENCE))
            else:
                self._note(address, [f"alert on opening: {words}" for words in page.evaluate(EARLY_ALERTS)])
            if press:
                press(page)
                wait_for_layout(page)  # a popup that fades in is pale until it is there
            self.looked_at += 1
            is_whole = is_drawn(f"axe on page {self.looked_at} at {self.screen}", share=0.5)
            self._note(address, self._find_misfits(page) + (find_accessibility_problems(page) if is_whole else []))
            if is_drawn(f"focus on page {self.looked_at} at {self.screen}", share=0.25):
                self._note(address, page.evaluate(COVERED_WITH_FOCUS))
            if gate_or_all(gate=True, everything=False):
                self._turn(page, self.screen.opposite)
                self._note(address, self._find_misfits(page))
                if not is_whole:
                    self._note(address, find_accessibility_problems(page, ONLY_COLOURS))

    def assert_no_problems(self) -> None:
        problems = [*self.problems, *self.watch.refused, *self.watch.broken]
        assert not problems, "\n".join([str(self.screen), *problems])

    def _find_misfits(self, page: Page) -> list[str]:
        small = [f"small: {target}" for target in page.evaluate(self.small_targets)]
        wide = ["wider than the screen"] if page.evaluate(IS_TOO_WIDE) else []
        return small + wide + page.evaluate(CLIPPED_OR_OVERLAPPING)

    def _turn(self, page: Page, screen: Screen) -> None:
        page.set_viewport_size({"width": screen.width, "height": 900})
        page.emulate_media(color_scheme=screen.scheme)
        wait_for_layout(page)
        wait_until_ready(page)

    def _note(self, address: str, found: list[str]) -> None:
        self.problems += [f"{address} {problem}" for problem in found]


def _answer(route: Route, answer: HttpResponse) -> None:
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)
