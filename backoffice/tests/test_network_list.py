"""All organisations as a list, its table to download, and an organisation's page."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone
from tablib import Dataset

from backoffice.tests.ways_in import admin_url
from referrals.enums import AccountEventKind, MembershipStatus
from referrals.models import AccountEvent, Network, NetworkMembership, Organisation, Service, User
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db
LIST = reverse("backoffice:network_list")


def listed(page) -> dict[str, list[str]]:
    """Return by organisation the services beneath it, in the order of the page."""
    return {row.organisation.name: [card.service.activity.name for card in row.cards] for row in page.context["rows"]}


def text_of(client, address: str, **query: object) -> str:
    page = BeautifulSoup(client.get(address, query).text, "html.parser")
    return " ".join(page.select_one("#content").get_text(" ", strip=True).split())


class TestTheList:
    def test_each_organisation_has_its_services_beneath_it(self, ours, signed_in):
        page = signed_in(ours.coordinator).get(LIST)
        assert listed(page) == {"Ours bystander": [], "Ours pantry": ["Ours 0 activity"]}
        said = text_of(signed_in(ours.coordinator), LIST)
        assert "No services yet" in said
        assert "Ours 0 activity 1 of 10 places taken Mon Never" in said

    def test_it_filters_and_leaves_out_organisations_of_which_nothing_is_left(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        assert listed(client.get(LIST, {"q": "activity"})) == {"Ours pantry": ["Ours 0 activity"]}
        assert listed(client.get(LIST, {"category": ours.category.pk})) == {"Ours pantry": ["Ours 0 activity"]}
        assert listed(client.get(LIST, {"q": "nothing like it"})) == {}
        assert "No service matches" in text_of(client, LIST, q="nothing like it")

    def test_a_suspended_organisation_is_there_for_coordinators_and_itself_only(self, ours, signed_in):
        NetworkMembership.objects.filter(organisation=ours.asked).update(status=MembershipStatus.SUSPENDED)
        assert "Ours pantry Suspended" in text_of(signed_in(ours.coordinator), LIST)
        for who in (ours.outsider, ours.commissioner):
            assert listed(signed_in(who).get(LIST)) == {"Ours bystander": []}

    def test_only_coordinators_read_when_members_last_signed_in_and_invite(self, ours, signed_in):
        User.objects.filter(pk=ours.insider.pk).update(last_login=timezone.now() - timedelta(hours=3))
        said = text_of(signed_in(ours.coordinator), LIST)
        assert "last signed in 3 hours ago" in said
        assert "Invite an organisation" in said
        assert "Who has not signed in?" in said
        for who in (ours.outsider, ours.insider, ours.commissioner):
            said = text_of(signed_in(who), LIST)
            assert "signed in" not in said
            assert "Invite an organisation" not in said

    def test_coordinators_find_first_who_has_not_signed_in(self, ours, signed_in):
        User.objects.filter(organisation_roles__organisation=ours.bystander).update(last_login=timezone.now())
        User.objects.filter(organisation_roles__organisation=ours.asked).update(last_login=None)
        for who, first in ((ours.coordinator, "Ours pantry"), (ours.outsider, "Ours bystander")):
            assert next(iter(listed(signed_in(who).get(LIST, {"sort": "signed_in"})))) == first

    def test_it_is_sorted_by_name_load_and_confirmation(self, ours, signed_in):
        full = f.ServiceFactory(network=ours.network, capacity=1, last_confirmed_on=date(2026, 5, 1))
        Organisation.objects.filter(pk=full.organisation_id).update(name="Zebra")
        ours.assignment.__class__.objects.update(service=full)
        client = signed_in(ours.coordinator)

        def order(sort: str) -> list[str]:
            return list(listed(client.get(LIST, {"sort": sort})))

        assert order("") == order("name") == order("nonsense") == ["Ours bystander", "Ours pantry", "Zebra"]
        assert order("-name") == ["Zebra", "Ours pantry", "Ours bystander"]
        assert order("load") == order("confirmed") == ["Ours pantry", "Zebra", "Ours bystander"]
        assert order("-load") == order("-confirmed") == ["Zebra", "Ours pantry", "Ours bystander"]
        Network.objects.update(shares_load=False)
        stranger = signed_in(ours.outsider)
        assert list(listed(stranger.get(LIST, {"sort": "-load"}))) == ["Ours bystander", "Ours pantry", "Zebra"]
        assert listed(stranger.get(LIST, {"has_room": "on"})) == {}

    def test_others_read_that_load_and_answers_are_not_shared(self, ours, signed_in):
        Network.objects.update(shares_load=False)
        said = text_of(signed_in(ours.outsider), LIST)
        assert "Ours pantry Not shared" in said
        assert "Ours 0 activity Not shared; 10 places" in said
        assert "Ours bystander Too few offers yet to say" in said  # its own
        assert "1 of 10 places taken" in text_of(signed_in(ours.commissioner), LIST)

    @pytest.mark.parametrize("who", ["coordinator", "outsider", "commissioner"])
    def test_the_number_of_queries_does_not_grow(self, who, ours, signed_in, django_assert_num_queries):
        client = signed_in(getattr(ours, who))
        client.get(LIST)
        for organisations in (2, 4):
            with django_assert_num_queries(QUERIES[who]):
                assert len(client.get(LIST).context["rows"]) == organisations
            ours.grow()
            f.ServiceFactory(network=ours.network), f.ServiceFactory(network=ours.network)

    def test_it_has_pages_that_keep_the_filters(self, ours, signed_in):
        for number in range(30):
            organisation = f.OrganisationFactory(network=ours.network, name=f"Extra {number:02}")
            f.ServiceFactory(network=ours.network, organisation=organisation, summary="kettles")
        client = signed_in(ours.coordinator)
        page = client.get(LIST, {"q": "kettles", "page": 2})
        assert list(listed(page)) == [f"Extra {number:02}" for number in range(25, 30)]
        assert page.context["page"].paginator.num_pages == 2
        back = BeautifulSoup(page.text, "html.parser").select_one(".pages a[rel=prev]")
        assert back["href"] == "?q=kettles&page=1"

    def test_the_stock_list_is_for_operators(self, ours, signed_in):
        stock = admin_url(Organisation, "changelist")
        for who in (ours.coordinator, ours.insider, ours.commissioner):
            assert signed_in(who).get(stock).headers["Location"] == LIST
        assert signed_in(User.objects.create_superuser("operator@example.org")).get(stock).status_code == 200


QUERIES = {"coordinator": 27, "outsider": 27, "commissioner": 25}


class TestTheFile:
    def rows(self, client, **query: object) -> list[dict[str, str]]:
        file = client.get(reverse("backoffice:network_list_download", args=["csv"]), query)
        return Dataset().load(file.content.decode("utf-8-sig"), format="csv").dict

    def test_it_has_a_line_for_each_service_that_is_found(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        empty, pantry = self.rows(client)
        assert (empty["Organisation"], empty["Service"]) == ("Ours bystander", "")
        assert (pantry["Service"], pantry["Capacity"], pantry["Open cases"]) == ("Ours 0 activity", "10", "1")
        assert [row["Organisation"] for row in self.rows(client, q="activity")] == ["Ours pantry"]
        assert client.get(reverse("backoffice:network_list_download", args=["xlsx"])).status_code == 200
        assert client.get(reverse("backoffice:network_list_download", args=["pdf"])).status_code == 404

    def test_no_formula_runs_in_it(self, ours, signed_in):
        Organisation.objects.filter(pk=ours.asked.pk).update(name="=HYPERLINK(1)")
        names = {row["Organisation"] for row in self.rows(signed_in(ours.coordinator))}
        assert names == {"'=HYPERLINK(1)", "Ours bystander"}

    def test_it_says_no_more_than_the_page(self, ours, signed_in):
        Network.objects.update(shares_load=False)
        rows = self.rows(signed_in(ours.outsider))
        assert "Last sign-in" not in rows[0]
        assert {(row["Open cases"], row["Offers"]) for row in rows if row["Service"]} == {("Not shared", "Not shared")}
        assert "Last sign-in" in self.rows(signed_in(ours.coordinator))[0]


class TestTheOrganisationsPage:
    def address(self, organisation: Organisation) -> str:
        return reverse("backoffice:network_organisation", args=[organisation.pk])

    def test_its_own_people_and_coordinators_find_team_figures_and_history(self, ours, signed_in):
        AccountEvent.objects.create(
            kind=AccountEventKind.SUSPENDED, organisation=ours.asked, network=ours.network, actor=ours.coordinator
        )
        for who in (ours.insider, ours.coordinator):
            said = text_of(signed_in(who), self.address(ours.asked))
            assert "Ours 0 activity 1 of 10 places taken" in said
            assert "insider@ours.example" in said
            assert f"Offers in {timezone.localdate().year}" in said
            assert "Accepted 1 All 1" in said
            assert "Ours pantry was suspended" in said

    def test_others_of_the_network_read_what_it_offers_alone(self, ours, signed_in):
        for who in (ours.outsider, ours.commissioner):
            said = text_of(signed_in(who), self.address(ours.asked))
            assert "Ours 0 activity 1 of 10 places taken" in said
            assert ours.asked.email in said
            for hidden in ("insider@ours.example", "Offers in", "History", "Edit", "Suspend"):
                assert hidden not in said, (who, hidden)

    def test_editing_and_what_else_can_be_done_are_behind_buttons(self, ours, signed_in):
        page = BeautifulSoup(signed_in(ours.coordinator).get(self.address(ours.asked)).text, "html.parser")
        labels = [link.get_text() for link in page.select(".object-tools a")]
        assert labels == ["Edit", "Team", "Pass on what it has", "Suspend", "Take out of Ours network"]
        own = BeautifulSoup(signed_in(ours.insider).get(self.address(ours.asked)).text, "html.parser")
        labels = [link.get_text() for link in own.select(".object-tools a")]
        assert labels == ["Edit", "Team", "First steps", "Leave Ours network"]

    def test_another_networks_is_not_found(self, ours, theirs, signed_in):
        for who in (ours.coordinator, ours.insider, ours.commissioner):
            assert signed_in(who).get(self.address(theirs.asked)).status_code == 404

    def test_the_number_of_queries_does_not_grow(self, ours, signed_in, django_assert_num_queries):
        client = signed_in(ours.coordinator)
        client.get(self.address(ours.asked))
        for services in (1, 2):
            with django_assert_num_queries(QUERIES_OF_THE_PAGE):
                assert len(client.get(self.address(ours.asked)).context["cards"]) == services
            ours.grow()

    def test_archived_services_are_left_out(self, ours, signed_in):
        Service.objects.update(archived_at=timezone.now())
        assert "It has no services yet" in text_of(signed_in(ours.insider), self.address(ours.asked))


QUERIES_OF_THE_PAGE = 20
