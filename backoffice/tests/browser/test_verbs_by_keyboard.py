"""Every verb on a referral, at a desk and on a phone's width, by keyboard alone: Tab, Enter, Space and arrows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from referrals import workflow
from referrals.enums import Outcome
from referrals.models import Assignment, Note, Referral, User
from referrals.tests.browsers import give_session, wait_until_ready
from referrals.tests.depth import draw_cases
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_TABS = 150


@dataclass(frozen=True)
class Verb:
    """presses: what is reached by Tab and pressed on the referral's page, and on the page of the answer.

    begins: brings the referral into the state in which the verb may be used. chosen: an organisation of the world, or a
    label. typed: into which labelled field, what. keeps: the first need is ticked.
    """

    presses: list[str]
    outcome: Callable[[Referral], object]
    begins: Callable[[World, Assignment], object] = lambda world, offer: None
    chosen: str | int = ""
    keeps: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)


def _accept(world: World, offer: Assignment) -> None:
    workflow.accept(offer.pk, actor=world.owners[0])


def _close(world: World, offer: Assignment) -> None:
    _accept(world, offer)
    workflow.close(offer.strand_id, actor=world.owners[0], outcome=Outcome.SUPPORTED)


def _status(referral: Referral) -> str:
    return Assignment.objects.filter(strand__referral=referral).order_by("position").first().status


NEW_YEAR = f"0101{timezone.localdate().year + 1}"  # the same whichever of day and month comes first
MEMBER = {
    "accept": Verb(["Accept both needs"], lambda referral: _status(referral) == "accepted"),
    "undo": Verb(["Accept both needs", "Undo"], lambda referral: _status(referral) == "offered"),
    "reject": Verb(["Reject", "Reject"], lambda referral: _status(referral) == "rejected", chosen="Other"),
    "split": Verb(["Split", "Split"], lambda referral: referral.strands.count() == 2, chosen=1, keeps=True),
    "waiting list": Verb(
        ["Waiting list", "Put on the waiting list"],
        lambda referral: live_on(only_strand(referral)).place_from is not None,
        typed={"From which day do you expect to have a place?": NEW_YEAR},
    ),
    "refer on": Verb(
        ["Refer on", "Refer on"],
        lambda referral: _status(referral) == "referred_on",
        _accept,
        chosen="The coordinator",
    ),
    "close": Verb(
        ["Close the case", "Close the case"],
        lambda referral: _status(referral) == "closed",
        _accept,
        chosen="Supported",
    ),
    "note": Verb(
        ["Add note"], lambda referral: Note.objects.filter(referral=referral).count() == 1, typed={"Add a note": "Rang"}
    ),
}
COORDINATOR = {
    "assign": Verb(
        ["Ask another organisation", "Ask this organisation"],
        lambda referral: only_strand(referral).assignments.count() == 3,
        chosen=2,
    ),
    "withdraw": Verb(["Take it back"], lambda referral: _status(referral) == "withdrawn"),
    "reopen": Verb(["Reopen"], lambda referral: only_strand(referral).status == "with_coordinator", _close),
    "correct": Verb(
        ["Correct the details", "Save the corrections"],
        lambda referral: referral.person.corrections.exists(),
        typed={"Phone": "07700 900999"},
    ),
    "urgent": Verb(["Mark as urgent"], lambda referral: referral.is_urgent),
}
CASES = [
    (width, role, name)
    for width in (1280, 390)
    for role, verbs in (("member", MEMBER), ("coordinator", COORDINATOR))
    for name in verbs
]


@pytest.fixture
def world(transactional_db) -> World:
    world = World(organisations=3, needs=2)
    world.network.undo_seconds = 60
    world.network.save()
    return world


@pytest.mark.slow(reason="it goes through the page by Tab")
@pytest.mark.parametrize(("width", "role", "name"), draw_cases("verbs by keyboard", CASES, share=0.2))
def test_each_verb_is_done_by_keyboard(world, live_server, new_context, width, role, name):
    verb = (MEMBER if role == "member" else COORDINATOR)[name]
    referral = world.submit(services=world.services[:2])
    verb.begins(world, live_on(only_strand(referral)))
    user: User = world.owners[0] if role == "member" else world.coordinator
    context = new_context(viewport={"width": width, "height": 900})
    give_session(context, live_server.url, user)
    page = context.new_page()
    page.goto(live_server.url + referral.get_absolute_url())
    wait_until_ready(page)
    first, *further = verb.presses
    chosen = world.organisations[verb.chosen].name if isinstance(verb.chosen, int) else verb.chosen
    if not further:
        _fill_in(page, verb, chosen)
    _press(page, first)
    for label in further:
        _fill_in(page, verb, chosen)
        _press(page, label)
    wait_until_ready(page)
    assert verb.outcome(Referral.objects.get(pk=referral.pk)), page.locator("main, body").first.inner_text()


def _fill_in(page: Page, verb: Verb, chosen: str) -> None:
    for label, text in verb.typed.items():
        _tab_to(page, _LABEL, label)
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    if verb.keeps:
        _tab_to(page, "document.activeElement.type", "checkbox")
        page.keyboard.press("Space")
        wait_until_ready(page)
    if chosen:
        _choose(page, chosen)


def _choose(page: Page, label: str) -> None:
    """Reach the group of radio buttons by Tab, and the one with this label by the arrow."""
    _tab_to(page, "document.activeElement.type", "radio")
    page.keyboard.press("Space")
    for _ in range(20):
        if page.evaluate(_LABEL).startswith(label):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"No choice is called {label}.")


def _press(page: Page, label: str) -> None:
    _tab_to(page, _PRESSED, label)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    wait_until_ready(page)


def _tab_to(page: Page, script: str, wanted: str) -> None:
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(script) == wanted:
            expect(page.locator(":focus")).to_be_in_viewport()
            return
    raise AssertionError("Tab does not lead there.")


_LABEL = "(document.activeElement.labels?.[0]?.innerText ?? '').trim()"
_PRESSED = (
    """(({tagName, innerText}) => ['A', 'BUTTON'].includes(tagName) ? innerText.trim() : '')(document.activeElement)"""
)
