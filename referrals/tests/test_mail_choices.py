"""Who gets which e-mail is chosen, and what waits always goes to somebody."""

import pytest

from referrals import accounts, notifications, workflow
from referrals.models import Notification
from referrals.notification_kinds import MailGroup, NotificationKind
from referrals.refusals import NotAllowed, Refusal
from referrals.tests import factories as f
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db

EVERYTHING = list(MailGroup.values)


@pytest.fixture
def larder(world):
    return world.organisations[0]


@pytest.fixture
def owner(world, larder):
    return larder.members.get(user=world.owners[0])


@pytest.fixture
def member(larder):
    return f.OrganisationMemberFactory(organisation=larder)


def recipients(kind: str) -> list[str]:
    return sorted(Notification.objects.filter(kind=kind).values_list("recipient", flat=True))


def test_at_first_everything_goes_to_the_common_address(world, larder, member):
    world.submit(services=world.services[:1])
    assert recipients("organisation_asked") == [larder.email]


def test_what_was_chosen_goes_to_those_who_were_chosen(world, larder, owner, member):
    chosen = {member.pk: [MailGroup.ACTION], owner.pk: [MailGroup.NEWS]}
    accounts.choose_mail(larder, actor=owner.user, own_address=[], team=chosen)
    referral = world.submit(services=world.services[:1])
    assert recipients("organisation_asked") == [member.user.email]
    workflow.withdraw(live_on(only_strand(referral)).pk, actor=world.coordinator)
    assert recipients("organisation_released") == [owner.user.email]


def test_an_address_that_is_chosen_twice_gets_one_copy(world, larder, owner):
    owner.user.email = larder.email.upper()
    owner.user.save()
    accounts.choose_mail(larder, actor=owner.user, own_address=EVERYTHING, team={owner.pk: EVERYTHING})
    world.submit(services=world.services[:1])
    assert len(recipients("organisation_asked")) == 1


def test_what_waits_cannot_be_switched_off_for_everybody(larder, owner, member):
    with pytest.raises(Refusal, match="Somebody has to hear"):
        accounts.choose_mail(larder, actor=owner.user, own_address=[MailGroup.DIGEST], team={})
    larder.refresh_from_db()
    assert larder.mail_groups == EVERYTHING


@pytest.mark.parametrize("goes", ["leaves", "is switched off"])
def test_when_the_last_one_chosen_is_gone_it_goes_to_the_common_address(world, larder, owner, member, goes):
    accounts.choose_mail(larder, actor=owner.user, own_address=[], team={member.pk: [MailGroup.ACTION]})
    if goes == "leaves":
        accounts.remove_member(member.pk, actor=owner.user)
    else:
        member.user.is_active = False
        member.user.save()
    world.submit(services=world.services[:1])
    assert recipients("organisation_asked") == [larder.email]


def test_a_member_chooses_for_themselves_alone(larder, owner, member):
    accounts.choose_mail(larder, actor=member.user, own_address=[], team={member.pk: EVERYTHING, owner.pk: EVERYTHING})
    member.refresh_from_db()
    owner.refresh_from_db()
    larder.refresh_from_db()
    assert (member.mail_groups, owner.mail_groups, larder.mail_groups) == (EVERYTHING, [], EVERYTHING)


def test_another_organisation_does_not_choose(world, larder):
    with pytest.raises(NotAllowed):
        accounts.choose_mail(larder, actor=world.owners[1], own_address=EVERYTHING, team={})


def test_coordinators_choose_too(world):
    role = world.network.roles.get(user=world.coordinator)
    accounts.choose_mail(
        world.network, actor=world.coordinator, own_address=[MailGroup.DIGEST], team={role.pk: [MailGroup.ACTION]}
    )
    world.submit(services=[])
    assert recipients("coordinator_told") == [world.coordinator.email]
    world.network.refresh_from_db()
    found = notifications.find_recipients(world.network, NotificationKind.COORDINATOR_DIGEST)
    assert found == [world.network.email]
