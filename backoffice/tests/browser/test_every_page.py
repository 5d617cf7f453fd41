"""Every kind of page of the back office and its forms: accessible, whole, within its policy, without script errors."""

import pytest
from bs4 import BeautifulSoup
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client

from backoffice.tests.browser.kinds_of_page import OTHER_ADDRESSES, PAGES, address, kinds_of_admin_page
from backoffice.tests.browser.scene import Scene
from backoffice.tests.forms import send_forms_empty
from referrals.models import FlowExample, Question, QuestionOption
from referrals.tests.browsers import give_session, wait_until_ready
from referrals.tests.depth import draw_cases, gate_or_all
from referrals.tests.geometry import CLIPPED_OR_OVERLAPPING
from referrals.tests.page_walk import IS_TOO_WIDE, SCREENS, PageWalk, draw_screens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(transactional_db) -> Scene:
    return Scene()


# In the gate the directory's own walk alone opens the public pages, which are more there.
KINDS = {
    who: [kind for kind in kinds if not kind[0].startswith(gate_or_all(gate="public_", everything=" "))]
    for who, kinds in PAGES.items()
}
LONG_WORD = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
# They open few pages that others don't: in the gate one of them does.
FEW = ["commissioner", "editor", "somebody of two", "coordinator of one person's two referrals"]
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


@pytest.mark.slow(reason="a walk, as above")
@pytest.mark.parametrize("screen", draw_cases("screens of stock pages", SCREENS[::3], share=0.5), ids=str)
def test_every_stock_page_and_what_refuses_its_form_are_whole(screen, scene, live_server, new_context):
    walk, client = PageWalk(new_context, screen), Client()
    give_session(walk.context, live_server.url, scene.people["coordinator"])
    client.force_login(scene.people["coordinator"])
    kinds = draw_cases("stock pages", list(kinds_of_admin_page()), share=0.03)
    for path in dict.fromkeys(address(kind, scene) for kind in kinds):
        answer = client.get(path)
        if answer.status_code == 200:
            walk.look_at(live_server.url + path)
            for sent_to, refusal in send_forms_empty(client, path, BeautifulSoup(answer.content, "html.parser")):
                walk.look_at(live_server.url + sent_to, refusal=refusal)
    walk.assert_no_problems()


@pytest.mark.slow(reason="a walk, as above")
@pytest.mark.parametrize("width", draw_cases("widths for long names", [390, 1280], share=0.5))
@pytest.mark.parametrize("who", draw_cases("who reads long names", ["insider", "coordinator"], share=0.5))
def test_names_of_one_long_word_fit_the_screen(who, width, scene, live_server, new_context):
    lengthen_names(scene)
    page = new_context(viewport={"width": width, "height": 900}).new_page()
    give_session(page.context, live_server.url, scene.people[who])
    paths = [*(address(kind, scene) for kind in PAGES[who]), *OTHER_ADDRESSES[who](scene)]
    for path in draw_cases(f"long names that {who} reads", paths, share=0.15):
        page.goto(live_server.url + path)
        wait_until_ready(page)
        overlapping = [one for one in page.evaluate(CLIPPED_OR_OVERLAPPING) if one.startswith("overlapping")]
        assert (page.evaluate(IS_TOO_WIDE), overlapping) == (False, []), path


def lengthen_names(scene: Scene) -> None:
    tenant = scene.tenant
    named = (tenant.network, tenant.asked, tenant.activity, tenant.category, tenant.demographic, tenant.option)
    people = (tenant.coordinator, tenant.insider, tenant.referral.person)
    Question.objects.update(text=Concat(Value(f"{LONG_WORD} "), "text"))
    QuestionOption.objects.update(text=Concat(Value(f"{LONG_WORD} "), "text"))
    FlowExample.objects.update(name=Concat(Value(f"{LONG_WORD} "), "name"))
    for row in (*named, *people, tenant.venue, tenant.link, tenant.network.area):
        row.name = f"{LONG_WORD} {row.name}"[: row._meta.get_field("name").max_length]
        row.save()
