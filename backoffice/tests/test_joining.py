"""Inviting, joining, teams, places and memberships, through the screens."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from referrals import workflow
from referrals.enums import OrganisationRole, Role
from referrals.models import Invitation, NetworkMembership, Organisation, OrganisationMember, User
from referrals.tests import factories as f
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db

NEW = {"name": "Ana Reyes", "password": "rowan bridge lantern", "again": "rowan bridge lantern"}
KITCHEN = {"organisation-name": "Elm Row Kitchen", "organisation-email": "office@elmrow.example"}


def team(place) -> str:
    return reverse("backoffice:team", args=[place._meta.model_name, place.pk])


def text_of(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def invited(world, signed_in) -> Invitation:
    data = {"network": world.network.pk, "name": "Elm Row Kitchen", "email": "ana@elmrow.example"}
    response = signed_in(world.coordinator).post(reverse("backoffice:invite_organisation"), data, follow=True)
    assert "ana@elmrow.example has been invited" in text_of(response)
    return Invitation.objects.get()


def link(invitation: Invitation) -> str:
    return reverse("join", args=[invitation.token])


def test_an_invited_organisation_joins_and_lands_on_its_first_steps(world, signed_in):
    invitation, client = invited(world, signed_in), Client()
    assert f"Join {world.network}" in text_of(client.get(link(invitation)))
    response = client.post(link(invitation), NEW | KITCHEN, follow=True)
    organisation = Organisation.objects.get(name="Elm Row Kitchen")
    assert response.redirect_chain == [(reverse("backoffice:first_steps", args=[organisation.pk]), 302)]
    assert "Add a service" in text_of(response)
    assert "Elm Row Kitchen" in text_of(signed_in(world.coordinator).get(reverse("backoffice:network_list")))


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(world, signed_in):
    invitation = invited(world, signed_in)
    wrong = NEW | KITCHEN | {"again": "something else", "organisation-email": "no address"}
    response = Client().post(link(invitation), wrong)
    assert "The two passwords are not the same" in text_of(response)
    assert "Enter a valid email address" in text_of(response)
    assert 'value="Ana Reyes"' in response.text
    assert not User.objects.filter(email="ana@elmrow.example").exists()
    weak = Client().post(link(invitation), NEW | KITCHEN | {"password": "1234567890", "again": "1234567890"})
    assert "entirely numeric" in text_of(weak)


@pytest.mark.parametrize(
    ("ending", "status", "words"),
    [
        ({"withdrawn_at": timezone.now()}, 410, "has been withdrawn"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, 410, "has expired"),
        ({"accepted_at": timezone.now()}, 410, "has been used"),
    ],
)
def test_a_dead_link_says_what_has_become_of_it(ending, status, words, world, signed_in):
    invitation = invited(world, signed_in)
    Invitation.objects.update(**ending)
    for response in (Client().get(link(invitation)), Client().post(link(invitation), NEW | KITCHEN)):
        assert response.status_code == status
        assert words in text_of(response)
    assert not User.objects.filter(email="ana@elmrow.example").exists()


def test_a_made_up_link_is_no_invitation():
    response = Client().get(reverse("join", args=["5.made-up"]))
    assert (response.status_code, "not an invitation" in text_of(response)) == (404, True)


def test_who_has_an_account_signs_in_first_and_can_bring_an_organisation(world, signed_in):
    owner = World().owners[0]
    own = Organisation.objects.get(members__user=owner)
    invitation = f.InvitationFactory(network=world.network, email=owner.email.upper(), invited_by=world.coordinator)
    asked_to_sign_in = Client().get(link(invitation))
    assert "has an account here already" in text_of(asked_to_sign_in)
    client = signed_in(owner)
    assert own.name in text_of(client.get(link(invitation)))
    client.post(link(invitation), {"existing": own.pk})
    assert set(own.memberships.values_list("network", "status")) >= {(world.network.pk, "active")}
    other = f.InvitationFactory(network=world.network, email=owner.email, invited_by=world.coordinator)
    foreign = client.post(link(other), {"existing": world.organisations[0].pk})
    assert foreign.status_code == 200
    assert other.accepted_at is None


def test_an_invitation_is_not_accepted_as_somebody_else(world, signed_in):
    response = signed_in(world.owners[0]).post(link(invited(world, signed_in)), KITCHEN)
    assert (response.status_code, "is for ana@elmrow.example" in text_of(response)) == (403, True)


def test_invitations_are_sent_again_and_withdrawn_where_they_are_listed(world, signed_in):
    invitation, client = invited(world, signed_in), signed_in(world.coordinator)
    page = reverse("backoffice:invite_organisation")
    assert "ana@elmrow.example" in text_of(client.get(page))
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=True):
        again = client.post(reverse("backoffice:invitation_again", args=[invitation.pk]), follow=True)
    assert "is being sent again" in text_of(again)
    withdraw = reverse("backoffice:invitation_withdraw", args=[invitation.pk])
    asked = client.get(withdraw)
    assert "Withdraw the invitation to ana@elmrow.example?" in text_of(asked)
    assert f'href="{page}"' in asked.text
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None, "looking at the page withdraws nothing"
    withdrawn = client.post(withdraw, follow=True)
    assert "has been withdrawn" in text_of(withdrawn)
    assert "Send again" not in text_of(client.get(page))
    assert client.get(withdraw).status_code == 404


def test_where_invitations_are_listed_withdrawing_leads_to_a_page_that_asks(world, signed_in):
    invitation, client = invited(world, signed_in), signed_in(world.coordinator)
    withdraw = reverse("backoffice:invitation_withdraw", args=[invitation.pk])
    listed = client.get(reverse("backoffice:invite_organisation")).text
    assert f'href="{withdraw}"' in listed
    assert f'action="{withdraw}"' not in listed


def test_an_owner_keeps_the_team(world, signed_in):
    organisation, client = world.organisations[0], signed_in(world.owners[0])
    member = f.OrganisationMemberFactory(organisation=organisation, role=OrganisationRole.MEMBER)
    page = team(organisation)
    client.post(page, {"email": "bo@example.org", "role": "member"})
    assert "bo@example.org" in text_of(client.get(page))
    client.post(reverse("backoffice:team_role", args=["organisation", organisation.pk, member.pk]), {"role": "owner"})
    member.refresh_from_db()
    assert member.role == "owner"
    remove = reverse("backoffice:team_remove", args=["organisation", organisation.pk, member.pk])
    assert "Remove" in text_of(client.get(remove))
    assert "has been removed" in text_of(client.post(remove, follow=True))
    last = OrganisationMember.objects.get(user=world.owners[0])
    refused = client.post(
        reverse("backoffice:team_remove", args=["organisation", organisation.pk, last.pk]), follow=True
    )
    assert "needs an owner" in text_of(refused)


def test_a_member_sees_the_team_and_changes_nothing(world, signed_in):
    organisation = world.organisations[0]
    member = f.OrganisationMemberFactory(organisation=organisation, role=OrganisationRole.MEMBER)
    client = signed_in(member.user)
    page = client.get(team(organisation))
    assert world.owners[0].email in page.text
    assert "Invite somebody" not in page.text
    assert "cannot" in text_of(
        client.post(team(organisation), {"email": "x@example.org", "role": "owner"}, follow=True)
    ) or (not Invitation.objects.exists())
    assert not Invitation.objects.exists()


def test_a_coordinator_keeps_the_networks_team(world, signed_in):
    client = signed_in(world.coordinator)
    page = client.get(team(world.network))
    assert "Content editor" not in page.text
    client.post(team(world.network), {"email": "cy@council.example", "role": Role.COMMISSIONER})
    client.post(team(world.network), {"email": "ed@council.example", "role": Role.EDITOR})
    assert [i.network_role for i in Invitation.objects.all()] == ["commissioner"]


def test_suspending_says_what_will_happen_and_then_does_it(world, signed_in):
    accepted, offered = world.submit(), world.submit()
    workflow.accept(live_on(only_strand(accepted)).pk, actor=world.owners[0])
    client = signed_in(world.coordinator)
    membership = NetworkMembership.objects.get(organisation=world.organisations[0])
    page = reverse("backoffice:membership_suspend", args=[membership.pk])
    assert "1 offer it has not answered goes to the next organisation" in text_of(client.get(page))
    assert "1 open case stays with it" in text_of(client.get(page))
    assert "is suspended" in text_of(client.post(page, follow=True))
    assert live_on(only_strand(offered)).organisation == world.organisations[1]
    index = text_of(client.get(reverse("backoffice:index")))
    assert "Its organisation is suspended or has left" in index
    assert accepted.reference in index
    client.post(reverse("backoffice:membership_reinstate", args=[membership.pk]))
    membership.refresh_from_db()
    assert membership.status == "active"


def test_an_owner_can_leave_and_then_sees_the_network_no_more(world, signed_in):
    client = signed_in(world.owners[0])
    membership = NetworkMembership.objects.get(organisation=world.organisations[0])
    client.post(reverse("backoffice:membership_leave", args=[membership.pk]))
    membership.refresh_from_db()
    assert membership.status == "left"
    assert client.get(reverse("backoffice:referrals_network_change", args=[world.network.pk])).status_code == 403


def test_somebody_with_several_places_switches_between_them(world, signed_in):
    other = World(name="Elsewhere")
    user = world.owners[0]
    f.OrganisationMemberFactory(organisation=other.organisations[0], user=user, role=OrganisationRole.OWNER)
    here, there = world.submit(), other.submit()
    client = signed_in(user)
    referrals = reverse("backoffice:referrals")
    both = client.get(referrals).text
    assert (here.reference in both, there.reference in both) == (True, True)
    place = f"{other.organisations[0].pk}-{other.network.pk}"
    told = text_of(client.post(reverse("backoffice:switch"), {"workplace": place}, follow=True))
    assert f"You are in {other.organisations[0]} now, Elsewhere" in told
    only = client.get(referrals).text
    assert (here.reference in only, there.reference in only) == (False, True)
    assert client.get(f"{referrals}?view={here.reference}").status_code == 200, "a link opens whatever the place"
    services = client.get(reverse("backoffice:referrals_service_changelist")).context["cl"].result_list
    assert {service.network for service in services} == {other.network}
    client.post(reverse("backoffice:switch"), {"workplace": f"{world.organisations[1].pk}-{world.network.pk}"})
    assert here.reference in client.get(referrals).text, "somebody else's place is no place"


def test_who_has_one_place_has_nothing_to_switch(world, signed_in):
    page = signed_in(world.owners[0]).get(reverse("backoffice:index"))
    assert reverse("backoffice:switch") not in page.text
    assert world.organisations[0].name in text_of(page)


def test_a_new_organisation_is_led_to_its_first_steps_until_it_offers_something(world, signed_in):
    organisation = f.OrganisationFactory(network=world.network)
    owner = f.OrganisationMemberFactory(organisation=organisation, role=OrganisationRole.OWNER).user
    client = signed_in(owner)
    steps = reverse("backoffice:first_steps", args=[organisation.pk])
    assert steps in client.get(reverse("backoffice:index")).text
    f.ServiceFactory(network=world.network, organisation=organisation)
    assert "You are ready" in text_of(client.get(steps))
    index = BeautifulSoup(client.get(reverse("backoffice:index")).content, "html.parser")
    assert not index.select_one(f'.dashboard-tasks a[href="{steps}"]')


def test_a_content_editor_is_one_in_the_cms_and_nowhere_else(world, signed_in):
    editor = f.NetworkRoleFactory(network=world.network, role=Role.EDITOR)
    client = signed_in(editor.user)
    assert client.get("/cms/").status_code == 200
    assert "Edit the public site" in client.get(reverse("backoffice:index")).text
    assert client.get(reverse("backoffice:referrals")).status_code == 404
    for other in (world.coordinator, world.owners[0], world.commissioner):
        assert signed_in(other).get("/cms/").status_code == 302
    editor.delete()
    assert signed_in(editor.user).get("/cms/").status_code == 302
