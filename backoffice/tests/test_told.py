"""A change of who may do what is recorded, and told to those responsible, at the old address and at the new one."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.tests.tables import as_csv, imported
from backoffice.tests.test_walls import url
from backoffice.tests.ways_in import signed_in_in_full
from referrals import accounts
from referrals import models as m
from referrals.enums import OrganisationRole, Role
from referrals.notifications import render
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

PASSWORD = "three words at random"


class Place:
    """An organisation with two owners and a member, in a network with two coordinators; and an operator."""

    def __init__(self) -> None:
        self.network = f.NetworkFactory(email="office@network.example")
        self.coordinator, self.other_coordinator = (self._coordinator(name) for name in ("cora", "carl"))
        self.organisation = f.OrganisationFactory(email="office@pantry.example", network=self.network)
        self.owner, self.other_owner = (self._member(name, OrganisationRole.OWNER) for name in ("olga", "omar"))
        self.member = self._member("mia", OrganisationRole.MEMBER)
        self.operator = m.User.objects.create_superuser("opal@operators.example", PASSWORD, name="Opal")
        self.stranger = m.User.objects.create_user("sven@elsewhere.example", PASSWORD)

    def _coordinator(self, name: str) -> m.User:
        user = f.UserFactory(email=f"{name}@network.example", name=name.title())
        f.NetworkRoleFactory(network=self.network, user=user, role=Role.COORDINATOR)
        return user

    def _member(self, name: str, role: str) -> m.User:
        user = f.UserFactory(email=f"{name}@pantry.example", name=name.title())
        f.OrganisationMemberFactory(organisation=self.organisation, user=user, role=role)
        return user

    def post(self, user: m.User, address: str, **data: object) -> object:
        response = signed_in_in_full(user).post(address, data)
        assert response.status_code == 302, response.text
        return response

    def save(self, user: m.User, row: models.Model, **changed: object) -> None:
        client, address = signed_in_in_full(user), url(type(row), "change", row.pk)
        form = client.get(address).context["adminform"].form
        data = {name: form[name].value() for name in form.fields}
        data = {name: value for name, value in data.items() if value is not None and value is not False}
        inlines = {f"{prefix}-{kind}": 0 for prefix in ("memberships",) for kind in ("TOTAL_FORMS", "INITIAL_FORMS")}
        response = client.post(address, {**data, **inlines, **changed})
        assert response.status_code == 302, response.context["errors"]

    def invite(self, actor: m.User, role: OrganisationRole = OrganisationRole.OWNER) -> m.Invitation:
        return accounts.invite_colleague(self.organisation.pk, actor=actor, email=self.stranger.email, role=role)

    def member_page(self, what: str) -> str:
        row = m.OrganisationMember.objects.get(user=self.member)
        return reverse(f"backoffice:team_{what}", args=["organisation", self.organisation.pk, row.pk])

    def let_in(self) -> m.Invitation:
        return accounts.agree_to_invitation(self.invite(self.coordinator).pk, actor=self.owner)


OWNERS = ["office@pantry.example", "olga@pantry.example", "omar@pantry.example"]
COORDINATORS = ["carl@network.example", "cora@network.example", "office@network.example"]


def change_organisation_by_form(place: Place) -> None:
    place.save(place.coordinator, place.organisation, email="mine@attacker.example")


def change_organisation_by_table(place: Place) -> None:
    row = place.organisation
    heads = ["ID", "Name", "E-mail for referrals", "Phone", "Website", "Description"]
    table = as_csv(heads, [row.pk, row.name, "mine@attacker.example", "", "", ""])
    imported(signed_in_in_full(place.coordinator), m.Organisation, table)


def change_network(place: Place) -> None:
    place.save(place.coordinator, place.network, email="mine@attacker.example")


def require_second_factor(place: Place) -> None:
    place.save(place.coordinator, place.network, requires_second_factor="on")


def link_networks(place: Place) -> None:
    other = f.NetworkFactory(email="other@linked.example")
    f.NetworkRoleFactory(network=other, user=place.coordinator, role=Role.COORDINATOR)
    place.save(place.coordinator, place.network, linked_networks=[other.pk])


def change_role(place: Place) -> None:
    place.post(place.coordinator, place.member_page("role"), role="owner")


def remove_member(place: Place) -> None:
    place.post(place.coordinator, place.member_page("remove"))


def invite_as_owner(place: Place) -> None:
    team = reverse("backoffice:team", args=["organisation", place.organisation.pk])
    place.post(place.owner, team, email=place.stranger.email, role="member")


def invite_from_outside(place: Place) -> None:
    team = reverse("backoffice:team", args=["organisation", place.organisation.pk])
    place.post(place.coordinator, team, email=place.stranger.email, role="member")


def agree(place: Place) -> None:
    decide = reverse("backoffice:invitation_decide", args=[place.invite(place.coordinator).pk])
    place.post(place.owner, decide, answer="yes")


def refuse(place: Place) -> None:
    decide = reverse("backoffice:invitation_decide", args=[place.invite(place.coordinator).pk])
    place.post(place.owner, decide, answer="no")


def force(place: Place) -> None:
    page = reverse("backoffice:invitation_force", args=[place.invite(place.coordinator).pk])
    place.post(place.operator, page, reason="The owners have died.", password=PASSWORD)


def withdraw(place: Place) -> None:
    place.post(place.coordinator, reverse("backoffice:invitation_withdraw", args=[place.invite(place.coordinator).pk]))


def join(place: Place) -> None:
    place.post(place.stranger, reverse("join", args=[place.let_in().token]))


def invite_coordinator(place: Place) -> None:
    team = reverse("backoffice:team", args=["network", place.network.pk])
    place.post(place.coordinator, team, email=place.stranger.email, role="commissioner")


def remove_coordinator(place: Place) -> None:
    role = m.NetworkRole.objects.get(user=place.other_coordinator)
    place.post(place.coordinator, reverse("backoffice:team_remove", args=["network", place.network.pk, role.pk]))


def become_coordinator(place: Place) -> None:
    invitation = accounts.invite_to_role(
        place.network.pk, actor=place.coordinator, email=place.stranger.email, role=Role.COORDINATOR
    )
    place.post(place.stranger, reverse("join", args=[invitation.token]))


def change_users_email(place: Place) -> None:
    place.save(place.operator, place.member, email="mine@attacker.example", your_password=PASSWORD)


def make_operator(place: Place) -> None:
    place.save(place.operator, place.member, is_superuser="on", your_password=PASSWORD)


def switch_off(place: Place) -> None:
    form = {"name": "Mia", "email": place.member.email, "is_staff": "on", "your_password": PASSWORD}
    place.post(place.operator, url(m.User, "change", place.member.pk), **form)


def add_operator(place: Place) -> None:
    form = {"name": "New", "email": "new@operators.example", "is_superuser": "on", "your_password": PASSWORD}
    place.post(place.operator, url(m.User, "add"), **form)


def add_operator_by_command(place: Place) -> None:
    call_command("createsuperuser", email="new@operators.example", interactive=False, verbosity=0)


def change_password_by_command(place: Place) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("getpass.getpass", lambda prompt: "another three words at random")
        call_command("changepassword", place.member.email, stdout=StringIO())


def turn_second_factor_off(place: Place) -> None:
    TOTPDevice.objects.create(user=place.member, confirmed=True)
    place.post(place.operator, reverse("backoffice:user_second_factor_off", args=[place.member.pk]), password=PASSWORD)


OUTSIDER = "sven@elsewhere.example"
MEMBER = "mia@pantry.example"
OPERATOR = "opal@operators.example"
NEW = "mine@attacker.example"

# What happens, the event that is recorded, and who is told of it.
WAYS: list[tuple[Callable[[Place], None], str, list[str]]] = [
    (change_organisation_by_form, "email_changed", [NEW, *OWNERS]),
    (change_organisation_by_table, "email_changed", [NEW, *OWNERS]),
    (change_network, "email_changed", [NEW, *COORDINATORS]),
    (require_second_factor, "settings_changed", COORDINATORS),
    (link_networks, "settings_changed", [*COORDINATORS, "other@linked.example"]),
    (change_role, "role_changed", [MEMBER, *OWNERS]),
    (remove_member, "removed", [MEMBER, *OWNERS]),
    (invite_as_owner, "invited", [OUTSIDER, *OWNERS]),
    (invite_from_outside, "invitation_waits", [OUTSIDER, *OWNERS]),
    (agree, "invitation_approved", [OUTSIDER, *OWNERS, "cora@network.example"]),
    (refuse, "invitation_refused", [OUTSIDER, *OWNERS, "cora@network.example"]),
    (force, "invitation_forced", [OUTSIDER, *OWNERS, "cora@network.example"]),
    (withdraw, "invitation_withdrawn", OWNERS),
    (join, "joined", [OUTSIDER, *OWNERS, "cora@network.example"]),
    (invite_coordinator, "invited", [OUTSIDER, *COORDINATORS]),
    (remove_coordinator, "removed", COORDINATORS),
    (become_coordinator, "joined", [OUTSIDER, *COORDINATORS]),
    (change_users_email, "email_changed", [NEW, MEMBER, "olga@pantry.example", "omar@pantry.example"]),
    (make_operator, "privileges_changed", [MEMBER, OPERATOR]),
    (switch_off, "privileges_changed", [MEMBER, OPERATOR]),
    (add_operator, "privileges_changed", ["new@operators.example", OPERATOR]),
    (add_operator_by_command, "privileges_changed", ["new@operators.example", OPERATOR]),
    (change_password_by_command, "password_changed", [MEMBER]),
    (turn_second_factor_off, "second_factor_off", [MEMBER]),
]


@pytest.fixture
def place(db) -> Place:
    return Place()


@pytest.mark.parametrize(("change", "kind", "told"), WAYS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_way_is_recorded_and_told(place, change, kind, told):
    change(place)
    event = m.AccountEvent.objects.first()
    assert event.kind == kind
    messages = list(event.notifications.all())
    assert sorted({message.recipient for message in messages}) == sorted(told)
    for message in messages:
        letter = render(message)
        assert "@" not in letter.subject
        assert not any(name in letter.subject for name in ("Mia", "Olga", "Cora", "Sven", "Opal"))
        assert letter.text.strip()
        assert letter.html


def test_no_other_form_can_change_an_address_that_gives_access():
    """Every model whose address a form or a table can change is in WAYS, unless its address gives nobody access."""
    giving_no_access = {m.Service, m.Person, m.ReferralLink}
    with_address = {
        model
        for model, shown in admin.site._registry.items()
        if model._meta.app_label == "referrals" and not shown.read_only
        if any(isinstance(field, models.EmailField) for field in model._meta.fields)
    }
    assert with_address == {m.Organisation, m.Network, m.User} | giving_no_access


def test_a_change_that_gives_no_access_is_told_to_nobody(place):
    place.save(place.coordinator, place.organisation, phone="020 7946 0011")
    place.save(place.coordinator, place.network, phone="020 7946 0011")
    place.save(place.operator, place.member, name="Mia Mio")
    assert not m.AccountEvent.objects.exists()


# Invitations into an organisation from somebody outside it


def test_whom_a_coordinator_invites_waits_until_an_owner_agrees(place):
    invitation = place.invite(place.coordinator)
    client = signed_in_in_full(place.stranger)
    address = reverse("join", args=[invitation.token])
    assert "wait for an owner" in client.get(address).text
    assert client.post(address).status_code == 410
    assert not m.OrganisationMember.objects.filter(user=place.stranger).exists()
    waiting = m.Notification.objects.filter(recipient=place.stranger.email)
    assert [message.kind for message in waiting] == ["invitation_waits"]
    accounts.agree_to_invitation(invitation.pk, actor=place.owner)
    assert client.post(address).status_code == 302
    assert m.OrganisationMember.objects.filter(user=place.stranger).exists()


def test_only_an_owner_decides_and_only_an_operator_overrides(place):
    invitation = place.invite(place.coordinator)
    decide = reverse("backoffice:invitation_decide", args=[invitation.pk])
    for user in (place.coordinator, place.member, place.stranger, place.operator):
        client = signed_in_in_full(user)
        assert client.get(decide).status_code == 404
        assert client.post(decide, {"answer": "yes"}).status_code == 404
        for verb in (accounts.agree_to_invitation, accounts.refuse_invitation):
            with pytest.raises(accounts.invitations.NotAllowed):
                verb(invitation.pk, actor=user)
    force = reverse("backoffice:invitation_force", args=[invitation.pk])
    for user in (place.coordinator, place.owner, place.stranger):
        assert signed_in_in_full(user).post(force, {"reason": "Mine.", "password": PASSWORD}).status_code == 403
    assert accounts.awaits_owner(invitation)


def test_an_operator_gives_a_reason_and_the_password(place):
    invitation = place.invite(place.coordinator)
    client, page = signed_in_in_full(place.operator), reverse("backoffice:invitation_force", args=[invitation.pk])
    for data in ({"reason": "", "password": PASSWORD}, {"reason": "Lost.", "password": "wrong"}, {"reason": "Lost."}):
        assert client.post(page, data).status_code == 200
    assert accounts.awaits_owner(invitation)
    client.post(page, {"reason": "Lost.", "password": PASSWORD})
    event = m.AccountEvent.objects.first()
    assert (event.kind, event.data) == ("invitation_forced", {"reason": "Lost."})
    assert "Lost." in render(event.notifications.get(recipient="olga@pantry.example")).text


def test_what_was_sent_before_there_was_an_owner_waits_for_the_first_one(place):
    """Otherwise a coordinator could prepare a way in, and use it once the organisation has joined."""
    m.OrganisationMember.objects.all().delete()
    early = place.invite(place.coordinator)
    assert not accounts.awaits_owner(early)
    first = accounts.invite_colleague(
        place.organisation.pk, actor=place.coordinator, email=place.owner.email, role=OrganisationRole.OWNER
    )
    accounts.join(first.pk, user=place.owner)
    with pytest.raises(accounts.joining.Refusal, match="has to agree"):
        accounts.join(early.pk, user=place.stranger)
    assert m.Notification.objects.filter(kind="owner_asked", recipient=place.owner.email).count() == 1


def test_consent_is_for_one_invitation_and_does_not_outlast_it(place):
    invitation = place.let_in()
    with pytest.raises(accounts.invitations.AlreadyDone):
        accounts.refuse_invitation(invitation.pk, actor=place.owner)
    m.RateLimitCounter.objects.all().delete()
    accounts.send_again(invitation.pk, actor=place.coordinator)
    invitation.refresh_from_db()
    assert accounts.awaits_owner(invitation)
    m.Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(accounts.invitations.Refusal, match="expired"):
        accounts.agree_to_invitation(invitation.pk, actor=place.owner)


def test_rights_are_changed_with_the_operators_own_password(place):
    client, page = signed_in_in_full(place.operator), url(m.User, "change", place.member.pk)
    form = {"name": "Mia", "email": place.member.email, "is_staff": "on", "is_active": "on"}
    for changed in ({"email": "x@example.org"}, {"is_superuser": "on"}, {"new_password": "three other words"}):
        for password in ({}, {"your_password": "wrong"}):
            response = client.post(page, form | changed | password)
            assert "your_password" in response.context["adminform"].form.errors
    client.post(page, form | {"name": "Mia Mio"})
    place.member.refresh_from_db()
    assert (place.member.name, place.member.email, place.member.is_superuser) == (
        "Mia Mio",
        "mia@pantry.example",
        False,
    )
