"""Your services: the list as cards, one-click verbs, the look at what would be, and confirming."""

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from backoffice.tests.forms import lines, service_data, url
from referrals.models import Activity, OpeningHours, Service, Venue
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def act(client, verb: str, service: Service, **data):
    return client.post(reverse(f"backoffice:service_{verb}", args=[service.pk]), data)


def card_of(page, service: Service):
    return next(card for card in page.context["cards"] if card.service == service)


class TestTheList:
    @time_machine.travel("2026-11-24 12:00", tick=False)  # what is past is not shown
    def test_a_card_says_how_full_it_is_and_when_it_is_open(self, ours, signed_in):
        card = card_of(signed_in(ours.insider).get(url("service", "changelist")), ours.service)
        assert (card.state, card.shares, card.service.may_change) == (("Has room", ""), (10.0, 0.0), True)
        assert card.hours == ["Monday 09:00 to 17:00", "25 and 26 December 2026: closed (Ours 0 feast)"]

    @pytest.mark.parametrize(
        ("fields", "word"),
        [
            ({"capacity": 1}, "Full"),
            ({"capacity": 0}, "No capacity"),
            ({"paused_at": timezone.now()}, "Paused"),
        ],
    )
    def test_its_state_is_a_word(self, fields, word, ours, signed_in):
        Service.objects.update(**fields)
        assert card_of(signed_in(ours.insider).get(url("service", "changelist")), ours.service).state[0] == word

    def test_others_of_the_network_read_it_and_get_no_buttons(self, ours, signed_in):
        page = signed_in(ours.outsider).get(url("service", "changelist"), {"whose": "all"})
        assert not card_of(page, ours.service).service.may_change
        assert reverse("backoffice:service_pause", args=[ours.service.pk]) not in page.text

    def test_a_listed_service_that_does_not_say_what_it_costs_misses_it(self, ours, signed_in):
        def missing() -> list[str]:
            return card_of(signed_in(ours.insider).get(url("service", "changelist")), ours.service).missing

        assert "what it costs" not in missing()
        Service.objects.update(is_public=True)
        assert "what it costs" in missing()
        Service.objects.update(cost="free")
        assert "what it costs" not in missing()

    def test_archived_ones_are_out_of_the_way(self, ours, signed_in):
        Service.objects.update(archived_at=timezone.now())
        client = signed_in(ours.insider)
        assert client.get(url("service", "changelist")).context["cards"] == []
        (card,) = client.get(url("service", "changelist"), {"state": "archived"}).context["cards"]
        assert card.state[0] == "Archived"

    @pytest.mark.parametrize(
        ("state", "found"), [("room", True), ("full", False), ("paused", False), ("stale", True), ("archived", False)]
    )
    def test_it_filters_by_state(self, state, found, ours, signed_in):
        Service.objects.update(last_confirmed_on=timezone.localdate() - timedelta(days=200))
        page = signed_in(ours.insider).get(url("service", "changelist"), {"state": state})
        assert bool(page.context["cards"]) is found

    def test_the_number_of_queries_does_not_grow(self, ours, signed_in, django_assert_num_queries):
        client, address = signed_in(ours.insider), url("service", "changelist")
        client.get(address)
        with django_assert_num_queries(QUERIES_OF_THE_LIST):
            assert len(client.get(address).context["cards"]) == 1
        ours.grow()
        ours.grow()
        with django_assert_num_queries(QUERIES_OF_THE_LIST):
            assert len(client.get(address).context["cards"]) == 3

    def test_an_empty_list_says_what_to_do(self, ours, signed_in):
        Service.objects.update(archived_at=timezone.now())
        assert "Add the first one" in signed_in(ours.insider).get(url("service", "changelist")).text
        assert "Show all that are offered" in signed_in(ours.insider).get(url("service", "changelist"), {"q": "x"}).text


QUERIES_OF_THE_LIST = 16


class TestTheTable:
    def rows(self, client, **query: object) -> list[dict[str, str]]:
        page = client.get(url("service", "changelist"), {"as": "table", **query})
        lines = BeautifulSoup(page.text, "html.parser").select("#result_list tbody tr")
        return [{cell["data-label"]: cell.get_text(" ", strip=True) for cell in line(["th", "td"])} for line in lines]

    def test_a_line_says_what_a_card_says(self, ours, signed_in):
        Service.objects.update(last_confirmed_on="2026-01-05", confirmation_asked_on=None)
        for weekday in (2, 3, 4):
            OpeningHours.objects.create(service=ours.service, weekday=weekday, opens="09:00", closes="10:00")
        (line,) = self.rows(signed_in(ours.insider))
        assert line == {
            "Activity": str(ours.activity),
            "Organisation": "Ours pantry",
            "State": "Has room Not listed publicly",
            "Places taken": "1 of 10",
            "Open days": "Mon, Wed to Fri",
            "Last confirmed": "5 January 2026 Please confirm",
        }

    def test_each_column_sorts_it_by_what_it_says(self, ours, signed_in):
        other = f.ServiceFactory(
            network=ours.network,
            organisation=ours.asked,
            activity=f.ActivityFactory(organisation=ours.asked, name="Zumba"),
            capacity=1,
            last_confirmed_on=date(2026, 11, 1),
        )
        OpeningHours.objects.bulk_create(
            OpeningHours(service=other, weekday=weekday, opens="09:00", closes="10:00") for weekday in range(3)
        )
        Service.objects.filter(pk=ours.service.pk).update(last_confirmed_on=date(2026, 10, 9), paused_at=timezone.now())
        client = signed_in(ours.insider)
        page = client.get(url("service", "changelist"), {"as": "table"})
        heads = BeautifulSoup(page.text, "html.parser").select("#result_list thead a")
        assert [head.get_text() for head in heads] == list(self.rows(client)[0])
        first_is = {"Activity": "Ours 0 activity", "State": "Zumba", "Places taken": "Zumba"}
        first_is |= {"Open days": "Ours 0 activity", "Last confirmed": "Ours 0 activity"}
        for column, label in enumerate(head.get_text() for head in heads):
            there, back = ([line["Activity"] for line in self.rows(client, o=o)] for o in (column, f"-{column}"))
            if label in first_is:  # the organisation is the same
                assert there == back[::-1], label
                assert there[0] == first_is[label], label

    def test_nothing_is_less_than_little(self, ours, signed_in):
        """Not that which a descending column begins with."""
        f.ServiceFactory(network=ours.network, organisation=ours.asked, capacity=0, last_confirmed_on=None)
        Service.objects.filter(pk=ours.service.pk).update(last_confirmed_on=date(2026, 10, 9))
        OpeningHours.objects.create(service=ours.service, weekday=1, opens="09:00", closes="10:00")
        client = signed_in(ours.insider)
        labels = list(self.rows(client)[0])
        for label, nothing in (("Places taken", "0 of 0"), ("Open days", ""), ("Last confirmed", "Never")):
            column = labels.index(label)
            assert self.rows(client, o=column)[0][label] == nothing
            assert self.rows(client, o=f"-{column}")[-1][label] == nothing

    def test_the_layout_is_kept_and_costs_no_more(self, ours, signed_in, django_assert_num_queries):
        client, address = signed_in(ours.insider), f"{url('service', 'changelist')}?as=table&state=room&q=Ours"
        page = BeautifulSoup(client.get(address).text, "html.parser")
        links = page.select("nav.states a, #changelist-filter li a, #result_list thead a")
        assert {"as=table" in link["href"] for link in links} == {True}
        assert page.select_one("#changelist-search [name=as]")["value"] == "table"
        assert "as=" not in page.select(".layouts a")[0]["href"]
        row = BeautifulSoup(client.get(page.select_one("#result_list tbody a")["href"]).text, "html.parser")
        assert urlsplit(row.select(".breadcrumbs a")[-1]["href"]).query == "as=table&state=room&q=Ours"
        empty = BeautifulSoup(client.get(address, {"as": "table", "q": "x"}).text, "html.parser")
        assert empty.select_one("p.empty a")["href"] == "?as=table"
        for rows in (1, 3):
            with django_assert_num_queries(QUERIES_OF_THE_LIST):
                assert len(self.rows(client)) == rows
            ours.grow()
            ours.grow()


class TestOneClick:
    def test_pause_and_resume_lead_back_to_where_the_button_was(self, ours, signed_in):
        client, back = signed_in(ours.insider), f"{url('service', 'changelist')}?whose=own"
        assert act(client, "pause", ours.service, back=back).headers["Location"] == back
        assert Service.objects.get().paused_at
        page = client.get(back)
        assert f"{ours.activity} is paused" in page.text
        act(client, "resume", ours.service)
        assert Service.objects.get().paused_at is None
        logged = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
        assert list(logged) == ["Paused.", "Resumed."]

    @pytest.mark.parametrize("back", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
    def test_nowhere_else_is_led_to(self, back, ours, signed_in):
        response = act(signed_in(ours.insider), "pause", ours.service, back=back)
        assert response.headers["Location"] == url("service", "changelist")

    def test_a_second_click_is_explained(self, ours, signed_in):
        client = signed_in(ours.insider)
        act(client, "pause", ours.service)
        act(client, "pause", ours.service)
        assert "is paused already" in client.get(url("service", "changelist")).text

    @pytest.mark.parametrize("verb", ["pause", "resume", "restore", "confirm", "archive"])
    @pytest.mark.parametrize("who", ["outsider", "commissioner"])
    def test_nobody_does_it_for_others(self, verb, who, ours, signed_in):
        before = Service.objects.values().get()
        assert act(signed_in(getattr(ours, who)), verb, ours.service).status_code == 404
        assert Service.objects.values().get() == before

    def test_a_link_alone_changes_nothing(self, ours, signed_in):
        for verb in ("pause", "resume", "restore", "confirm"):
            address = reverse(f"backoffice:service_{verb}", args=[ours.service.pk])
            assert signed_in(ours.insider).get(address).status_code == 405

    def test_archiving_first_says_what_becomes_of_its_offers(self, ours, signed_in):
        client = signed_in(ours.insider)
        text = client.get(reverse("backoffice:service_archive", args=[ours.service.pk])).text
        assert "<strong>1 open case</strong> stays with Ours pantry" in text
        assert "It has no unanswered offers" in text
        act(client, "archive", ours.service)
        assert Service.objects.get().archived_at
        act(client, "restore", ours.service)
        assert Service.objects.get().archived_at is None


class TestConfirming:
    @pytest.fixture
    def membership(self, ours):
        Service.objects.update(last_confirmed_on=timezone.localdate() - timedelta(days=200), is_public=True)
        return ours.asked.memberships.get()

    def test_one_click_confirms_what_is_shown(self, ours, membership, signed_in):
        client, address = signed_in(ours.insider), reverse("backoffice:services_confirm", args=[membership.pk])
        page = client.get(address)
        assert [service for service, _ in page.context["cards"]] == [ours.service]
        late = f.ServiceFactory(network=ours.network, organisation=ours.asked, last_confirmed_on="2026-01-01")
        response = client.post(address, {"service": [ours.service.pk]}, follow=True)
        assert "1 service is confirmed as of today" in response.text
        today = timezone.localdate()
        assert Service.objects.get(pk=ours.service.pk).last_confirmed_on == today
        assert Service.objects.get(pk=late.pk).last_confirmed_on != today

    def test_when_all_is_confirmed_it_says_so(self, ours, membership, signed_in):
        Service.objects.update(last_confirmed_on=timezone.localdate())
        address = reverse("backoffice:services_confirm", args=[membership.pk])
        assert "Everything is up to date" in signed_in(ours.insider).get(address).text

    def test_others_find_no_such_page(self, ours, theirs, membership, signed_in):
        address = reverse("backoffice:services_confirm", args=[membership.pk])
        for user in (ours.outsider, ours.commissioner, theirs.coordinator):
            assert signed_in(user).get(address).status_code == 404
            assert signed_in(user).post(address, {"service": [ours.service.pk]}).status_code == 404

    def test_the_start_page_says_what_is_to_be_confirmed(self, ours, membership, signed_in):
        address = reverse("backoffice:services_confirm", args=[membership.pk])
        assert address in signed_in(ours.insider).get(reverse("backoffice:index")).text
        assert "state=stale" in signed_in(ours.coordinator).get(reverse("backoffice:index")).text
        assert "state=stale" not in signed_in(ours.outsider).get(reverse("backoffice:index")).text

    def test_a_coordinator_with_an_organisation_is_led_to_services_of_others(self, ours, membership, signed_in):
        """The list itself would open on what is theirs."""
        f.OrganisationMemberFactory(organisation=ours.bystander, user=ours.coordinator)
        client = signed_in(ours.coordinator)
        page = BeautifulSoup(client.get(reverse("backoffice:index")).text, "html.parser")
        (stale,) = [link["href"] for link in page.select("a") if "state=stale" in link.get("href", "")]
        assert card_of(client.get(stale), ours.service)
        after_pausing = act(client, "pause", ours.service).headers["Location"]
        assert card_of(client.get(after_pausing), ours.service)
        all_confirmed = reverse("backoffice:services_confirm", args=[membership.pk])
        page = client.post(all_confirmed, {"service": [ours.service.pk]}, follow=True)
        assert card_of(client.get(page.context["list_url"]), ours.service)


class TestLookingFirst:
    @pytest.fixture(autouse=True)
    def kept(self, ours, theirs):
        """Whatever is looked at, nothing is kept."""
        tables = (Service, Activity, OpeningHours)
        before = [list(table.objects.order_by("pk").values()) for table in tables]
        yield
        assert [list(table.objects.order_by("pk").values()) for table in tables] == before

    def look(self, client, data: dict, *args):
        return client.post(reverse("backoffice:service_preview", args=args), data, headers={"HX-Request": "true"})

    def test_the_card_the_hours_and_the_sentence_are_those_of_the_page_as_it_stands(self, ours, signed_in):
        data = service_data(ours, activity="Hot lunch", summary="Soup & bread", is_public="on")
        text = self.look(signed_in(ours.insider), data).text
        assert "Hot lunch" in text
        assert escape("Soup & bread") in text
        assert "Monday and Tuesday 09:00 to 17:00" in text
        assert "People aged 60 or over who live in Ours area." in text

    def test_the_card_shows_cost_and_access_as_they_are_chosen(self, ours, signed_in):
        Venue.objects.filter(pk=ours.venue.pk).update(access_features=["step_free"])
        data = service_data(ours, venue=ours.venue.pk, cost="free", cost_note="tea included")
        text = self.look(signed_in(ours.insider), data).text
        assert "Free: tea included" in text
        assert "Step-free access" in text

    def test_what_is_wrong_is_told_instead(self, ours, signed_in):
        data = service_data(ours, activity="") | lines("hours", {"days": [0], "opens": "09:00", "closes": ""})
        text = self.look(signed_in(ours.insider), data, ours.service.pk).text
        assert "What do you call it?" in text
        assert "Give both times." in text

    def test_without_a_script_it_is_a_page_of_its_own(self, ours, signed_in):
        response = signed_in(ours.insider).post(reverse("backoffice:service_preview"), service_data(ours))
        assert "Nothing has been saved" in response.text

    @pytest.mark.parametrize(
        ("told", "answer", "reason"),
        [
            ({"postcode": "NW5 2AA", "age": 70}, "Yes", "Covers NW5 2"),
            ({"age": 70}, "Yes", "No postcode was given"),
            ({"postcode": "NW5 2AA", "age": 59}, "No", "aged 60 or over"),
            ({"postcode": "NW9 9ZZ"}, "We do not know NW9 9ZZ", ""),
        ],
    )
    def test_trying_it_out_says_whether_and_why(self, told, answer, reason, ours, signed_in):
        data = service_data(ours) | {f"try-{name}": value for name, value in told.items()}
        data |= {"try-need": ours.category.pk, "try-ask": "1"}
        text = self.look(signed_in(ours.insider), data, ours.service.pk).text
        assert answer in text
        assert reason in text

    def test_a_service_that_takes_nobody_says_so_when_tried(self, ours, signed_in):
        data = service_data(ours, capacity=0) | {"try-need": ours.category.pk, "try-ask": "1"}
        text = self.look(signed_in(ours.insider), data, ours.service.pk).text
        assert "No, they would not be suggested" in text
        assert "capacity is 0" in text

    def test_nobody_looks_at_services_of_others(self, ours, theirs, signed_in):
        for user in (ours.outsider, ours.commissioner, theirs.insider):
            assert self.look(signed_in(user), service_data(ours), ours.service.pk).status_code == 404
        foreign = self.look(signed_in(theirs.insider), service_data(ours))
        assert foreign.status_code == 200
        assert "hx-swap-oob" not in foreign.text
        assert "Ours" not in foreign.text
