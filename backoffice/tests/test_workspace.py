"""The Referrals screen: its list, and how much of a referral each reader sees."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backoffice.tests.tenants import SECRETS, Tenant
from backoffice.tests.test_answering import text_without_token
from backoffice.workspace.history import _SENTENCES
from referrals import workflow
from referrals.access import access_log, visible_to
from referrals.enums import EventKind, Outcome, RejectReason, Role, StrandStatus
from referrals.models import Event, Note, OrganisationMember, Person, Strand, User
from referrals.references import new_reference
from referrals.tests import factories as f
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db

SCREEN = "/backoffice/referrals/"


def names(response) -> list[str]:
    return [row["referral"].person.name for row in response.context["listing"]["rows"]]


def counts(response) -> dict[str, int]:
    return {tab["label"]: tab["count"] for tab in response.context["listing"]["tabs"]}


def named(name: str) -> workflow.PersonDetails:
    return workflow.PersonDetails(name=name, phone="07700 900123")


def test_the_newest_comes_first(world, signed_in):
    now = timezone.now()
    for hours in (5, 1, 3):
        world.submit(person=named(f"Sent {hours} hours ago"), at=now - timedelta(hours=hours))
    response = signed_in(world.coordinator).get(SCREEN)
    assert names(response) == ["Sent 1 hours ago", "Sent 3 hours ago", "Sent 5 hours ago"]


def test_tabs_count_all_own_and_open_urgent_ones(world, signed_in):
    world.submit(is_urgent=True)
    world.submit(services=world.services[1:], is_urgent=True)
    world.submit(services=world.services[1:])
    closed = world.submit(services=world.services[1:], is_urgent=True)
    workflow.close(only_strand(closed).pk, actor=world.coordinator, outcome=Outcome.NO_LONGER_NEEDED)
    client = signed_in(world.owners[0])
    assert counts(client.get(SCREEN)) == {
        "All": 4,
        "Your referrals": 1,
        "Waiting for you": 1,
        "Urgent": 2,
    }
    assert len(names(client.get(SCREEN))) == 1  # an organisation begins with its own
    assert len(names(client.get(SCREEN, {"tab": "all"}))) == 4
    assert len(names(client.get(SCREEN, {"tab": "urgent"}))) == 2


def test_coordinators_begin_with_all_and_find_what_is_with_them(world, signed_in):
    world.submit()
    world.submit(services=[], person=named("Nobody suits"))
    client = signed_in(world.coordinator)
    assert counts(client.get(SCREEN)) == {"All": 2, "Waiting for you": 1, "Urgent": 0}
    for tab in ("waiting", "yours"):
        assert names(client.get(SCREEN, {"tab": tab})) == ["Nobody suits"]


def test_filters_by_name_reference_status_need_and_organisation(world, signed_in):
    first = world.submit(person=named("Tom Adeyemi"), need_ids=frozenset({world.needs[0].pk}))
    needs = frozenset({world.needs[1].pk})
    second = world.submit(person=named("Hana Suzuki"), need_ids=needs, services=world.services[1:])
    workflow.accept(live_on(only_strand(second)).pk, actor=world.owners[1])
    client = signed_in(world.coordinator)

    def found(**query) -> list[str]:
        return names(client.post(SCREEN, query, follow=True))

    assert found(q="hana") == found(q=" suzuki  han ") == ["Hana Suzuki"]
    assert found(q=first.reference.lower().replace("-", " ")) == ["Tom Adeyemi"]
    assert found(status="placed") == ["Hana Suzuki"]
    assert found(need=world.needs[0].pk) == ["Tom Adeyemi"]
    assert found(assigned=world.organisations[1].pk) == ["Hana Suzuki"]
    assert found(q="hana", status="seeking") == []
    assert "No referral matches this filter" in client.post(SCREEN, {"q": "nobody"}, follow=True).text
    assert counts(client.post(SCREEN, {"q": "hana"}, follow=True))["All"] == 1
    assert names(client.get(SCREEN, {"need": 0})) == []


def test_somebody_whose_organisation_is_suspended_finds_an_empty_page(world, signed_in):
    world.submit()
    world.organisations[2].memberships.update(status="suspended")
    page = signed_in(world.owners[2]).get("/backoffice/referrals/")
    assert (page.status_code, world.needs[0].name in page.text) == (200, False)


def test_filters_offer_only_what_is_of_ones_own_networks(world, signed_in):
    other = World()
    form = signed_in(world.owners[0]).get(SCREEN).context["listing"]["filter"].form
    assert set(form.fields["need"].queryset) == set(world.needs)
    assert set(form.fields["assigned"].queryset) == set(world.organisations)
    referral = other.submit()
    response = signed_in(world.owners[0]).get(SCREEN, {"tab": "all", "need": other.needs[0].pk})
    assert referral.reference not in response.text


def test_the_list_and_the_view_cost_the_same_at_one_and_at_three_rows(world, signed_in):
    referral = world.submit()
    client = signed_in(world.owners[0])

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(SCREEN, {"tab": "all", "view": referral.reference}).status_code == 200
        return len(queries)

    cost()
    at_one = cost()
    world.submit()
    world.submit()
    assert cost() == at_one
    with CaptureQueriesContext(connection) as queries:
        client.get(SCREEN)
    assert len(queries) == 15  # with what the header counts


def test_the_state_is_worded_for_whoever_reads_it(world, signed_in):
    referral = world.submit()

    def state(user) -> str:
        return signed_in(user).get(SCREEN, {"tab": "all"}).context["listing"]["rows"][0]["chip"].label

    first, second, _ = world.organisations
    assert state(world.owners[0]) == "Waiting for you"
    assert state(world.owners[1]) == f"Asked: {first}"
    workflow.remind(live_on(only_strand(referral)).pk, at=timezone.now() + timedelta(days=3))
    assert state(world.owners[0]) == "Reminder sent"
    workflow.reject(live_on(only_strand(referral)).pk, actor=world.owners[0], reason=RejectReason.OTHER)
    assert state(world.owners[0]) == f"Asked: {second}"
    workflow.accept(live_on(only_strand(referral)).pk, actor=world.owners[1])
    assert state(world.owners[1]) == "Accepted"
    assert state(world.owners[2]) == f"With {second}"
    workflow.refer_on(live_on(only_strand(referral)).pk, actor=world.owners[1], service_id=None)
    assert state(world.owners[1]) == "With the coordinator"
    assert state(world.coordinator) == "With you"
    workflow.close(only_strand(referral).pk, actor=world.coordinator, outcome=Outcome.SUPPORTED)
    assert state(world.owners[2]) == "Closed: supported"


class TestDetails:
    def view(self, client, referral):
        return client.get(SCREEN, {"tab": "all", "view": referral.reference})

    def test_whoever_has_the_referral_reads_all_of_it(self, ours: Tenant, signed_in):
        text = self.view(signed_in(ours.insider), ours.referral).text
        for words in ("SECRET PHONE", "SECRET CONTACT", "SECRET ADDRESS", "SECRET ANSWER", "SECRET DETAILS"):
            assert words in text
        assert "SECRET SOURCE ORGANISATION" in text
        assert "SECRET NOTE" in text
        assert ours.option.name in text
        assert '<svg class="place-map"' in text

    def test_another_organisation_reads_limited_details_only(self, ours: Tenant, signed_in):
        text = self.view(signed_in(ours.outsider), ours.referral).text
        assert ours.referral.reference in text
        assert ours.referral.person.name in text
        assert "NW5" in text
        assert ours.category.name in text
        assert f"With {ours.asked}" in text
        assert not any(secret in text for secret in SECRETS)
        assert ours.option.name not in text
        assert "place-map" not in text

    def test_rejecting_shuts_the_details_again(self, world, signed_in):
        referral = world.submit()
        client = signed_in(world.owners[0])
        assert "07700 900123" in self.view(client, referral).text
        workflow.reject(live_on(only_strand(referral)).pk, actor=world.owners[0], reason=RejectReason.NOT_OFFERED)
        assert "07700 900123" not in self.view(client, referral).text

    def test_notes_of_others_are_not_read_without_full_details_but_ones_own_are(self, ours: Tenant, signed_in):
        workflow.add_note(ours.referral.pk, actor=ours.outsider, text="We know them", organisation_id=ours.bystander.pk)
        text = self.view(signed_in(ours.outsider), ours.referral).text
        assert "We know them" in text
        assert "SECRET NOTE" not in text
        assert "We know them" in self.view(signed_in(ours.insider), ours.referral).text

    def test_it_says_which_colleague_opened_it_lately(self, world, signed_in, monkeypatch):
        referral = world.submit()
        colleague = f.OrganisationMemberFactory(organisation=world.organisations[0]).user
        self.view(signed_in(colleague), referral)
        assert f"{colleague.get_full_name()} opened this" in self.view(signed_in(world.owners[0]), referral).text
        said = f"{world.owners[0].get_full_name()} opened this"
        assert said in self.view(signed_in(world.coordinator), referral).text
        workflow.reject(live_on(only_strand(referral)).pk, actor=world.owners[0], reason=RejectReason.NOT_OFFERED)
        assert "opened this" not in self.view(signed_in(world.owners[1]), referral).text
        monkeypatch.setattr(access_log, "LATELY", timedelta(0))
        assert "opened this" not in self.view(signed_in(world.coordinator), referral).text

    def test_a_note_is_for_every_organisation_where_its_writer_says_so(self, ours: Tenant, theirs: Tenant, signed_in):
        client, url = signed_in(ours.insider), reverse("backoffice:workspace_note", args=[ours.referral.reference])
        note = {"text": "The lift is out of order"}
        for readers, refused in (("", False), (ours.network.pk, False), (theirs.network.pk, True)):
            page = client.post(url, note | {"readers": str(readers)}, follow=True)
            assert ("Select a valid choice" in page.text) == refused
            shown = page.text.count(f"for every organisation of {ours.network}")
            assert shown == (1 if readers == ours.network.pk or refused else 0)
        outside = self.view(signed_in(ours.outsider), ours.referral).text
        assert outside.count("The lift is out of order") == 1
        assert "SECRET NOTE" not in outside
        assert not visible_to(theirs.insider, Note).filter(referral=ours.referral).exists()

    def test_what_is_done_through_another_network_of_the_referral_does_not_name_it(self, world, signed_in):
        referral, elsewhere, owner = world.submit(), World(name="Elsewhere"), world.owners[0]
        Strand.objects.create(referral=referral, network=elsewhere.network, status=StrandStatus.SEEKING)
        club = f.OrganisationFactory()
        for user in (owner, elsewhere.coordinator):
            f.OrganisationMemberFactory(organisation=club, user=user)
        self.view(signed_in(elsewhere.coordinator), referral)
        workflow.add_note(referral.pk, actor=elsewhere.coordinator, text="Rang.", open_to=elsewhere.network.pk)
        page = self.view(signed_in(owner), referral).text
        assert ("opened this" in page, "for every organisation of another network" in page) == (False, True)
        assert str(elsewhere.network) not in page
        assert (
            f"for every organisation of {elsewhere.network}"
            in self.view(signed_in(elsewhere.coordinator), referral).text
        )

    def test_a_note_cannot_be_opened_to_another_network(self, ours: Tenant, theirs: Tenant):
        with pytest.raises(workflow.NotAllowed):
            workflow.add_note(ours.referral.pk, actor=ours.insider, text="Rang.", open_to=theirs.network.pk)

    def test_the_history_is_in_words(self, world, signed_in):
        referral = world.submit(source_organisation="Citizens Advice")
        reason, note = RejectReason.NO_ROOM, "Full until Monday"
        workflow.reject(live_on(only_strand(referral)).pk, actor=world.owners[0], reason=reason, note=note)
        steps = self.view(signed_in(world.owners[1]), referral).context["details"]["steps"]
        assert [step.words for step in steps] == [
            "Citizens Advice sent the referral",
            f"{world.organisations[0]} was asked",
            "It rejected: no room. “Full until Monday”",
            "You were asked",
        ]
        assert [step.is_latest for step in steps] == [False, False, False, True]

    def test_every_event_of_an_organisation_is_a_sentence_that_names_it(self, world, signed_in):
        referral = world.submit()
        assignment = live_on(only_strand(referral))
        for kind in (EventKind.MEMBER_GONE, EventKind.SERVICE_ARCHIVED):
            Event.objects.create(referral=referral, assignment=assignment, strand=assignment.strand, kind=kind, data={})
        steps = self.view(signed_in(world.coordinator), referral).context["details"]["steps"]
        assert [step.words for step in steps[2:]] == ["It is no longer in the network", "It no longer offers this"]
        about = {kind for kind in EventKind if kind.label[0].islower()}  # the label wants a subject
        assert about <= set(_SENTENCES)

    @pytest.mark.parametrize("reference", ["theirs", "unknown", "nonsense"])
    def test_a_referral_of_others_is_answered_like_one_that_does_not_exist(self, reference, ours, theirs, signed_in):
        chosen = {"theirs": theirs.referral.reference, "unknown": new_reference(), "nonsense": "x'\"<y>"}[reference]
        response = signed_in(ours.coordinator).get(SCREEN, {"view": chosen})
        assert response.status_code == 404
        assert chosen not in response.text
        assert text_without_token(response) == text_without_token(
            signed_in(ours.coordinator).get(SCREEN, {"view": "AAAA"})
        )

    def test_the_screen_is_kept_from_commissioners_and_from_those_without_a_network(self, ours, signed_in):
        for user in (ours.commissioner, User.objects.create_user("nobody@example.org")):
            response = signed_in(user).get(SCREEN, {"tab": "all"})
            assert response.status_code == 404
            assert self.view(signed_in(user), ours.referral).status_code == 404
            assert signed_in(user).get(reverse("backoffice:workspace_export", args=["csv"])).status_code == 404


class TestDoor:
    def test_the_signed_out_learn_nothing(self, world, client):
        referral = world.submit()
        real, none = (client.get(f"/r/{reference}/") for reference in (referral.reference, "AAAA-AAAA"))
        assert real.status_code == none.status_code == 302
        assert real.headers["Location"] == f"/backoffice/login/?next=/r/{referral.reference}/"
        assert none.headers["Location"] == "/backoffice/login/?next=/r/AAAA-AAAA/"
        assert real.text == none.text == ""

    def test_however_it_is_typed_it_opens_for_those_who_may(self, world, signed_in):
        referral = world.submit()
        for typed in (referral.reference, referral.reference.lower(), referral.reference.replace("-", " ")):
            response = signed_in(world.owners[2]).get(f"/r/{typed}/")
            assert response.headers["Location"] == f"{SCREEN}?view={referral.reference}#viewing"

    def test_others_do_not_find_it(self, ours, theirs, signed_in):
        client = signed_in(ours.coordinator)
        real, none = (client.get(f"/r/{reference}/") for reference in (theirs.referral.reference, new_reference()))
        assert real.status_code == none.status_code == 404
        assert text_without_token(real) == text_without_token(none)

    def test_two_clicks_from_the_link_accept(self, world, signed_in):
        """The link is one click; the page it leads to holds the button that is the other."""
        referral = world.submit()
        client = signed_in(world.owners[0])
        page = client.get(f"/r/{referral.reference}/", follow=True)
        action = re.search(r'action="([^"]+/accept/[^"]*)"', page.text)[1].replace("&amp;", "&")
        answer = client.post(action, follow=True)
        assert "You accepted both needs of Maya Ferreira" in answer.text
        referral.refresh_from_db()
        assert referral.status == "placed"


def test_somebody_with_two_organisations_chooses_for_whom_a_note_is(world, signed_in):
    referral = world.submit()
    OrganisationMember.objects.create(organisation=world.organisations[1], user=world.owners[0])
    client = signed_in(world.owners[0])
    assert 'name="organisation"' in client.get(SCREEN, {"view": referral.reference}).text
    url = reverse("backoffice:workspace_note", args=[referral.reference])
    client.post(url, {"text": "From the second", "organisation": world.organisations[1].pk})
    assert referral.notes.get().organisation == world.organisations[1]


def test_a_person_without_a_known_place_has_no_map(world, signed_in):
    referral = world.submit()
    Person.objects.filter(pk=referral.person_id).update(point=None)
    text = signed_in(world.owners[0]).get(SCREEN, {"view": referral.reference}).text
    assert "place-map" not in text


def test_a_coordinator_of_another_network_sees_only_its_own_part(signed_in):
    """A referral into two networks: each coordinator sees the part, the needs and the list of the own network."""
    first, second = World(needs=1), World(needs=1)
    referral = first.submit(
        choices={world.network.pk: [s.pk for s in world.services] for world in (first, second)},
        need_ids=frozenset({first.needs[0].pk, second.needs[0].pk}),
    )
    text = signed_in(first.coordinator).get(SCREEN, {"view": referral.reference}).text
    assert first.needs[0].name in text
    assert second.needs[0].name not in text
    assert not any(organisation.name in text for organisation in second.organisations)


def test_a_coordinator_of_two_networks_sees_both_parts(signed_in):
    first, second = World(needs=1), World(needs=1)
    f.NetworkRoleFactory(network=second.network, user=first.coordinator, role=Role.COORDINATOR)
    referral = first.submit(
        choices={world.network.pk: [s.pk for s in world.services] for world in (first, second)},
        need_ids=frozenset({first.needs[0].pk, second.needs[0].pk}),
    )
    response = signed_in(first.coordinator).get(SCREEN, {"view": referral.reference})
    assert [len(part.needs) for part in response.context["details"]["parts"]] == [1, 1]
    assert "in 2 parts" in response.text
