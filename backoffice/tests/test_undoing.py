"""The button that takes an answer back. What it does: referrals/tests/workflow/test_undoing.py."""

import pytest
from bs4 import BeautifulSoup

from backoffice.tests.test_answering import back_to
from backoffice.tests.verbs import address, messages_of
from referrals.enums import AssignmentStatus
from referrals.models import Network
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db


def test_an_answer_is_taken_back(world, signed_in):
    Network.objects.update(undo_seconds=60)
    referral, client = world.submit(), signed_in(world.owners[0])
    offer = live_on(only_strand(referral))
    answer = {"reason": "no_room", "capacity": "0"}
    page = client.post(address("reject", referral, offer.pk) + "?tab=all", answer, follow=True)
    button = BeautifulSoup(page.content, "html.parser").select_one("form.undo")
    assert "nobody is told" in button.text
    page = client.post(button["action"], follow=True)
    assert page.request["QUERY_STRING"].startswith("tab=all")
    assert messages_of(page) == [("success", "It is as it was before. Nobody has been told.")]
    assert live_on(only_strand(referral)) == offer
    assert not BeautifulSoup(page.content, "html.parser").select("form.undo")
    assert "You took the answer back before anybody was told" in page.text
    page = client.post(button["action"], follow=True)
    told = "This has been undone. It was done once, however often you pressed."
    assert messages_of(page) == [("info", told)]


def test_nobody_undoes_what_another_organisation_has_answered(world, signed_in):
    Network.objects.update(undo_seconds=60)
    referral = world.submit()
    offer = live_on(only_strand(referral))
    page = signed_in(world.owners[0]).post(address("accept", referral, offer.pk), follow=True)
    action = BeautifulSoup(page.content, "html.parser").select_one("form.undo")["action"]
    stranger = signed_in(world.owners[1])
    assert not BeautifulSoup(stranger.get(back_to(referral)).content, "html.parser").select("form.undo")
    assert messages_of(stranger.post(action, follow=True)) == [("error", "You cannot undo this answer.")]
    assert live_on(only_strand(referral)).status == AssignmentStatus.ACCEPTED
