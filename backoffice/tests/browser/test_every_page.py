"""Every kind of page of the back office and its forms: accessible, whole, within its policy, without script errors."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from backoffice.tests.browser.kinds_of_page import OTHER_ADDRESSES, PAGES, Scene, address
from backoffice.tests.forms import send_forms_empty
from referrals.tests.browsers import give_session
from referrals.tests.depth import draw_cases, gate_or_all
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
# They open few pages that others don't: in the gate one of them does.
FEW = ["commissioner", "editor", "somebody of two"]
WHO = [who for who in PAGES if who not in FEW] + draw_cases("who opens few pages", FEW, share=1 / len(FEW))


@pytest.mark.slow(reason="a walk: making its scene again for each page would take longer than opening it")
@pytest.mark.parametrize("screen", draw_screens("the back office"), ids=str)
@pytest.mark.parametrize("who", WHO)
def test_every_kind_of_page_is_accessible_fits_the_screen_and_keeps_to_its_policy(
    who, screen, scene, live_server, new_context
):
    walk, client = PageWalk(new_context, screen), Client()
    if who != "nobody":
        give_session(walk.context, live_server.url, scene.people[who])
        client.force_login(scene.people[who])
    other = OTHER_ADDRESSES[who](scene) if who in OTHER_ADDRESSES else []
    paths = [*(address(kind, scene) for kind in KINDS[who]), *other]
    for path in paths:
        walk.look_at(live_server.url + path)
    whole = [path for path in paths if "#" not in path]
    for path in draw_cases(f"forms that {who} sends empty", whole, share=0.1):
        page = BeautifulSoup(client.get(path).content, "html.parser")
        for sent_to, answer in send_forms_empty(client, path, page):
            walk.look_at(live_server.url + sent_to, refusal=answer)
    walk.assert_no_problems()
    assert {name for name, _ in KINDS[who]} <= walk.watch.names
