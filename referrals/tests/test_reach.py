"""What a user belongs to: read once a request, and anew by whoever waits for a lock."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals import models as m
from referrals import workflow
from referrals.access import can_answer, can_coordinate, visible_to
from referrals.access.reach import keep_reach, reach_of
from referrals.enums import MembershipStatus, OrganisationRole, Role
from referrals.refusals import NotAllowed
from referrals.tests import factories as f
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db


def test_every_role_and_membership_has_its_keys():
    user, networks = f.UserFactory(), [f.NetworkFactory() for _ in range(5)]
    coordinated, figures, edited, joined, _left = (network.pk for network in networks)
    roles = {coordinated: Role.COORDINATOR, figures: Role.COMMISSIONER, edited: Role.EDITOR}
    for network, role in roles.items():
        m.NetworkRole.objects.create(network_id=network, user=user, role=role)
    owned, worked_in = f.OrganisationFactory(network=networks[3]), f.OrganisationFactory(network=networks[4])
    worked_in.memberships.update(status=MembershipStatus.LEFT)
    m.OrganisationMember.objects.create(organisation=owned, user=user, role=OrganisationRole.OWNER)
    m.OrganisationMember.objects.create(organisation=worked_in, user=user, role=OrganisationRole.MEMBER)
    f.OrganisationFactory(network=networks[4])  # of others

    reach = reach_of(user)

    assert reach.coordinated == (coordinated,)
    assert reach.known == (coordinated, figures, joined)
    assert reach.referral_networks == (coordinated, joined)
    assert reach.own == (owned.pk, worked_in.pk)
    assert reach.owned == (owned.pk,)


def test_it_is_read_once_however_much_is_asked(world):
    with keep_reach(), CaptureQueriesContext(connection) as queries:
        for model in (m.Referral, m.Service, m.Person, m.Organisation):
            str(visible_to(world.coordinator, model).query)
            str(visible_to(world.owners[0], model).query)
    assert len(queries) == 2  # one for each user


def test_what_changes_counts_from_the_next_request(world):
    client = Client()
    client.force_login(world.owners[0])
    page = reverse("backoffice:referrals_service_change", args=[world.services[0].pk])
    assert client.get(page).status_code == 200
    m.OrganisationMember.objects.all().delete()
    refused = client.get(page)
    assert (refused.status_code, refused.url) == (302, reverse("backoffice:index"))  # as for a row that is not there


def test_nothing_is_kept_for_the_next(world):
    with keep_reach():
        assert reach_of(world.owners[0]).own
    m.OrganisationMember.objects.all().delete()
    assert not reach_of(world.owners[0]).own
    with keep_reach():
        assert not reach_of(world.owners[0]).own


@pytest.mark.parametrize(
    ("statement", "is_kept"),
    [
        ("SELECT 1", True),
        ("SELECT pg_advisory_xact_lock(1)", False),
        ("SELECT FROM referrals_network FOR NO KEY UPDATE", False),
        ("UPDATE referrals_network SET name = name", False),
        ("WITH gone AS (DELETE FROM referrals_note RETURNING id) SELECT FROM gone", False),
        ("INSERT INTO django_session VALUES ('a', '', now()) ON CONFLICT DO NOTHING", False),
    ],
)
def test_it_is_read_again_after_whatever_may_have_waited(world, statement, is_kept):
    with keep_reach(), connection.cursor() as cursor:
        before = reach_of(world.coordinator)
        cursor.execute(statement)
        assert (reach_of(world.coordinator) is before) == is_kept


def test_a_verb_asks_anew(world):
    assignment = live_on(only_strand(world.submit()))
    owner = world.owners[0]
    with keep_reach():
        assert can_answer(owner, assignment)
        assert can_coordinate(world.coordinator, world.network.pk)
        reach_of(owner), reach_of(world.coordinator)
        m.NetworkRole.objects.all().delete()
        m.NetworkMembership.objects.update(status=MembershipStatus.SUSPENDED)
        assert not can_answer(owner, assignment)
        assert not can_coordinate(world.coordinator, world.network.pk)
        with pytest.raises(NotAllowed):
            workflow.accept(assignment.pk, actor=owner)
