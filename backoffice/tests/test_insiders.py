"""People who have a part in it, and want more: what they tried once, tried again for good."""

import logging

import pytest
from django.urls import reverse

from backoffice.tests.tables import as_csv, preview, problems, upload, venue_line, venues
from backoffice.tests.tenants import SECRETS, Tenant
from backoffice.tests.test_walls import crawled, snapshot, url
from backoffice.tests.ways_in import signed_in_in_full
from referrals import accounts, workflow
from referrals import models as m
from referrals.access import fully_visible_to, visible_to
from referrals.enums import OrganisationRole, Role
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_a_coordinator_does_not_take_an_organisation_over_unseen(ours):
    """The whole attack: another address, a way in for oneself, the notes, the people out."""
    client = signed_in_in_full(ours.coordinator)
    old = ours.asked.email
    form = {"name": ours.asked.name, "email": "private@attacker.example", "memberships-TOTAL_FORMS": 0}
    sent = client.post(url(m.Organisation, "change", ours.asked.pk), {**form, "memberships-INITIAL_FORMS": 0})
    assert sent.status_code == 302
    told = m.Notification.objects.filter(kind="access_changed", account_event__kind="email_changed")
    assert {old, "private@attacker.example", ours.insider.email} <= set(told.values_list("recipient", flat=True))
    team = reverse("backoffice:team", args=["organisation", ours.asked.pk])
    client.post(team, {"email": "private@attacker.example", "role": "owner"})
    invitation = m.Invitation.objects.get(email="private@attacker.example")
    accomplice = f.UserFactory(email="private@attacker.example")
    join = reverse("join", args=[invitation.token])
    assert signed_in_in_full(accomplice).post(join).status_code == 410
    assert not visible_to(accomplice, m.CaseNote).exists()
    member = m.OrganisationMember.objects.get(user=ours.insider)
    client.post(reverse("backoffice:team_remove", args=["organisation", ours.asked.pk, member.pk]))
    assert m.OrganisationMember.objects.filter(pk=member.pk).exists()


def test_a_coordinator_cannot_make_the_way_free_by_demoting_or_removing_owners(ours):
    """As long as there is an owner, one of them decides; and the last one cannot be removed or demoted."""
    second = f.OrganisationMemberFactory(organisation=ours.asked, role=OrganisationRole.OWNER)
    accounts.remove_member(second.pk, actor=ours.coordinator)
    last = m.OrganisationMember.objects.get(organisation=ours.asked)
    for change in (
        lambda: accounts.remove_member(last.pk, actor=ours.coordinator),
        lambda: accounts.change_role(last.pk, actor=ours.coordinator, role=OrganisationRole.MEMBER),
    ):
        with pytest.raises(workflow.Refusal):
            change()
    invitation = accounts.invite_colleague(
        ours.asked.pk, actor=ours.coordinator, email="a@attacker.example", role=OrganisationRole.MEMBER
    )
    assert accounts.awaits_owner(invitation)


def test_linking_networks_shows_neither_to_the_other(ours, theirs):
    """Not by the form of one's own network, and not by coordinating both for a moment."""
    page = url(m.Network, "change", ours.network.pk)
    client = signed_in_in_full(ours.coordinator)
    form = client.get(page).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    response = client.post(page, {**sent, "linked_networks": [theirs.network.pk]})
    assert "linked_networks" in response.context["adminform"].form.errors
    ours.network.linked_networks.add(theirs.network)
    for user in (ours.coordinator, ours.insider, ours.commissioner):
        assert not visible_to(user, m.Referral).filter(pk=theirs.referral.pk).exists()
        assert not visible_to(user, m.Question).filter(network=theirs.network).exists()
        assert not visible_to(user, m.Organisation).filter(pk=theirs.asked.pk).exists()


def test_an_owner_does_not_reach_into_another_organisation_by_a_mixed_key(ours):
    """The address names one organisation, the member or invitation in it another."""
    owner = signed_in_in_full(ours.outsider)
    member = m.OrganisationMember.objects.get(user=ours.insider)
    foreign = accounts.invite_colleague(
        ours.asked.pk, actor=ours.coordinator, email="new@pantry.example", role=OrganisationRole.OWNER
    )
    before = snapshot(member), snapshot(foreign)
    for organisation in (ours.asked, ours.bystander):
        for page, data in (("team_role", {"role": "member"}), ("team_remove", {})):
            address = reverse(f"backoffice:{page}", args=["organisation", organisation.pk, member.pk])
            assert owner.post(address, data).status_code == 404
    team = reverse("backoffice:team", args=["organisation", ours.asked.pk])
    assert owner.post(team, {"email": "mine@attacker.example", "role": "owner"}).status_code == 404
    for page in ("again", "withdraw", "decide"):
        address = reverse(f"backoffice:invitation_{page}", args=[foreign.pk])
        assert owner.post(address, {"answer": "yes"}).status_code == 404
    assert (snapshot(member), snapshot(foreign)) == before


@pytest.mark.parametrize("how", ["suspended", "removed", "switched off"])
def test_an_open_session_ends_with_the_right(ours, how):
    client = signed_in_in_full(ours.insider)
    page = f"{reverse('backoffice:referrals')}?view={ours.referral.reference}"
    assert "SECRET ADDRESS" in client.get(page).text
    f.OrganisationMemberFactory(organisation=ours.asked, role=OrganisationRole.OWNER)
    if how == "suspended":
        membership = m.NetworkMembership.objects.get(organisation=ours.asked)
        workflow.suspend(membership.pk, actor=ours.coordinator)
    elif how == "removed":
        member = m.OrganisationMember.objects.get(user=ours.insider)
        accounts.remove_member(member.pk, actor=ours.coordinator)
    else:
        ours.insider.is_active = False
        accounts.save_user(ours.insider, actor=None)
    download = reverse("backoffice:workspace_download", args=[ours.referral.reference])
    for address in (page, download, url(m.Person, "change", ours.referral.person_id)):
        said = client.get(address).getvalue().decode()
        assert not any(secret in said for secret in SECRETS if secret != "SECRET "), address
    assert client.post(
        reverse("backoffice:workspace_note", args=[ours.referral.reference]), {"text": "Hello"}
    ).status_code in (
        302,
        403,
        404,
    )
    assert not m.Note.objects.filter(text="Hello").exists()


def test_a_member_moves_no_service_or_venue_to_another_organisation(ours):
    client = signed_in_in_full(ours.insider)
    for row in (ours.service, ours.venue, ours.activity, ours.picture):
        page = url(type(row), "change", row.pk)
        form = client.get(page).context["adminform"].form
        sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
        client.post(page, {**sent, "organisation": ours.bystander.pk, "network": ours.network.pk})
        row.refresh_from_db()
        assert row.organisation == ours.asked


def test_a_member_of_two_organisations_brings_none_of_one_into_the_other_by_a_table(ours, theirs):
    """Own rows with another's key, and a key of one's own with another's name."""
    m.OrganisationMember.objects.create(organisation=theirs.bystander, user=ours.insider, role=OrganisationRole.OWNER)
    client = signed_in_in_full(ours.insider)
    before = [snapshot(row) for row in (ours.venue, theirs.venue)]
    lines = [
        venue_line(str(theirs.venue.pk), "Ours pantry", "Mine"),
        venue_line(str(ours.venue.pk), "Theirs bystander", "Mine"),
        venue_line("", "Theirs pantry", "Mine"),
    ]
    for line in lines:
        assert problems(preview(client, m.Venue, venues(line)))
    assert [snapshot(row) for row in (ours.venue, theirs.venue)] == before
    assert not m.Venue.objects.filter(name="Mine").exists()


def test_nobody_confirms_the_table_that_another_has_uploaded(ours):
    """Not by its key, and not in another session of one's own."""
    heads = ["ID", "Name", "E-mail for referrals", "Phone", "Website", "Description"]
    table = as_csv(heads, [ours.asked.pk, "Stolen", "a@example.org", "", "", ""])
    address = upload(signed_in_in_full(ours.insider), m.Organisation, table)["Location"]
    for user in (ours.insider, ours.coordinator, ours.outsider):
        client = signed_in_in_full(user)
        assert "Stolen" not in client.get(address).text
        client.post(address)
    ours.asked.refresh_from_db()
    assert ours.asked.name != "Stolen"


def test_two_roles_give_no_more_than_each(ours, theirs):
    """A commissioner of a network who owns an organisation in another, and the other way round."""
    both = f.UserFactory(name="Both")
    m.NetworkRole.objects.create(network=ours.network, user=both, role=Role.COMMISSIONER)
    m.OrganisationMember.objects.create(organisation=theirs.bystander, user=both, role=OrganisationRole.OWNER)
    assert not fully_visible_to(both).exists()
    assert list(visible_to(both, m.Referral)) == [theirs.referral]
    for address, text in crawled(signed_in_in_full(both)).items():
        assert not any(secret in text for secret in SECRETS), address


def test_a_coordinator_is_no_commissioners_back_door(ours: Tenant):
    """Being a commissioner as well, or inviting oneself as one, opens nothing of an organisation's own."""
    m.NetworkRole.objects.create(network=ours.network, user=ours.coordinator, role=Role.COMMISSIONER)
    assert not visible_to(ours.coordinator, m.CaseNote).exists()
    with pytest.raises(workflow.Refusal):
        accounts.invite_colleague(
            ours.asked.pk, actor=ours.coordinator, email=ours.coordinator.email, role=OrganisationRole.MEMBER
        )
