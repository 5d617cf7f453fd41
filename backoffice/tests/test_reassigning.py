"""A coordinator passes on what an organisation has: offers and cases, with a look at who is next."""

import pytest
from django.urls import reverse

from referrals import workflow
from referrals.models import Assignment, NetworkMembership, Notification, Strand
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db

REASSIGN = "/backoffice/referrals/reassign/"


@pytest.fixture
def coordinator(world, signed_in):
    return signed_in(world.coordinator)


def held_by(world, number: int) -> list[Assignment]:
    held = Assignment.objects.filter(organisation=world.organisations[number], status__in=("offered", "accepted"))
    return list(held.order_by("offered_at", "pk"))


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_all_that_a_silent_organisation_has_goes_to_the_next_ones(world, coordinator):
    case, offer, last = world.submit(), world.submit(), world.submit(services=world.services[:1])
    workflow.accept(live_on(only_strand(case)).pk, actor=world.owners[0])
    other = world.submit(services=world.services[1:])
    address = f"{REASSIGN}?tab=all&assigned={world.organisations[0].pk}"
    choosing = coordinator.get(address)
    keys = [str(assignment.pk) for assignment in held_by(world, 0)]
    assert [str(row["pick"]) for row in choosing.context["rows"]] == keys
    preview = coordinator.post(address, {"pick": keys})
    assert f"Next: {world.organisations[1]}" in preview.text
    assert "Nobody is left on the list: it comes to you." in preview.text
    assert len(held_by(world, 0)) == 3, "nothing has happened yet"
    assert not Notification.objects.filter(kind="organisation_released").exists()
    done = coordinator.post(address, {"pick": " ".join(keys), "confirmed": "1"}, follow=True)
    assert said(done) == [
        "For 2 of them the next organisation has been asked.",
        "For 1 nobody was left on the list: choose an organisation yourself.",
    ]
    assert held_by(world, 0) == []
    asked = {live_on(only_strand(referral)).organisation for referral in (case, offer)}
    assert asked == {world.organisations[1]}
    assert only_strand(last).status == "with_coordinator"
    assert live_on(only_strand(other)).organisation == world.organisations[1]
    told = Notification.objects.filter(kind="organisation_released").values_list("recipient", flat=True)
    assert list(told) == [world.organisations[0].email] * 3


def test_what_was_answered_since_the_page_was_opened_stays_as_it_is(world, coordinator):
    referral, other = world.submit(), world.submit()
    keys = [str(assignment.pk) for assignment in held_by(world, 0)]
    workflow.reject(live_on(only_strand(referral)).pk, actor=world.owners[0], reason="no_room")
    done = coordinator.post(REASSIGN, {"pick": " ".join(keys), "confirmed": "1"}, follow=True)
    assert said(done) == [
        "For 1 of them the next organisation has been asked.",
        "1 was left unchanged: answered, or dealt with in the meantime.",
    ]
    assert {live_on(only_strand(one)).organisation for one in (referral, other)} == {world.organisations[1]}


def test_an_organisation_that_has_left_is_passed_on_from_its_page(world, coordinator):
    referral = world.submit()
    workflow.accept(live_on(only_strand(referral)).pk, actor=world.owners[0])
    membership = NetworkMembership.objects.get(organisation=world.organisations[0])
    workflow.suspend(membership.pk, actor=world.coordinator)
    page = coordinator.get(reverse("backoffice:network_organisation", args=[world.organisations[0].pk])).text
    assert f"{REASSIGN}?tab=all&amp;assigned={world.organisations[0].pk}" in page
    rows = coordinator.get(REASSIGN, {"tab": "all", "assigned": world.organisations[0].pk}).context["rows"]
    assert [row["referral"] for row in rows] == [referral]


@pytest.mark.parametrize("pick", ["", "0", "x", "-1", "9" * 40])
def test_nothing_is_taken_away_without_being_picked(world, coordinator, pick):
    world.submit()
    response = coordinator.post(REASSIGN, {"pick": pick, "confirmed": "1"}, follow=True)
    assert response.status_code == 200
    assert len(held_by(world, 0)) == 1


def test_only_coordinators_of_the_network_can(world, signed_in):
    foreign, referral = World(), world.submit()
    key = live_on(only_strand(referral)).pk
    for user in (world.owners[0], world.commissioner):
        assert signed_in(user).post(REASSIGN, {"pick": key, "confirmed": "1"}).status_code == 404
    response = signed_in(foreign.coordinator).post(REASSIGN, {"pick": key}, follow=True)
    assert response.context["rows"] == []
    signed_in(foreign.coordinator).post(REASSIGN, {"pick": key, "confirmed": "1"})
    assert live_on(only_strand(referral)).pk == key
    for user in (world.owners[0], foreign.coordinator):
        with pytest.raises(workflow.NotAllowed):
            workflow.reassign(key, actor=user)
    assert Strand.objects.filter(status="seeking").count() == 1
