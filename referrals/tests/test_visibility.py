"""Who sees what: owner, teammate, another organisation, another network, coordinator, commissioner, nobody."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser

from referrals import models as m
from referrals import workflow
from referrals.access import can_manage_people, changeable_by, fully_visible_to, may_add, visible_links, visible_to
from referrals.access.access_log import log_access
from referrals.enums import RejectReason, Screen, WhatIsWrong
from referrals.tests import factories as f
from referrals.tests.worlds import World, live_on, only_strand
from referrals.visitor_messages.card_requests import ask_for_card
from referrals.visitor_messages.public_messages import ask_network, suggest_correction

pytestmark = pytest.mark.django_db

DOMAIN = [model for model in apps.get_app_config("referrals").get_models() if model is not m.Heartbeat]
PUBLIC = {m.Postcode, m.PostcodeDistrict}


@pytest.fixture
def everything(world):
    """One row at least of every model, all of one network."""
    service, organisation = world.services[0], world.organisations[0]
    referral = world.submit()
    service.venue = f.VenueFactory(organisation=organisation)
    service.save()
    question = f.QuestionFactory(network=world.network)
    f.QuestionOptionFactory(question=question)
    f.publish_drafts(world.network)
    m.FlowExample.objects.create(network=world.network, name="No food", option_ids=[], need_ids=[])
    option = f.DemographicOptionFactory(demographic__network=world.network)
    f.RestrictionFactory(service=service, option=option)
    m.OpeningHours.objects.create(service=service, weekday=0, opens="10:00", closes="12:00")
    m.OpeningException.objects.create(service=service, first_day="2026-12-25", last_day="2026-12-26")
    f.PictureFactory(organisation=organisation)
    m.TrackRecord.objects.create(network=world.network, organisation=organisation, offers=5, accepted=3, points=5000)
    m.ReferralLink.objects.create(network=world.network, name="Library")
    f.InvitationFactory(network=world.network, invited_by=world.coordinator)
    m.UploadedTable.objects.create(user=world.owners[0], model="referrals.Venue", name="venues.csv")
    m.PasswordResetRequest.objects.create(email="new@example.org")
    service.is_public = True
    service.save()
    asked = {"key": uuid4(), "client": "192.0.2.7"}
    suggest_correction(service, wrong=WhatIsWrong.HOURS, **asked)
    ask_network(world.network, text="Who helps with a move?", **asked)
    ask_for_card(service, recipient="visitor@example.org", page="https://example.org/services/1-x/", **asked)
    m.Digest.objects.create(organisation=organisation, week="2026-11-30")
    m.Correction.objects.create(person=referral.person, field="phone", before="1", actor=world.coordinator)
    m.SuppressedAddress.objects.create(address="nobody@example.org")
    m.AccountEvent.objects.create(kind="suspended", network=world.network, organisation=organisation)
    m.Answer.objects.create(referral=referral, network=world.network, question_text="Why?", text="Because", position=0)
    m.CaseNote.objects.create(
        person=referral.person, organisation=organisation, author=world.owners[0], text="Rang twice."
    )
    again = world.submit()
    workflow.say_same(referral.pk, again.pk, actor=world.coordinator, is_same=True)
    workflow.merge_people(referral.pk, again.pk, actor=world.coordinator)
    again.delete()
    m.Network.objects.update(undo_seconds=60)
    workflow.accept(live_on(only_strand(referral)).pk, actor=world.owners[0])
    workflow.add_note(referral.pk, actor=world.owners[0], text="Will visit on Monday.")
    log_access(world.owners[0], [referral.pk], Screen.REFERRAL)
    world.referral = referral
    return world


def seen(user) -> set[str]:
    return {model.__name__ for model in DOMAIN if model not in PUBLIC and visible_to(user, model).exists()}


def test_every_model_has_a_row_in_this_test(everything):
    assert [model.__name__ for model in DOMAIN if model not in PUBLIC and not model.objects.exists()] == []


def test_users_without_roles_see_nothing(everything):
    stranger = f.UserFactory()
    assert seen(stranger) == {"User"}  # themselves
    assert list(visible_to(stranger, m.User)) == [stranger]
    assert seen(AnonymousUser()) == set()
    inactive = everything.coordinator
    inactive.is_active = False
    assert seen(inactive) == set()


def test_another_network_sees_nothing_of_this_one(everything):
    other = World()
    for user in (other.coordinator, other.owners[0], other.commissioner):
        for model in DOMAIN:
            if model in PUBLIC:
                continue
            mine = set(visible_to(everything.coordinator, model)) | set(visible_to(everything.owners[0], model))
            assert set(visible_to(user, model)).isdisjoint(mine), model


def test_an_organisation_of_the_network_sees_the_referral_but_not_the_person(everything):
    other = everything.owners[1]
    assert list(visible_to(other, m.Referral)) == [everything.referral]
    assert not fully_visible_to(other).exists()
    private = {"Person", "Answer", "Note", "CaseNote", "Event", "PersonTag", "Notification"}
    assert private.isdisjoint(seen(other))


def test_corrections_show_to_the_organisation_and_questions_to_coordinators(everything):
    correction, question = m.PublicMessage.objects.order_by("kind")
    asked, other = everything.owners[:2]
    assert list(visible_to(asked, m.PublicMessage)) == list(changeable_by(asked, m.PublicMessage)) == [correction]
    assert set(visible_to(everything.coordinator, m.PublicMessage)) == {correction, question}
    for user in (other, everything.commissioner):
        assert not visible_to(user, m.PublicMessage).exists()
    assert not may_add(everything.coordinator, m.PublicMessage)


def test_card_requests_and_counters_show_to_no_one(everything):
    cards = m.Notification.objects.filter(kind="card_sent")
    assert cards.count() == 1
    for user in (everything.coordinator, everything.owners[0], everything.commissioner):
        assert not visible_to(user, cards).exists()
        assert not visible_to(user, m.CardRequest).exists()
        assert not visible_to(user, m.RateLimitCounter).exists()


def test_a_coordinator_reads_everything_but_case_notes(everything):
    assert list(fully_visible_to(everything.coordinator)) == [everything.referral]
    assert {"Person", "Answer", "Note", "Event", "Notification"} <= seen(everything.coordinator)
    assert "CaseNote" not in seen(everything.coordinator)


def test_a_commissioner_never_sees_a_person(everything):
    private = {"Referral", "Person", "Answer", "Strand", "Assignment", "Need", "Note", "CaseNote", "Event"}
    assert private.isdisjoint(seen(everything.commissioner))
    assert {"Service", "Organisation"} <= seen(everything.commissioner)


def test_an_offer_opens_the_details_and_rejecting_it_closes_them(world):
    referral = world.submit()
    assert [fully_visible_to(owner).exists() for owner in world.owners] == [True, False, False]
    workflow.reject(live_on(only_strand(referral)).pk, actor=world.owners[0], reason=RejectReason.NO_ROOM)
    assert [fully_visible_to(owner).exists() for owner in world.owners] == [False, True, False]


def test_withdrawing_a_case_closes_its_details(world):
    strand = only_strand(world.submit())
    workflow.accept(live_on(strand).pk, actor=world.owners[0])
    workflow.withdraw(live_on(strand).pk, actor=world.coordinator)
    assert not fully_visible_to(world.owners[0]).exists()


def test_an_organisation_that_left_the_network_sees_no_referral(world):
    referral = world.submit()
    workflow.accept(live_on(only_strand(referral)).pk, actor=world.owners[0])
    own = {"actor": world.owners[0], "organisation_id": world.organisations[0].pk}
    workflow.add_note(referral.pk, text="Will visit on Monday.", **own)
    world.organisations[0].memberships.update(status="suspended")
    assert {"Referral", "Person", "Strand", "Assignment", "Need", "Note", "Event"}.isdisjoint(seen(world.owners[0]))
    assert not fully_visible_to(world.owners[0]).exists()


def test_a_strand_shows_only_in_its_own_network(world):
    other = World()
    referral = world.submit(
        choices={world.network.pk: [world.services[0].pk], other.network.pk: [other.services[0].pk]},
        need_ids=frozenset({world.needs[0].pk, other.needs[0].pk}),
    )
    assert list(visible_to(other.owners[1], m.Referral)) == [referral]
    assert [strand.network for strand in visible_to(other.owners[1], m.Strand)] == [other.network]
    assert [need.category for need in visible_to(other.owners[1], m.Need)] == [other.needs[0]]
    strands = visible_to(other.coordinator, m.Event).exclude(strand=None).values_list("strand__network", flat=True)
    assert set(strands) == {other.network.pk}
    messages = {
        network: list(visible_to(user, m.Notification).order_by("pk").values_list("kind", flat=True))
        for network, user in (("form", world.coordinator), ("linked", other.coordinator))
    }
    # What is written to the person tells of both networks: test_answers_by_strand.py.
    assert messages == {"form": ["organisation_asked"], "linked": ["organisation_asked"]}


def test_an_organisation_in_two_networks_is_changed_by_neither_coordinator_alone(world):
    shared, other = world.organisations[0], World()
    f.NetworkMembershipFactory(network=other.network, organisation=shared)
    coordinators = [world.coordinator, other.coordinator]
    for model, row in ((m.Organisation, shared), (m.Venue, f.VenueFactory(organisation=shared))):
        assert [row in visible_to(user, model) for user in coordinators] == [True, True], model
        assert [row in changeable_by(user, model) for user in coordinators] == [False, False], model
    assert [can_manage_people(user, shared.pk) for user in [*coordinators, world.owners[0]]] == [False, False, True]
    assert world.services[0] in changeable_by(world.coordinator, m.Service)
    f.NetworkRoleFactory(network=other.network, user=world.coordinator)
    assert can_manage_people(world.coordinator, shared.pk)


def test_an_organisation_that_left_shows_only_to_coordinators(world):
    gone, service = world.organisations[0], world.services[0]
    gone.memberships.update(status="left")
    users = [world.coordinator, world.owners[1], world.commissioner]
    assert [gone in visible_to(user, m.Organisation) for user in users] == [True, False, False]
    assert [service in visible_to(user, m.Service) for user in users] == [True, False, False]
    assert gone not in changeable_by(world.coordinator, m.Organisation)
    assert service not in changeable_by(world.coordinator, m.Service)
    assert service in changeable_by(world.owners[0], m.Service)


def test_a_confidential_venue_used_elsewhere_is_hidden_from_this_coordinator(world):
    shared, other = world.organisations[0], World()
    f.NetworkMembershipFactory(network=other.network, organisation=shared)
    refuge = f.VenueFactory(organisation=shared, is_confidential=True)
    f.ServiceFactory(network=other.network, organisation=shared, venue=refuge)
    assert [refuge in visible_to(user, m.Venue) for user in (world.coordinator, other.coordinator)] == [False, True]


def test_account_events_show_to_the_user_owners_and_coordinators(world):
    owner, stranger = world.owners[0], World()
    log = m.AccountEvent.objects.create
    own = log(kind="password_changed", user=owner)
    of_organisation = log(kind="role_changed", user=owner, organisation=world.organisations[0])
    of_network = log(kind="suspended", organisation=world.organisations[0], network=world.network)
    of_other_network = log(kind="suspended", organisation=world.organisations[0], network=stranger.network)
    readers = {
        owner: {own, of_organisation, of_network, of_other_network},
        world.coordinator: {of_organisation, of_network},
        stranger.coordinator: {of_other_network},
        world.owners[1]: set(),
    }
    for user, read in readers.items():
        assert set(visible_to(user, m.AccountEvent)) == read


def test_messages_of_a_referral_into_another_network_alone_are_hidden_from_the_forms_network(world):
    other = World()
    world.submit(choices={other.network.pk: [other.services[0].pk]}, need_ids=frozenset({other.needs[0].pk}))
    assert not visible_to(world.coordinator, m.Notification).exists()
    assert [n.kind for n in visible_to(other.coordinator, m.Notification)] == ["organisation_asked"]


def test_a_confidential_venue_shows_to_its_organisation_and_coordinators(world):
    refuge = f.VenueFactory(organisation=world.organisations[0], is_confidential=True)
    users = [world.owners[0], world.coordinator, world.owners[1], world.commissioner]
    assert [refuge in visible_to(user, m.Venue) for user in users] == [True, True, False, False]


def test_organisations_change_their_own_and_coordinators_their_networks(everything):
    other = World()
    service = everything.services[0]
    users = [
        everything.owners[0],
        everything.coordinator,
        everything.owners[1],
        everything.commissioner,
        other.owners[0],
    ]
    assert [service in changeable_by(user, m.Service) for user in users] == [True, True, False, False, False]
    assert [everything.network in changeable_by(user, m.Network) for user in users] == [
        False,
        True,
        False,
        False,
        False,
    ]


def test_no_one_changes_statuses_or_history_by_hand(everything):
    of_referrals = (m.Referral, m.Strand, m.Assignment, m.Need, m.Event, m.Notification, m.Answer, m.Note)
    for model in (*of_referrals, m.CaseNote, m.PersonTag):
        for user in (everything.coordinator, everything.owners[0]):
            assert not changeable_by(user, model).exists()
            assert not may_add(user, model)


def test_several_roles_do_not_duplicate_rows(world):
    f.NetworkRoleFactory(network=world.network, user=world.owners[0])
    f.OrganisationMemberFactory(organisation=world.organisations[1], user=world.owners[0])
    world.submit()
    for model in (m.Referral, m.Service, m.Organisation, m.Network):
        assert visible_to(world.owners[0], model).count() == model.objects.count()


def test_what_happens_to_the_team_is_for_its_owners(world):
    organisation = world.organisations[0]
    colleague = f.OrganisationMemberFactory(organisation=organisation).user
    invitation = f.InvitationFactory(network=None, organisation=organisation, organisation_name="")
    event = m.AccountEvent.objects.create(kind="suspended", network=world.network, organisation=organisation)
    for row in (invitation, event):
        assert visible_to(world.owners[0], type(row)).contains(row)
        assert not visible_to(colleague, type(row)).exists()


def test_a_model_without_a_rule_shows_to_no_one(world):
    assert not visible_to(world.coordinator, m.Heartbeat.objects.all()).query.has_results(using="default")


def test_a_link_between_rows_is_for_whoever_may_see_the_row_that_has_it(world):
    """One without a rule would be for nobody."""
    other = World()
    world.network.linked_networks.add(other.network)
    question, next_question = f.QuestionFactory(network=world.network), f.QuestionFactory(network=world.network)
    option = f.QuestionOptionFactory(question=question)
    option.reveals.add(next_question)
    option.needs.add(world.needs[0])
    f.publish_drafts(world.network)
    referral = world.submit()
    referral.flow_versions.set(world.network.flow_versions.all())
    linking = {
        (m.Service, "categories"): world.services[0],
        (m.Network, "linked_networks"): world.network,
        (m.QuestionOption, "reveals"): option,
        (m.QuestionOption, "needs"): option,
        (m.Referral, "flow_versions"): referral,
    }
    narrower = {(m.Organisation, "networks"), (m.Person, "options")}  # memberships, answers
    for_nobody = {(m.User, "groups"), (m.User, "user_permissions")}
    links = {(model, field.name) for model in DOMAIN for field in model._meta.local_many_to_many}
    assert links == {*linking, *narrower, *for_nobody}
    for (model, name), row in linking.items():
        field = model._meta.get_field(name)
        assert set(visible_links(world.coordinator, row, field)) == set(getattr(row, name).all()) != set()
        assert not visible_links(other.coordinator, row, field).exists()
