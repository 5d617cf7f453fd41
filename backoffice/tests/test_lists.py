"""The design of stock lists and forms: what opens first, what is pointed out, what an empty list teaches."""

import re

import pytest
from bs4 import BeautifulSoup, Tag
from django.contrib import admin
from django.urls import reverse

from backoffice.scoped_admin.empty_lists import empty_message
from backoffice.tests.forms import url
from referrals import models as m
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

KEPT_BY_ORGANISATIONS = ["service", "venue", "activity", "picture"]


def parse(text: str) -> Tag:
    return BeautifulSoup(text, "html.parser")


def page_of(client, address: str, **query: str) -> Tag:
    return parse(client.get(address, query).text)


def words_of(element: Tag) -> str:
    return " ".join(element.get_text().split())


def rows_of(client, model: str, **query: str) -> set:
    return set(client.get(url(model, "changelist"), query).context["cl"].result_list)


def filters_of(page: Tag) -> dict[str, list[str]]:
    """Return the choices of each filter beside a list, by its name."""
    return {
        each.summary.contents[0].strip(): [words_of(link) for link in each.select("li a")]
        for each in page.select("#changelist-filter details")
    }


class TestWhoseRowsAListShows:
    @pytest.mark.parametrize("model", KEPT_BY_ORGANISATIONS)
    def test_members_start_with_what_is_theirs_and_can_see_all(self, model, ours, signed_in):
        client = signed_in(ours.outsider)
        row = ours.venue if model == "venue" else ours.rows()[admin_model(model)]  # not the refuge
        page = page_of(client, url(model, "changelist"))
        assert words_of(page.select("h1")[0]) == f"Your {admin_model(model)._meta.verbose_name_plural}"
        assert row not in rows_of(client, model)
        assert row in rows_of(client, model, whose="all")
        assert row in rows_of(signed_in(ours.insider), model)

    def test_a_coordinator_chooses_among_organisations_with_their_numbers(self, ours, signed_in):
        other = f.VenueFactory(organisation=ours.bystander, name="Elsewhere")
        client = signed_in(ours.coordinator)
        (choices,) = filters_of(page_of(client, url("venue", "changelist"))).values()
        assert choices == ["All organisations 3", "Ours bystander 1", "Ours pantry 2"]
        assert rows_of(client, "venue", whose=str(ours.bystander.pk)) == {other}

    def test_a_members_only_organisation_is_not_offered_twice(self, ours, signed_in):
        f.VenueFactory(organisation=ours.bystander, name="Elsewhere")
        choices = filters_of(page_of(signed_in(ours.insider), url("venue", "changelist")))["Organisation"]
        assert choices == ["Your own 2", "All organisations 3", "Ours bystander 1"]

    def test_no_organisation_out_of_sight_can_be_asked_for(self, ours, theirs, signed_in):
        client = signed_in(ours.coordinator)
        for asked in (str(theirs.asked.pk), "0", "x"):
            assert rows_of(client, "venue", whose=asked) == set()

    def test_what_somebody_has_searched_for_is_counted(self, ours, signed_in):
        page = page_of(signed_in(ours.insider), url("venue", "changelist"), q="REFUGE")
        assert filters_of(page)["Organisation"] == ["Your own 1", "All organisations 1"]


def admin_model(name: str) -> type:
    return next(model for model in admin.site._registry if model._meta.model_name == name)


class TestFilters:
    def test_categories_stand_in_the_order_of_their_tree_with_their_numbers(self, ours, signed_in):
        below = f.CategoryFactory(network=ours.network, parent=ours.category, name="Aaa")
        ours.service.categories.set([ours.category, below])
        choices = filters_of(page_of(signed_in(ours.insider), url("service", "changelist")))["Categories"]
        assert choices == ["All", f"{ours.category.name} 1", "Aaa 1", "No categories 0"]

    def test_a_category_without_rows_stands_above_those_below_it_and_finds_theirs(self, ours, signed_in):
        client = signed_in(ours.insider)
        between = f.CategoryFactory(network=ours.network, parent=ours.category, name="Between")
        below = [f.CategoryFactory(network=ours.network, parent=between, name=name) for name in ("Aaa", "Bbb")]
        f.CategoryFactory(network=ours.network, parent=ours.category, name="Elsewhere in the tree")
        second = f.ActivityFactory(organisation=ours.asked, name="Second")
        other = f.ServiceFactory(network=ours.network, organisation=ours.asked, activity=second, categories=below[1:])
        ours.service.categories.set(below)
        choices = filters_of(page_of(client, url("service", "changelist")))["Categories"]
        assert choices == ["All", f"{ours.category.name} 2", "Between 2", "Aaa 1", "Bbb 2", "No categories 0"]
        searched = page_of(client, url("service", "changelist"), q="Second", state="room")
        assert filters_of(searched)["Categories"][1:3] == [f"{ours.category.name} 1", "Between 1"]
        for category, found in ((ours.category, {ours.service, other}), (below[0], {ours.service})):
            assert rows_of(client, "service", categories__id__exact=str(category.pk)) == found

    def test_what_stands_above_a_list_is_not_repeated_among_its_filters(self, ours, signed_in):
        page = page_of(signed_in(ours.insider), url("service", "changelist"))
        assert "State" not in filters_of(page)
        assert words_of(page.select(".states a")[0]) == "All that are offered 1"

    def test_no_filter_offers_a_dash(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        for model in admin.site._registry:
            response = client.get(reverse(f"backoffice:{model._meta.app_label}_{model._meta.model_name}_changelist"))
            if response.status_code == 200:
                for choices in filters_of(parse(response.text)).values():
                    assert not [choice for choice in choices if re.fullmatch(r"\W*", choice)], model


class TestTables:
    def test_only_an_exception_is_pointed_out_and_nothing_is_a_tick_or_a_cross(self, ours, signed_in):
        page = page_of(signed_in(ours.coordinator), url("venue", "changelist"))
        said = {words_of(cell.parent.th): words_of(cell) for cell in page.select("td.field-is_confidential")}
        assert said == {ours.venue.name: "", ours.refuge.name: "Confidential"}
        assert not page.select("#result_list img")

    def test_no_list_shows_a_yes_or_no_as_a_picture(self):
        shown = [
            (model, name)
            for model, listing in admin.site._registry.items()
            for name in listing.list_display
            if getattr(getattr(listing, name, None), "boolean", False)
        ]
        assert not shown

    def test_each_cell_says_its_heading_for_cards_and_figures_are_marked(self, ours, signed_in):
        page = page_of(signed_in(ours.coordinator), url("category", "changelist"))
        labels = [cell.get("data-label") for cell in page.select("#result_list tbody tr")[0](["th", "td"])]
        assert labels == [words_of(head) for head in page.select("#result_list thead th")]
        assert "figure" in page.select("td.field-position")[0]["class"]
        assert page.select("tbody th")[0].get("scope") == "row"

    def test_what_is_not_known_is_left_empty(self, ours, signed_in):
        m.Venue.objects.update(postcode="")
        page = page_of(signed_in(ours.coordinator), url("venue", "changelist"))
        assert {cell.get_text() for cell in page.select("td.field-postcode")} == {""}

    def test_a_page_that_is_not_there_shows_the_last_with_filters_and_layout(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        for number in ("77", "0", "-1"):
            response = client.get(url("service", "changelist"), {"whose": "all", "as": "table", "p": number})
            assert response.status_code == 200
            assert parse(response.text).select("#result_list tbody tr")

    def test_every_empty_list_says_what_it_is_for(self):
        for model in set(admin.site._registry) - {m.Service, m.PublicMessage, m.User}:
            assert empty_message(model).endswith("."), model

    def test_an_empty_list_leads_on(self, ours, signed_in):
        m.Picture.objects.all().delete()
        page = page_of(signed_in(ours.insider), url("picture", "changelist"))
        assert empty_message(m.Picture) in words_of(page)
        assert page.select(".empty a")[0].get("href") == url("picture", "add")
        nothing = page_of(signed_in(ours.insider), url("picture", "changelist"), q="x")
        assert "Nothing matches" in words_of(nothing)


class TestForms:
    def test_a_field_is_read_as_label_help_error_control(self, ours, signed_in):
        response = signed_in(ours.insider).post(url("venue", "add"), {"postcode": "nowhere", "name": ""})
        (field,) = parse(response.text).select(".field-postcode")
        assert [child.name if child.name != "div" else child["class"][0] for child in field(recursive=False)] == [
            "label",
            "help",
            "ul",
            "input",
        ]
        described = field.input["aria-describedby"].split()
        assert {child.get("id") for child in field(recursive=False)} >= set(described)
        assert ":" not in field.label.text

    def test_several_boxes_of_a_field_are_a_group_that_says_what_is_wrong(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        for address, name, sent in (
            (url("network", "change", ours.network.pk), "linked_networks", {"linked_networks": [ours.network.pk]}),
            (url("venue", "add"), "access_features", {"access_features": ["levitation"]}),
        ):
            group = parse(client.post(address, sent).text).select_one(f".field-{name}[role=group]")
            described = group["aria-describedby"].split()
            assert f"id_{name}_error" in described
            assert all(group.find(id=one) for one in described), name
            assert group["aria-label"] == group.label.text

    def test_an_address_on_the_web_is_not_repeated_above_its_field(self, ours, signed_in):
        m.Organisation.objects.update(website="https://ours.example")
        page = page_of(signed_in(ours.insider), url("organisation", "change", ours.asked.pk))
        assert "Currently" not in words_of(page)
        assert page.select("[name=website]")[0].get("value") == "https://ours.example"

    def test_what_is_read_only_is_said_in_words(self, ours, signed_in):
        page = page_of(signed_in(ours.outsider), url("venue", "change", ours.venue.pk))
        assert words_of(page.select(".field-is_confidential .readonly")[0]) == "No"

    def test_what_is_hidden_is_not_called_empty(self, ours, theirs, signed_in):
        event = m.AccountEvent.objects.create(kind="suspended", organisation=ours.asked, network=theirs.network)
        page = page_of(signed_in(ours.insider), url("accountevent", "change", event.pk))
        said = {name: words_of(page.select(f".field-{name} .readonly")[0]) for name in ("network", "actor")}
        assert said == {"network": "Not shown to you", "actor": "Not set"}
