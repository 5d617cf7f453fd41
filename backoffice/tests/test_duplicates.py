"""What the Referrals screen says of other referrals for the same person, and what can be done there."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from referrals import models as m
from referrals import workflow
from referrals.tests.pairs import JOHN, submit_pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(world):
    return submit_pair(world)


def look(client, user, referral) -> BeautifulSoup:
    client.force_login(user)
    page = client.get(reverse("backoffice:referrals"), {"view": referral.reference})
    return BeautifulSoup(page.content, "html.parser").select_one("#viewing")


def same_list(client, user, referral) -> str:
    found = look(client, user, referral).select(".duplicates")
    return " ".join(" ".join(section.get_text(" ").split()) for section in found)


def press(client, user, referral, button: str) -> str:
    """Press a button or follow a link whose words begin so; return the messages of the page that follows."""
    page = look(client, user, referral)
    pressed = next(one for one in page.select(".duplicates button") if one.get_text().startswith(button))
    form = pressed.find_parent("form")
    sent = {"answer": pressed["value"]} if pressed.get("value") else {}
    answer = client.post(form["action"], sent, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_coordinator_reads_why_and_whoever_holds_the_offer_that_there_is_one(client, world, pair):
    before, now = pair
    words = same_list(client, world.coordinator, now)
    assert words.startswith(f"Perhaps the same person Jon Smyth {before.reference} · sent just now")
    assert "Same date of birth, and a name like it: Jon Smyth." in words
    words = same_list(client, world.owners[1], now)
    assert "A name like it: Jon Smyth. What else agrees can be read by whoever deals with it." in words
    assert "Not the same" not in words
    assert same_list(client, world.owners[2], now) == ""
    linked = look(client, world.owners[1], now).select_one(".duplicates a")["href"]
    page = client.get(reverse("backoffice:referrals") + linked)
    assert before.reference in page.content.decode()
    assert "jon@example.org" not in page.content.decode()


def test_what_is_said_leads_on(client, world, pair):
    before, now = pair
    assert press(client, world.coordinator, now, "Not the same") == f"{before} is for somebody else."
    assert same_list(client, world.coordinator, now) == ""
    page = look(client, world.coordinator, now)
    assert "Said not to be the same person (1)" in page.get_text()
    workflow.say_same(now.pk, before.pk, actor=world.coordinator, is_same=True)
    assert "Other referrals of this person" in same_list(client, world.owners[1], now)
    assert "Another referral was said to be for the same person" in look(client, world.owners[1], now).get_text()


def test_merging_says_what_it_does_and_can_be_undone(client, world, pair):
    before, now = pair
    client.force_login(world.coordinator)
    address = reverse("backoffice:workspace_merge", args=[now.reference, before.reference])
    page = BeautifulSoup(client.get(address).content, "html.parser").select_one(".sheet").get_text(" ")
    for words in ("020 7946 0000", "jon@example.org", "You can undo this at any time", "Jon Smyth"):
        assert words in page
    assert m.AccessRecord.objects.filter(user=world.coordinator).count() == 2
    client.post(address)
    assert set(m.Person.objects.get(pk=now.person_id).referrals.all()) == {before, now}
    merge = m.PersonMerge.objects.get()
    assert same_list(client, world.coordinator, now).startswith("Other referrals of this person")
    assert press(client, world.coordinator, now, "Undo") == "They are two people again, as they were before the merge."
    assert m.Referral.objects.get(pk=before.pk).person_id == before.person_id
    stale = reverse("backoffice:workspace_undo_merge", args=[now.reference, merge.pk])
    assert "This was undone already." in client.post(stale, follow=True).text
    client.force_login(world.owners[1])
    assert client.post(stale).status_code == 404


def test_only_a_coordinator_sees_the_page_that_merges(client, world, pair):
    before, now = pair
    address = reverse("backoffice:workspace_merge", args=[now.reference, before.reference])
    for user in (world.owners[0], world.owners[1]):
        client.force_login(user)
        assert client.get(address).status_code == 302
        client.post(address)
    assert not m.PersonMerge.objects.exists()


def test_the_referrer_is_told_nothing(client, world):
    world.submit(person=JOHN)
    referral = world.submit(person=JOHN)
    kinds = set(m.Notification.objects.filter(event__referral=referral).values_list("kind", flat=True))
    assert kinds == {"organisation_asked"}
