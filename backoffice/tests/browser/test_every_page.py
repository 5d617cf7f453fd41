"""Every kind of page of the back office and its forms: accessible, whole, within its policy, without script errors."""

import pytest

from backoffice.tests.browser.kinds_of_page import OTHER_ADDRESSES, PAGES, Scene, address
from referrals.tests.browsers import give_session
from referrals.tests.depth import gate_or_all
from referrals.tests.page_walk import PageWalk, draw_screens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(transactional_db) -> Scene:
    return Scene()


# In the gate the directory's own walk alone opens the public pages, which are more there.
KINDS = {
    who: [kind for kind in kinds if not kind[0].startswith(gate_or_all(gate="public_", everything=" "))]
    for who, kinds in PAGES.items()
}


@pytest.mark.parametrize("screen", draw_screens("the back office"), ids=str)
@pytest.mark.parametrize("who", PAGES)
def test_every_kind_of_page_is_accessible_fits_the_screen_and_keeps_to_its_policy(
    who, screen, scene, live_server, new_context
):
    walk = PageWalk(new_context, screen)
    if who != "nobody":
        give_session(walk.context, live_server.url, scene.people[who])
    other = OTHER_ADDRESSES[who](scene) if who in OTHER_ADDRESSES else []
    for path in (*(address(kind, scene) for kind in KINDS[who]), *other):
        walk.look_at(live_server.url + path)
    walk.assert_no_problems()
    assert {name for name, _ in KINDS[who]} <= walk.watch.names
