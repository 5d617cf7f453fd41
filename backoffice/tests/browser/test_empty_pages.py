"""Where there is nothing yet, each page that the menus lead to says so, and what to do."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from playwright.sync_api import Page

from referrals.enums import OrganisationRole, Role
from referrals.models import User
from referrals.tests import factories as f
from referrals.tests.browsers import give_session
from referrals.tests.depth import draw_cases
from referrals.tests.page_walk import PageWalk, draw_screens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROWS = ".empty, .message, #result_list tbody tr, .kept-services li"
PEOPLE = ["coordinator", "commissioner", "editor", "owner", "nobody in particular", "operator"]


def make_person(who: str) -> User:
    """Return somebody whose network or organisation has only just been made."""
    if who == "operator":
        return User.objects.create_superuser("operator@example.org", name="Olive Operator")
    if who == "owner":
        organisation = f.OrganisationFactory(network=f.NetworkFactory())
        return f.OrganisationMemberFactory(organisation=organisation, role=OrganisationRole.OWNER).user
    if who == "nobody in particular":
        return f.UserFactory()
    return f.NetworkRoleFactory(network=f.NetworkFactory(), role=Role[who.upper()]).user


def addresses_in_menus(client: Client) -> list[str]:
    """Return the addresses to which menus lead, from page to page."""
    found = ["/backoffice/", "/backoffice/referrals/", "/backoffice/account/"]
    for address in found:
        page = BeautifulSoup(client.get(address).content, "html.parser")
        links = [link["href"] for link in page.select("nav.bar-links a, nav.section-links a")]
        found += [link for link in dict.fromkeys(links) if link not in found]
    return found


def find_words(page: Page) -> None:
    if page.locator("#changelist").count():
        assert page.locator(ROWS).first.is_visible(), f"{page.url} is empty and does not say so"


@pytest.mark.parametrize("screen", draw_screens("empty pages"), ids=str)
@pytest.mark.parametrize("who", draw_cases("who has nothing", PEOPLE, share=1 / len(PEOPLE)))
def test_what_is_empty_says_so_and_is_whole(who, screen, live_server, new_context):
    person, client = make_person(who), Client()
    client.force_login(person)
    walk = PageWalk(new_context, screen)
    give_session(walk.context, live_server.url, person)
    for path in draw_cases(f"empty pages of {who}", addresses_in_menus(client), share=0.15):
        walk.look_at(live_server.url + path, find_words)
    walk.assert_no_problems()
