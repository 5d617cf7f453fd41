"""Every opening of somebody's full details is written down, for the coordinators of its network."""

import pytest
from django.db import DatabaseError, transaction

from referrals.access import visible_to
from referrals.access.access_log import log_access, log_person_access
from referrals.enums import Screen
from referrals.models import AccessRecord
from referrals.tests.factories import OrganisationMemberFactory, UserFactory
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


def test_only_what_the_user_may_read_in_full_counts_as_opened(world):
    referrals = [world.submit().pk, world.submit(services=world.services[1:]).pk]
    assert log_access(world.owners[0], referrals, Screen.EXPORT) == 1
    assert log_access(world.owners[2], referrals, Screen.EXPORT) == 0
    opening = AccessRecord.objects.get()
    assert (opening.user, opening.referral_id, opening.screen) == (world.owners[0], referrals[0], "export")
    assert opening.person == opening.referral.person


def test_the_coordinator_lists_them_also_after_the_user_has_left(world):
    referral = world.submit()
    log_person_access(world.owners[0], referral.person_id, Screen.PERSON)
    world.owners[0].organisation_roles.all().delete()
    readers = [world.coordinator, world.owners[0], world.owners[1], world.commissioner, World().coordinator]
    assert [visible_to(user, AccessRecord).count() for user in readers] == [1, 0, 0, 0, 0]


def test_in_a_linked_referral_each_network_lists_its_own(world):
    other = World()
    referral = world.submit(
        choices={world.network.pk: [world.services[0].pk], other.network.pk: [other.services[0].pk]},
        need_ids=frozenset({world.needs[0].pk, other.needs[0].pk}),
    )
    for user in (world.owners[0], other.owners[0], UserFactory(is_superuser=True)):
        log_access(user, [referral.pk], Screen.REFERRAL)
    seen = [
        visible_to(user, AccessRecord).values_list("user__name", flat=True)
        for user in (world.coordinator, other.coordinator)
    ]
    assert [len(names) for names in seen] == [2, 1]  # the operator's through the network of the form
    assert list(seen[1]) == [other.owners[0].name]


def test_access_is_logged_in_the_network_that_gave_it(world):
    other = World()
    referral = world.submit(
        choices={world.network.pk: [world.services[0].pk], other.network.pk: [other.services[0].pk]},
        need_ids=frozenset({world.needs[0].pk, other.needs[0].pk}),
    )
    both = other.owners[0]  # has the offer there, and only knows of the referral here
    OrganisationMemberFactory(organisation=world.organisations[2], user=both)
    log_access(both, [referral.pk], Screen.REFERRAL)
    assert AccessRecord.objects.get().network == other.network


def test_an_opening_is_never_changed(world):
    log_access(world.owners[0], [world.submit().pk], Screen.REFERRAL)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccessRecord.objects.update(screen=Screen.EXPORT)
