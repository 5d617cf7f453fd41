"""The filters of referrals look into, and offer, only what is of the user's own networks."""

from types import SimpleNamespace

from referrals.access import visible_to
from referrals.filters import OPEN_AND_URGENT, ReferralFilter, concerns
from referrals.models import Referral
from referrals.tests.factories import CategoryFactory
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
