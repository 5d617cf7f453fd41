"""The table of verbs on screens: a button where one is allowed, the refusal's words where it is pressed anyway."""

import re
from itertools import product

import pytest
from django.db import transaction
from django.utils import timezone

from backoffice.tests.verbs import address, messages_of
from referrals.models import Assignment, Need
from referrals.tests.depth import draw_cases
from referrals.tests.workflow.verb_table import ROLES, STATUSES, VERBS, is_allowed, make_world, words_of_refusal
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db

SCREEN = "/backoffice/referrals/"
ON_STRANDS = ("close", "assign", "reopen")
OF_MANY = ("reassign",)  # chosen from the list: test_reassigning.py
ON_SCREEN = [verb for verb in VERBS if verb not in OF_MANY]
SCREENS = list(product(STATUSES, ("member", "coordinator", "other organisation", "commissioner")))


@pytest.mark.parametrize(("status", "role"), draw_cases("verbs on screens", SCREENS, share=1 / 6))
def test_the_screen_offers_what_the_table_allows_and_refuses_the_rest_in_its_words(status, role, signed_in):
    world, other = make_world(), World()
    assignment = STATUSES[status](world)
    assignment.refresh_from_db()
    referral = assignment.strand.referral
    client = signed_in(ROLES[role](world, other))
    page = client.get(SCREEN, {"tab": "all", "view": referral.reference})
    if role == "commissioner":
        assert page.status_code == 404
        return
    urls = {verb: url_of(verb, assignment) for verb in ON_SCREEN}
    offered = {verb for verb, url in urls.items() if re.search(rf'"{re.escape(url)}[?"]', page.text)}
    assert offered == {verb for verb in ON_SCREEN if is_allowed(status, verb, role)}
    for verb in sorted(set(ON_SCREEN) - offered):
        with transaction.atomic():
            response = client.post(urls[verb], data_of(verb, world, assignment), follow=True)
            transaction.set_rollback(True)
        [(_, said)] = messages_of(response)
        assert all(words in said for words in words_of_refusal(status, verb, role)), (verb, said)


def url_of(verb: str, assignment: Assignment) -> str:
    key = assignment.strand_id if verb in ON_STRANDS else assignment.pk
    return address(verb, assignment.strand.referral, key)


def data_of(verb: str, world: World, assignment: Assignment) -> dict:
    needs = Need.objects.filter(strand=assignment.strand).values_list("category", flat=True)
    service = str(world.services[3].pk)
    return {
        "reject": {"reason": "no_room"},
        "waiting_list": {"place_from": timezone.localdate() + timezone.timedelta(days=10)},
        "split": {"keep": list(needs[:1]), "service": service},
        "refer_on": {"service": "coordinator"},
        "close": {"outcome": "not_supported"},
        "assign": {"service": service},
    }.get(verb, {})
