"""Invitations, roles and removal, by everybody who may and may not."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from referrals import accounts, notifications, workflow
from referrals.accounts import invitations
from referrals.enums import OrganisationRole, Role
from referrals.models import AccountEvent, Invitation, NetworkRole, Notification, Organisation, OrganisationMember, User
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.tests import factories as f
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db

KITCHEN = accounts.NewOrganisation(name="Elm Row Kitchen", email="office@elmrow.example")
ANA = accounts.NewUser(name="Ana Reyes", password="a long enough password")


def invited(world) -> Invitation:
    return accounts.invite_organisation(
        world.network.pk, actor=world.coordinator, name="Elm Row Kitchen", email="Ana@elmrow.example"
    )


def roles_in(organisation) -> dict[str, str]:
    return dict(OrganisationMember.objects.filter(organisation=organisation).values_list("user__email", "role"))


def test_an_invited_organisation_joins_with_its_first_owner(world):
    user = accounts.join(invited(world).pk, user=ANA, organisation=KITCHEN)
    organisation = Organisation.objects.get(name="Elm Row Kitchen")
    assert (user.email, user.name, user.check_password(ANA.password)) == ("ana@elmrow.example", "Ana Reyes", True)
    assert roles_in(organisation) == {"ana@elmrow.example": "owner"}
    assert [(m.network, m.status) for m in organisation.memberships.all()] == [(world.network, "active")]
    assert list(Notification.objects.values_list("kind", "recipient").order_by("pk")) == [
        ("invited", "ana@elmrow.example"),
        ("joined", world.coordinator.email),
    ]


def test_nobody_invites_without_end(world, monkeypatch):
    monkeypatch.setattr(invitations, "BY_ONE_USER", limit := replace(invitations.BY_ONE_USER, most=2))
    monkeypatch.setitem(invitations._TOO_MANY, limit, "Enough for today.")
    for name in ("Ana", "Ben", "Cleo"):
        arguments = {"actor": world.coordinator, "name": name, "email": f"{name}@example.org"}
        if name == "Cleo":
            with pytest.raises(Refusal, match="Enough"):
                accounts.invite_organisation(world.network.pk, **arguments)
        else:
            accounts.invite_organisation(world.network.pk, **arguments)
    assert Invitation.objects.count() == Notification.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        accounts.invite_organisation(world.network.pk, **arguments)


def test_an_invitation_works_once(world):
    invitation = invited(world)
    accounts.join(invitation.pk, user=ANA, organisation=KITCHEN)
    with pytest.raises(AlreadyDone, match="has been used"):
        accounts.join(invitation.pk, user=ANA, organisation=KITCHEN)
    assert Organisation.objects.filter(name="Elm Row Kitchen").count() == 1


@pytest.mark.parametrize(("ending", "words"), [("withdrawn_at", "has been withdrawn"), ("expires_at", "has expired")])
def test_a_withdrawn_or_expired_invitation_is_refused(ending, words, world):
    invitation = invited(world)
    Invitation.objects.update(**{ending: timezone.now() - timedelta(minutes=1)})
    with pytest.raises(Refusal, match=words):
        accounts.join(invitation.pk, user=ANA, organisation=KITCHEN)
    assert not User.objects.filter(email="ana@elmrow.example").exists()


def test_sending_again_makes_an_expired_invitation_good(world):
    invitation = invited(world)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        accounts.send_again(invitation.pk, actor=world.coordinator)
    accounts.join(invitation.pk, user=ANA, organisation=KITCHEN)
    assert Notification.objects.filter(kind="invited").count() == 2


def test_withdrawing_is_final(world):
    invitation = invited(world)
    accounts.withdraw_invitation(invitation.pk, actor=world.coordinator)
    for verb in (accounts.withdraw_invitation, accounts.send_again):
        with pytest.raises(AlreadyDone):
            verb(invitation.pk, actor=world.coordinator)
    invited(world)  # a new one to the same address is another invitation


def test_an_invitation_is_resent_at_most_every_ten_minutes(world):
    invitation = invited(world)
    with pytest.raises(Refusal, match="a moment ago"):
        accounts.send_again(invitation.pk, actor=world.coordinator)
    assert Notification.objects.count() == 1


@pytest.mark.parametrize("ending", ["is_active", "role"])
def test_an_invitation_fails_once_its_sender_was_removed(ending, world):
    other = f.NetworkRoleFactory(network=world.network).user
    invitation = accounts.invite_to_role(world.network.pk, actor=other, email="x@example.org", role=Role.COORDINATOR)
    if ending == "is_active":
        User.objects.filter(pk=other.pk).update(is_active=False)
    else:
        accounts.remove_role(NetworkRole.objects.get(user=other).pk, actor=world.coordinator)
    with pytest.raises(Refusal, match="no longer valid"):
        accounts.join(invitation.pk, user=ANA)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        accounts.send_again(invitation.pk, actor=world.coordinator)  # who now answers for it
    accounts.join(invitation.pk, user=ANA)


def test_an_invitation_does_not_lift_a_suspension_or_undo_a_later_leaving(world):
    owner, own = world.owners[0], world.organisations[0]
    invitation = accounts.invite_organisation(world.network.pk, actor=world.coordinator, name="X", email=owner.email)
    membership = own.memberships.get()
    workflow.suspend(membership.pk, actor=world.coordinator)
    with pytest.raises(NotAllowed, match="Only a coordinator"):
        accounts.join(invitation.pk, user=owner, organisation=own.pk)
    workflow.leave(membership.pk, actor=world.coordinator)
    with pytest.raises(NotAllowed, match="Only a coordinator"):
        accounts.join(invitation.pk, user=owner, organisation=own.pk)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        accounts.send_again(invitation.pk, actor=world.coordinator)
    accounts.join(invitation.pk, user=owner, organisation=own.pk)
    membership.refresh_from_db()
    assert membership.status == "active"


def test_an_organisation_is_notified_of_a_member_invited_by_a_coordinator(world):
    organisation = world.organisations[0]
    arguments = {"actor": world.coordinator, "role": OrganisationRole.OWNER}
    with pytest.raises(NotAllowed, match="cannot invite yourself"):
        accounts.invite_colleague(organisation.pk, email=world.coordinator.email, **arguments)
    invitation = accounts.invite_colleague(organisation.pk, email="bo@example.org", **arguments)
    accounts.agree_to_invitation(invitation.pk, actor=world.owners[0])
    accounts.join(invitation.pk, user=ANA)
    told = Notification.objects.filter(account_event__kind="joined").order_by("recipient")
    assert set(told.values_list("kind", "recipient")) == {
        ("joined", world.coordinator.email),
        ("access_changed", "bo@example.org"),
        ("access_changed", organisation.email),
        ("access_changed", world.owners[0].email),
    }


def test_one_address_has_one_open_invitation(world):
    invited(world)
    with pytest.raises(Refusal, match="has an invitation already"):
        invited(world)
    assert Notification.objects.count() == 1


def test_an_existing_user_joins_with_their_own_organisation(world):
    owner = World().owners[0]
    own = Organisation.objects.get(members__user=owner)
    invitation = accounts.invite_organisation(
        world.network.pk, actor=world.coordinator, name=own.name, email=owner.email
    )
    with pytest.raises(Refusal, match="has an account already"):
        accounts.join(invitation.pk, user=ANA, organisation=KITCHEN)
    with pytest.raises(NotAllowed):
        accounts.join(invitation.pk, user=owner, organisation=world.organisations[0].pk)
    accounts.join(invitation.pk, user=owner, organisation=own.pk)
    assert own.memberships.count() == 2


def test_an_invitation_works_only_for_its_address(world):
    with pytest.raises(NotAllowed, match=r"is for ana@elmrow\.example"):
        accounts.join(invited(world).pk, user=World().owners[0], organisation=KITCHEN)


def test_an_owner_invites_a_colleague(world):
    invitation = accounts.invite_colleague(
        world.organisations[0].pk, actor=world.owners[0], email="bo@example.org", role=OrganisationRole.MEMBER
    )
    accounts.join(invitation.pk, user=accounts.NewUser("Bo", "a long enough password"))
    assert roles_in(world.organisations[0]) == {world.owners[0].email: "owner", "bo@example.org": "member"}
    with pytest.raises(AlreadyDone):
        accounts.invite_colleague(
            world.organisations[0].pk, actor=world.owners[0], email="bo@example.org", role=OrganisationRole.OWNER
        )


def test_a_coordinator_invites_a_commissioner(world):
    invitation = accounts.invite_to_role(
        world.network.pk, actor=world.coordinator, email="cy@council.example", role=Role.COMMISSIONER
    )
    user = accounts.join(invitation.pk, user=accounts.NewUser("Cy", "a long enough password"))
    assert [(r.network, r.role) for r in user.network_roles.all()] == [(world.network, "commissioner")]


def test_content_editors_are_appointed_by_operators(world):
    operator = User.objects.create_superuser("operator@example.org")
    with pytest.raises(NotAllowed):
        accounts.invite_to_role(world.network.pk, actor=world.coordinator, email="ed@example.org", role=Role.EDITOR)
    accounts.invite_to_role(world.network.pk, actor=operator, email="ed@example.org", role=Role.EDITOR)


def attempts(world, member, role) -> dict:
    organisation = world.organisations[0]
    invitation = f.InvitationFactory(network=world.network, invited_by=world.coordinator)
    return {
        "invite_organisation": lambda by: accounts.invite_organisation(
            world.network.pk, actor=by, name="X", email="x@example.org"
        ),
        "invite_colleague": lambda by: accounts.invite_colleague(
            organisation.pk, actor=by, email="x@example.org", role=OrganisationRole.OWNER
        ),
        "invite_to_role": lambda by: accounts.invite_to_role(
            world.network.pk, actor=by, email="x@example.org", role=Role.COORDINATOR
        ),
        "send_again": lambda by: accounts.send_again(invitation.pk, actor=by),
        "withdraw": lambda by: accounts.withdraw_invitation(invitation.pk, actor=by),
        "change_role": lambda by: accounts.change_role(member.pk, actor=by, role=OrganisationRole.OWNER),
        "remove_member": lambda by: accounts.remove_member(member.pk, actor=by),
        "remove_role": lambda by: accounts.remove_role(role.pk, actor=by),
    }


def test_others_cannot_invite_change_or_remove_people(world):
    member = f.OrganisationMemberFactory(organisation=world.organisations[0], role=OrganisationRole.MEMBER)
    role = NetworkRole.objects.get(user=world.commissioner)
    others = [member.user, world.owners[1], world.commissioner, World().coordinator, World().owners[0]]
    for name, attempt in attempts(world, member, role).items():
        for by in others:
            with pytest.raises(NotAllowed):
                attempt(by)
            assert AccountEvent.objects.count() == 0, name


def test_an_organisation_keeps_an_owner_and_a_network_a_coordinator(world):
    owner = OrganisationMember.objects.get(user=world.owners[0])
    for change in (
        lambda: accounts.remove_member(owner.pk, actor=world.coordinator),
        lambda: accounts.change_role(owner.pk, actor=world.owners[0], role=OrganisationRole.MEMBER),
        lambda: accounts.remove_role(NetworkRole.objects.get(user=world.coordinator).pk, actor=world.coordinator),
    ):
        with pytest.raises(Refusal, match=r"needs an? (owner|coordinator)"):
            change()


def test_changing_roles_and_removing_people(world):
    member = f.OrganisationMemberFactory(organisation=world.organisations[0], role=OrganisationRole.MEMBER)
    accounts.change_role(member.pk, actor=world.owners[0], role=OrganisationRole.OWNER)
    accounts.remove_member(OrganisationMember.objects.get(user=world.owners[0]).pk, actor=member.user)
    assert roles_in(world.organisations[0]) == {member.user.email: "owner"}
    events = AccountEvent.objects.order_by("pk").values_list("kind", "actor", "user")
    assert list(events) == [
        ("role_changed", world.owners[0].pk, member.user.pk),
        ("removed", member.user.pk, world.owners[0].pk),
    ]


def test_who_was_removed_while_the_page_was_open_is_removed_already(world):
    member = f.OrganisationMemberFactory(organisation=world.organisations[0])
    role = f.NetworkRoleFactory(network=world.network, role=Role.COMMISSIONER)
    gone = {accounts.remove_member: member.pk, accounts.remove_role: role.pk}
    member.delete()
    role.delete()
    for remove, key in gone.items():
        with pytest.raises(AlreadyDone, match="removed already"):
            remove(key, actor=world.coordinator)


def test_the_outbox_shows_an_invitation_without_its_key(world, mailoutbox):
    invitation = invited(world)
    notification = Notification.objects.get(kind="invited")
    shown = notifications.render(notification)
    notifications.sweep()
    [sent] = mailoutbox
    assert f"/join/{invitation.token}/" in sent.body
    stored = notifications.render(Notification.objects.get(pk=notification.pk))
    for rendered in (shown, stored):
        assert invitation.token not in rendered.text + rendered.html + rendered.subject
    assert "Elm Row" in stored.text


def test_a_forged_link_finds_no_invitation(world):
    invitation, other = invited(world), f.InvitationFactory()
    assert Invitation.objects.of_token(invitation.token) == invitation
    signature = invitation.token.partition(".")[2]
    for token in ("", "1", f"{invitation.pk}", f"{other.pk}.{signature}", invitation.token + "x"):
        assert Invitation.objects.of_token(token) is None


def test_organisations_of_one_name_get_different_slugs(world):
    first, second = accounts.create_organisation(KITCHEN), accounts.create_organisation(KITCHEN)
    assert (first.slug, second.slug) == ("elm-row-kitchen", "elm-row-kitchen-2")


@pytest.mark.django_db(transaction=True)
def test_ten_who_open_one_link_at_once_make_one_organisation():
    invitation = invited(World())

    def accept(_):
        try:
            return accounts.join(invitation.pk, user=ANA, organisation=KITCHEN)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=10) as pool:
        results = list(pool.map(accept, range(10)))
    assert sum(isinstance(result, User) for result in results) == 1
    assert Organisation.objects.filter(name="Elm Row Kitchen").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one():
    world = World()
    second = f.OrganisationMemberFactory(organisation=world.organisations[0], role=OrganisationRole.OWNER)
    first = OrganisationMember.objects.get(user=world.owners[0])

    def remove(pair):
        try:
            return accounts.remove_member(pair[0].pk, actor=pair[1].user)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(remove, [(first, second), (second, first)]))
    assert OrganisationMember.objects.filter(organisation=world.organisations[0], role="owner").count() == 1
