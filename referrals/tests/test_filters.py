"""The filters of referrals look into, and offer, only what is of the user's own networks."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from django.utils import timezone

from referrals import workflow
from referrals.access import visible_to
from referrals.enums import RejectReason, Role
from referrals.filters import OPEN_AND_URGENT, ReferralFilter, concerns
from referrals.models import Referral
from referrals.tests.factories import CategoryFactory, NetworkRoleFactory
from referrals.tests.worlds import World, live_on, only_strand


def found(user, **query) -> set[str]:
    rows = visible_to(user, Referral)
    filtered = ReferralFilter(query, queryset=rows, request=SimpleNamespace(user=user))
    return {referral.reference for referral in filtered.qs}


def test_the_beginning_of_a_reference_finds_it(world):
    for reference in ("K4P7-3NMV", "K3P7-3NMV"):
        Referral.objects.filter(pk=world.submit().pk).update(reference=reference)
    assert found(world.coordinator, q="k4p") == {"K4P7-3NMV"}


def test_a_whole_reference_is_found_however_it_is_typed(world):
    referral = world.submit()
    world.submit()
    typed = f" {referral.reference.replace('-', '').lower()}"
    assert found(world.coordinator, q=typed) == {referral.reference}


def test_assigned_to_means_asked_or_accepted_now(world):
    referral = world.submit()
    first, second, _ = (organisation.pk for organisation in world.organisations)
    assert found(world.coordinator, assigned=first) == {referral.reference}
    assert found(world.coordinator, assigned=second) == set()


def test_a_need_covers_those_below_it_and_stands_above_them(world):
    below = CategoryFactory(network=world.network, parent=world.needs[0], name="Below")
    referral = world.submit(need_ids=frozenset({below.pk}))
    assert found(world.coordinator, need=world.needs[0].pk) == found(world.coordinator, need=below.pk)
    assert found(world.coordinator, need=below.pk) == {referral.reference}
    assert found(world.coordinator, need=world.needs[1].pk) == set()
    form = ReferralFilter({}, queryset=Referral.objects.all(), request=SimpleNamespace(user=world.coordinator)).form
    labels = [label for _, label in form.fields["need"].choices]
    assert labels.index("\u2003Below") == labels.index(world.needs[0].name) + 1


def test_what_was_rejected_is_found_by_who_rejected_it_and_who_reads_it_in_full(world):
    referral = world.submit()
    world.submit(services=world.services[2:])
    workflow.reject(live_on(only_strand(referral)).pk, actor=world.owners[0], reason=RejectReason.NO_ROOM)
    for reader in (world.owners[0], world.owners[1], world.coordinator):
        assert found(reader, answer="rejected") == {referral.reference}
    assert found(world.owners[2], answer="rejected") == set()


def test_what_was_not_answered_in_time_is_found(world):
    late = world.submit(at=timezone.now() - timedelta(days=3))
    world.submit()
    assert found(world.coordinator, answer="overdue") == {late.reference}


def test_the_days_of_sending_are_those_of_the_place(world):
    """In summer a day in London begins an hour before the day of UTC."""
    midnight = datetime(2026, 7, 1, tzinfo=timezone.get_current_timezone())
    first, second = (world.submit(at=midnight + timedelta(minutes=minutes)).reference for minutes in (-1, 1))
    assert found(world.coordinator, sent_from="2026-07-01") == {second}
    assert found(world.coordinator, sent_to="2026-06-30") == {first}
    assert found(world.coordinator, sent_from="2026-06-30", sent_to="2026-07-01") == {first, second}
    for impossible in ("9999-12-31", "0001-01-01", "31/2/2026"):
        assert found(world.coordinator, sent_to=impossible) == set()


def test_who_sent_it_is_found_by_those_who_read_it(world):
    referral = world.submit(source_organisation="Citizens Advice Camden", services=world.services[:1])
    for reader, finds in ((world.coordinator, True), (world.owners[0], True), (world.owners[1], False)):
        assert (found(reader, source="advice cam") == {referral.reference}) == finds


def test_a_network_is_a_choice_where_there_are_several(world):
    other = World()
    NetworkRoleFactory(network=other.network, user=world.coordinator, role=Role.COORDINATOR)
    here, there = world.submit(), other.submit()
    assert found(world.coordinator, network=other.network.pk) == {there.reference}
    assert found(world.coordinator, network=world.network.pk) == {here.reference}
    assert found(world.owners[0], network=other.network.pk) == {here.reference}  # they have one: it is no filter


def test_other_networks_rows_are_no_choice(world):
    other = World()
    form = ReferralFilter({}, queryset=Referral.objects.all(), request=SimpleNamespace(user=world.coordinator)).form
    for choice in (other.needs[0], world.needs[0]):
        assert (choice in form.fields["need"].queryset) == (choice.network == world.network)
    assert set(form.fields["assigned"].queryset) == set(world.organisations)


def test_referrals_concern_organisations_asked_and_the_coordinator_in_charge(world):
    unplaced = world.submit(services=[])
    asked = world.submit(services=world.services[:1])

    def concerned(organisations, networks) -> list[str]:
        return list(Referral.objects.filter(concerns(organisations, networks)).values_list("reference", flat=True))

    assert concerned([world.organisations[0].pk], []) == [asked.reference]
    assert concerned([world.organisations[1].pk], []) == []
    assert concerned([], [world.network.pk]) == [unplaced.reference]
    assert live_on(only_strand(asked)).organisation == world.organisations[0]


def test_urgent_ones_are_those_still_open(world):
    urgent = world.submit(is_urgent=True)
    world.submit()
    assert list(Referral.objects.filter(OPEN_AND_URGENT)) == [urgent]
