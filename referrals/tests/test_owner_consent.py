"""Who is asked, and when, whether somebody may come in whom somebody from outside has invited."""

import threading

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from referrals import accounts, tasks
from referrals.enums import OrganisationRole
from referrals.models import Invitation, Notification, OrganisationMember, User
from referrals.refusals import Refusal
from referrals.tests import factories as f
from referrals.tests.threads import at_once, wait_for_lock
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


def invite(world: World, email: str = "ana@outside.example") -> Invitation:
    organisation = world.organisations[0]
    return accounts.invite_colleague(organisation.pk, actor=world.coordinator, email=email, role=OrganisationRole.OWNER)


def asked() -> list[str]:
    return sorted(Notification.objects.filter(kind="owner_asked").values_list("recipient", flat=True))


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("opal@operators.example", "a long enough password")


class TestOwnersAreAsked:
    """About what was sent while there was none, whoever makes the first one."""

    def test_when_a_coordinator_gives_a_member_that_role(self, world):
        OrganisationMember.objects.filter(user=world.owners[0]).update(role=OrganisationRole.MEMBER)
        invite(world)
        member = OrganisationMember.objects.get(user=world.owners[0])
        accounts.change_role(member.pk, actor=world.coordinator, role=OrganisationRole.OWNER)
        assert asked() == [world.owners[0].email]

    @pytest.mark.parametrize("right", ["is_active", "is_staff"])
    def test_when_one_can_sign_in_again(self, world, operator, right):
        owner = world.owners[0]
        setattr(owner, right, False)
        accounts.save_user(owner, actor=operator)
        invite(world)
        assert asked() == []
        setattr(owner, right, True)
        for _ in range(2):
            accounts.save_user(owner, actor=operator)
        assert asked() == [owner.email]

    def test_about_what_was_sent_before_an_upgrade_to_this_rule(self, world):
        fields = {
            "organisation": world.organisations[0],
            "role": OrganisationRole.MEMBER,
            "invited_by": world.coordinator,
        }
        invitation = Invitation.objects.create(email="ana@outside.example", **fields)
        Invitation.objects.create(email="ben@outside.example", withdrawn_at=timezone.now(), **fields)
        accounts.invite_organisation(world.network.pk, actor=world.coordinator, name="Elm", email="e@elm.example")
        assert asked() == []
        assert [tasks.ask_owners_due() for _ in range(2)] == [1, 0]
        assert asked() == [world.owners[0].email]
        assert Notification.objects.get(kind="owner_asked").account_event.invitation == invitation


@pytest.mark.parametrize("decide", ["agree", "refuse", "force"])
def test_what_needs_no_owners_yes_cannot_be_decided(world, operator, decide):
    for_organisation = accounts.invite_organisation(
        world.network.pk, actor=world.coordinator, name="Elm", email="e@elm.example"
    )
    from_inside = accounts.invite_colleague(
        world.organisations[0].pk, actor=world.owners[0], email="c@inside.example", role=OrganisationRole.MEMBER
    )
    verb, actor, more = {
        "agree": (accounts.agree_to_invitation, world.owners[0], {}),
        "refuse": (accounts.refuse_invitation, world.owners[0], {}),
        "force": (accounts.force_invitation, operator, {"reason": "Nobody answers."}),
    }[decide]
    for invitation in (for_organisation, from_inside):
        with pytest.raises(Refusal, match="No owner has to agree"):
            verb(invitation.pk, actor=actor, **more)
    assert Invitation.objects.open().count() == 2


def test_an_operators_page_is_there_only_while_an_owner_has_to_agree(world, operator, client):
    client.force_login(operator)
    waiting = invite(world)
    for_organisation = accounts.invite_organisation(
        world.network.pk, actor=world.coordinator, name="Elm", email="e@elm.example"
    )

    def status(invitation: Invitation) -> int:
        return client.get(reverse("backoffice:invitation_force", args=[invitation.pk])).status_code

    assert (status(waiting), status(for_organisation)) == (200, 404)
    accounts.agree_to_invitation(waiting.pk, actor=world.owners[0])
    assert status(waiting) == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_join_as_first_owners_at_once_the_second_needs_the_firsts_yes():
    world = World(organisations=1)
    OrganisationMember.objects.all().delete()
    users = [f.UserFactory(email=f"{name}@outside.example") for name in ("ana", "ben")]
    joining = [(invite(world, user.email).pk, user) for user in users]
    results = at_once(*(lambda pk=pk, user=user: accounts.join(pk, user=user) for pk, user in joining))
    assert sum(isinstance(result, Refusal) for result in results) == 1
    assert OrganisationMember.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_owners_are_asked_once_by_two_who_ask_at_the_same_moment():
    world = World()
    organisation, has_asked = world.organisations[0], threading.Event()
    member = f.OrganisationMemberFactory(organisation=organisation)
    invitation = f.InvitationFactory(
        organisation=organisation, network=None, organisation_name="", invited_by=world.coordinator
    )

    def appoint() -> None:
        with transaction.atomic():
            accounts.change_role(member.pk, actor=world.owners[0], role=OrganisationRole.OWNER)
            has_asked.set()
            wait_for_lock()

    def ask() -> bool:
        assert has_asked.wait(timeout=30)
        return accounts.ask_if_unasked(invitation.pk)

    assert at_once(appoint, ask)[1] is False
    assert asked() == sorted([world.owners[0].email, member.user.email])
