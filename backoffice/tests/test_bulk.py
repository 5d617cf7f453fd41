"""Closing many referrals as spam, and letting many through."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from referrals import models as m
from referrals import workflow
from referrals.models import Assignment, Notification, Referral
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db

SCREEN = "/backoffice/referrals/"
SPAM = "/backoffice/referrals/spam/"
LET_THROUGH = "/backoffice/referrals/let-through/"


@pytest.fixture
def coordinator(world, signed_in):
    return signed_in(world.coordinator)


def named(name: str) -> workflow.PersonDetails:
    return workflow.PersonDetails(name=name, phone="07700 900123")


def held(world: World, settings, number: int = 1) -> list[Referral]:
    settings.REFERRAL_LIMITS = dict.fromkeys(settings.REFERRAL_LIMITS, 0) | {"network": 1}
    sender = workflow.Sender("192.0.2.7")
    return [workflow.submit(world.submission(), sender=sender) for _ in range(number + 1)][1:]


def references(response) -> set[str]:
    return {row["referral"].reference for row in response.context["rows"]}


def heading(response) -> str:
    return response.text.partition("<h1>")[2].partition("</h1>")[0]


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_referrals_from_the_list_are_picked_confirmed_and_closed(world, coordinator):
    spam = [world.submit(person=named(f"Refund {number}")) for number in range(3)]
    real = world.submit(person=named("Maya Ferreira"))
    address = f"{SPAM}?{urlsplit(coordinator.post(SCREEN, {'q': 'refund'})['Location']).query}"
    choosing = coordinator.get(address)
    assert references(choosing) == {referral.reference for referral in spam}
    picked = [referral.reference for referral in spam[:2]]
    confirming = coordinator.post(address, {"pick": picked})
    assert heading(confirming) == "Close 2 referrals as spam?"
    assert Referral.objects.filter(status="spam").count() == 0
    done = coordinator.post(address, {"pick": " ".join(picked), "confirmed": "1"}, follow=True)
    assert said(done) == ["2 referrals were closed as spam. Nobody was told."]
    assert set(Referral.objects.filter(status="spam")) == set(spam[:2])
    assert set(Notification.objects.filter(event__referral=real).values_list("status", flat=True)) == {"pending"}


def test_spam_leaves_every_list_and_is_found_by_its_status(world, coordinator, signed_in):
    referral = world.submit(is_urgent=True)
    workflow.close_as_spam(referral.pk, actor=world.coordinator)
    for client in (coordinator, signed_in(world.owners[0])):
        listing = client.get(SCREEN, {"tab": "all"}).context["listing"]
        assert listing["rows"] == []
        assert {tab["count"] for tab in listing["tabs"]} == {0}
        assert referral.reference not in client.get(f"{SCREEN}export.csv?tab=all").text
    assert len(coordinator.get(SCREEN, {"status": "spam"}).context["listing"]["rows"]) == 1


def test_what_an_organisation_has_accepted_is_left_out_and_the_page_says_so(world, coordinator):
    accepted, offered = world.submit(), world.submit()
    workflow.accept(live_on(only_strand(accepted)).pk, actor=world.owners[0])
    response = coordinator.get(SPAM)
    assert references(response) == {offered.reference}
    assert "1 more is left out" in response.text
    only = coordinator.get(SPAM, {"pick": accepted.reference})
    assert "None of these can be closed as spam" in only.text


def test_only_referrals_of_ones_own_network_are_listed_and_counted(world, coordinator, signed_in):
    """A coordinator who also works for an organisation elsewhere sees its referrals, which are not theirs to close."""
    elsewhere = World()
    elsewhere.submit()
    world.submit()
    m.OrganisationMember.objects.create(organisation=elsewhere.organisations[0], user=world.coordinator, role="member")
    response = coordinator.get(f"{SPAM}?tab=all")
    assert (len(references(response)), response.context["left_out"]) == (1, 0)


def test_switching_workplace_after_picking_does_not_change_what_is_closed(world, coordinator):
    elsewhere = World()
    m.OrganisationMember.objects.create(organisation=elsewhere.organisations[0], user=world.coordinator, role="member")
    referral = world.submit()
    place = f"{elsewhere.organisations[0].pk}-{elsewhere.network.pk}"
    coordinator.post(reverse("backoffice:switch"), {"workplace": place})
    coordinator.post(SPAM, {"pick": referral.reference, "confirmed": "1"})
    referral.refresh_from_db()
    assert referral.status == "spam"


def test_a_reference_that_is_picked_twice_counts_once(world, coordinator):
    referral = world.submit()
    picked = f"{referral.reference} {referral.reference}"
    done = coordinator.post(SPAM, {"pick": picked, "confirmed": "1"}, follow=True)
    assert said(done) == ["1 referral was closed as spam. Nobody was told."]


def test_a_referral_accepted_between_picking_and_confirming_is_left(world, coordinator):
    first, second = world.submit(), world.submit()
    workflow.accept(live_on(only_strand(first)).pk, actor=world.owners[0])
    posted = {"pick": f"{first.reference} {second.reference}", "confirmed": "1"}
    response = coordinator.post(SPAM, posted, follow=True)
    assert said(response) == [
        "1 referral was closed as spam. Nobody was told.",
        "1 was left unchanged: accepted by an organisation, or dealt with in the meantime.",
    ]


def test_ticks_are_set_only_on_a_list_that_was_narrowed_down(world, coordinator):
    world.submit(person=named("Maya Ferreira"))
    assert " checked" not in coordinator.get(SPAM).text
    assert (
        " checked"
        in coordinator.get(f"{SPAM}?{urlsplit(coordinator.post(SCREEN, {'q': 'maya'})['Location']).query}").text
    )


def test_ticking_nothing_changes_nothing(world, coordinator):
    world.submit()
    response = coordinator.post(SPAM, {})
    assert "Tick at least one." in response.text
    assert not Referral.objects.filter(status="spam").exists()


def test_a_get_never_changes_anything(world, coordinator):
    referral = world.submit()
    coordinator.get(SPAM, {"pick": referral.reference, "confirmed": "1"})
    assert not Referral.objects.filter(status="spam").exists()


def test_only_coordinators_may_and_only_in_their_own_network(world, signed_in):
    referral = world.submit()
    other = World()
    for user in (world.owners[0], world.commissioner):
        assert signed_in(user).get(SPAM).status_code == 404
        assert signed_in(user).post(SPAM, {"pick": referral.reference, "confirmed": "1"}).status_code == 404
    signed_in(other.coordinator).post(SPAM, {"pick": referral.reference, "confirmed": "1"})
    signed_in(other.coordinator).post(LET_THROUGH, {"pick": referral.reference, "confirmed": "1"})
    referral.refresh_from_db()
    assert referral.status == "seeking"


def test_held_referrals_have_a_tab_and_are_let_through_together(world, coordinator, settings):
    referrals = held(world, settings, 3)
    tabs = {tab["key"]: tab["count"] for tab in coordinator.get(SCREEN).context["listing"]["tabs"]}
    assert tabs["check"] == 3
    address = f"{LET_THROUGH}?tab=check"
    assert references(coordinator.get(address)) == {referral.reference for referral in referrals}
    picked = " ".join(referral.reference for referral in referrals)
    done = coordinator.post(address, {"pick": picked, "confirmed": "1"}, follow=True)
    assert said(done) == ["3 referrals were let through: the organisations that suit are asked now."]
    assert Assignment.objects.filter(status="offered").count() == 4


def test_the_tab_is_shown_to_coordinators_and_only_when_something_is_held(world, coordinator, signed_in, settings):
    assert "check" not in {tab["key"] for tab in coordinator.get(SCREEN).context["listing"]["tabs"]}
    held(world, settings)
    assert "check" not in {tab["key"] for tab in signed_in(world.owners[0]).get(SCREEN).context["listing"]["tabs"]}


def test_a_single_referral_is_let_through_from_its_own_page(world, coordinator, settings):
    [referral] = held(world, settings)
    strand = only_strand(referral)
    address = reverse("backoffice:workspace_let_through", args=[referral.reference, strand.pk])
    assert address in coordinator.get(SCREEN, {"view": referral.reference}).text
    response = coordinator.post(address, follow=True)
    assert said(response)[0].startswith("This was let through.")
    assert live_on(strand).status == "offered"


def test_an_organisation_can_close_its_case_as_spam_but_an_offer_cannot_be(world, signed_in):
    strand = only_strand(world.submit())
    address = reverse("backoffice:workspace_close", args=[strand.referral.reference, strand.pk])
    assert "spam" not in signed_in(world.coordinator).get(address).text
    workflow.accept(live_on(strand).pk, actor=world.owners[0])
    client = signed_in(world.owners[0])
    assert "spam" in client.get(address).text
    client.post(address, {"outcome": "spam"})
    assert Referral.objects.get().status == "spam"
