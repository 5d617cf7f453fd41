"""What the page of a service says, where it stands, and what it costs."""

from datetime import date, time

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import translation

from directory_site.addresses import correction_path, service_path
from directory_site.tests.listing import ADDRESS, listed_service
from directory_site.tests.reading import all_words, soup, words
from referrals.models import OpeningException, OpeningHours, Organisation, Service
from referrals.services.pictures import store_picture
from referrals.tests import factories as f
from referrals.tests.pictures import photograph, upload
from referrals.tests.stock import stock_image

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon", "known_site")]


def page_of(service: Service, client: Client | None = None) -> BeautifulSoup:
    return soup(client or Client(), service_path(service))


def part(page: BeautifulSoup, heading: str) -> str:
    """Return the words of the section with this heading."""
    return words(next(tag for tag in page.select("section") if words(tag.h2) == heading))


class TestAddress:
    def test_the_name_stands_in_it(self, network):
        service = listed_service(network)
        assert service_path(service) == f"/services/{service.pk}-members-pantry-larder-lane/"

    def test_a_renamed_service_is_found_under_its_old_address(self, network, client):
        service = listed_service(network)
        old = service_path(service)
        service.activity.name = "Community shop"
        service.activity.save()
        response = client.get(f"{old}?from=poster&x=1")
        assert response.status_code == 301
        assert response["Location"] == f"/services/{service.pk}-community-shop-larder-lane/?from=poster&x=1"
        assert client.get(response["Location"]).status_code == 200

    @pytest.mark.parametrize("after", ["", "-x", "-members-pantry-larder-lane-2"])
    def test_the_number_alone_counts(self, after, network, client):
        service = listed_service(network)
        response = client.get(f"/services/{service.pk}{after}/")
        assert (response.status_code, response["Location"]) == (301, service_path(service))

    def test_a_name_without_a_latin_letter_has_an_address_too(self, network, client):
        service = listed_service(
            network, activity__name="食物", organisation=f.OrganisationFactory(name="帮助", network=network)
        )
        assert service_path(service) == f"/services/{service.pk}-service/"
        assert client.get(service_path(service)).status_code == 200

    @pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
    def test_a_number_of_nothing_is_not_found(self, number, client):
        response = client.get(f"/services/{number}-x/")
        assert response.status_code == 404
        assert "There is no such page" in response.text

    def test_nothing_can_be_sent_to_it(self, network, client):
        assert client.post(service_path(listed_service(network))).status_code == 405


class TestWhatItSays:
    def test_what_where_when_for_whom_and_how(self, network):
        page = page_of(listed_service(network))
        assert words(page.h1) == "Members' pantry"
        assert all_words(page, ".detail-by") == ["Larder Lane"]
        assert all_words(page, ".chip") == ["Open today until 13:00"]
        assert part(page, "What it offers") == "What it offers You choose ."
        assert "Larder Lane Hall 2 Larder Lane Kilburn NW6 4BT" in part(page, "Where")
        assert "Access Level entrance Facilities Fridge and freezer" in part(page, "Where")
        assert "For whom Everyone Area served Part of Northside" in part(page, "Is it for me?")
        assert "How to be referred Just turn up" in part(page, "Is it for me?")
        assert all_words(page, ".detail-foot p:first-child") == ["Confirmed in October 2026, 1 month ago."]

    def test_contacts_can_be_tapped(self, network):
        page = page_of(listed_service(network))
        assert [tag["href"] for tag in page.select(".reach a")] == [
            "tel:02079460107",
            "mailto:hello@larderlane.example",
            "https://larderlane.example/",
        ]

    def test_the_coming_seven_days_begin_with_today(self, network):
        rows = all_words(page_of(listed_service(network)), ".week tbody tr")
        assert rows[0] == "Tuesday 24 November, today 10:00 to 13:00"
        assert rows[1] == "Wednesday 25 November, tomorrow Closed"
        assert rows[6] == "Monday 30 November Closed"
        assert len(rows) == 7

    def test_days_that_are_different_are_told_ahead(self, network):
        service = listed_service(network, closed_on_bank_holidays=True)
        OpeningHours.objects.create(service=service, weekday=0, opens=time(9), closes=time(12))
        OpeningException.objects.create(
            service=service, first_day=date(2026, 12, 1), last_day=date(2026, 12, 1), opens=time(14), closes=time(16)
        )
        OpeningException.objects.filter(note="Christmas").update(last_day=date(2026, 12, 25))
        assert all_words(page_of(service), ".departures li") == [
            "Tuesday 1 December: 14:00 to 16:00",
            "Thursday 24 December and Friday 25 December: closed (Christmas)",
            "Monday 28 December: closed (Boxing Day (substitute day))",
        ]

    def test_a_stale_service_asks_to_be_checked_first(self, network):
        page = page_of(listed_service(network, last_confirmed_on=date(2026, 3, 1)))
        assert all_words(page, ".message.wait") == [
            "Please check before you go: nobody has confirmed this for a while. Confirmed in March 2026, 8 months ago."
        ]

    @pytest.mark.parametrize("is_secret", [True, False])
    def test_a_stale_service_with_nowhere_to_go_asks_to_be_rung_first(self, is_secret, network):
        venue = f.VenueFactory(organisation__network=network, is_confidential=True) if is_secret else None
        by = venue.organisation if venue else f.OrganisationFactory(network=network)
        given = {"network": network, "organisation": by, "venue": venue, "last_confirmed_on": date(2026, 3, 1)}
        service = f.ServiceFactory(**given, is_public=True)
        [said] = all_words(page_of(service), ".message.wait")
        assert said.startswith("Please ring or write first: nobody has confirmed this for a while.")
        assert "before you go" not in page_of(service).get_text()
        assert "before you go" not in Client().get(correction_path(service)).text

    def test_a_service_of_which_little_is_known_has_a_page_too(self, network):
        page = page_of(f.ServiceFactory(network=network, is_public=True))
        assert all_words(page, "h2") == ["Get in touch", "Where", "Is it for me?"]
        assert "No contact details are given here." in part(page, "Get in touch")
        assert page.select_one('meta[name="description"]')["content"].endswith("For: everyone. Area served: Northside.")

    def test_what_is_typed_is_shown_as_it_was_typed(self, network):
        planted = "<script>alert(1)</script><!-- </script>"
        service = listed_service(
            network,
            summary=planted,
            description=planted,
            phone=planted[:40],
            activity__name=planted,
            opening_note=planted,
        )
        page = page_of(service)
        assert [tag.get("type") or tag.get("src", "").split("/")[-1] for tag in page.select("script")] == [
            "application/ld+json",
            "print.js",
        ]
        assert words(page.h1) == planted

    def test_directions_lead_to_the_place(self, network):
        page = page_of(listed_service(network))
        links = [tag["href"] for tag in page.select("#where ~ .tools a")]
        assert links == [
            "https://www.openstreetmap.org/directions?to=51.54000,-0.15000",
            "geo:51.54000,-0.15000?q=51.54000,-0.15000(Larder%20Lane%20Hall)",
        ]

    def test_numbers_in_the_map_and_its_links_keep_their_points_in_any_language(self, network):
        with translation.override("pl"):
            page = page_of(listed_service(network), Client(headers={"Accept-Language": "pl"}))
        assert page.select_one('#where ~ .tools a[href$="to=51.54000,-0.15000"]')
        assert "," not in page.select_one("svg .venue")["x"]

    def test_the_map_shows_area_catchment_and_venue(self, network):
        svg = page_of(listed_service(network)).select_one("svg.place-map")
        assert svg["aria-label"] == "Map of the area served, Part of Northside, and of Larder Lane Hall"
        assert [tag["class"] for tag in svg.select("path, rect")] == [["boundary"], ["catchment"], ["scale"], ["venue"]]

    def test_it_leads_on_to_sending_and_correcting(self, network):
        service = listed_service(network)
        links = [tag["href"] for tag in page_of(service).select(".detail-foot a")]
        assert links == [f"{service_path(service)}send/", f"{service_path(service)}correction/"]

    def test_the_printed_sheet_has_a_short_address_that_leads_back(self, network, client):
        service = listed_service(network)
        assert words(page_of(service).select_one(".print-only strong")) == f"help.example.org/services/{service.pk}/"
        assert client.get(f"/services/{service.pk}/")["Location"] == service_path(service)


class TestReferring:
    def test_the_form_is_told_which_service(self, network):
        f.ConsentWordingFactory(network=network)
        service = listed_service(network)
        (link,) = page_of(service).select("#refer ~ p a")
        assert link["href"] == f"/refer/northside/?service={service.pk}"

    def test_a_network_whose_form_is_not_open_is_not_offered(self, network):
        assert page_of(listed_service(network)).select("#refer") == []

    def test_a_network_that_has_closed_its_public_form_is_not_offered(self, network):
        f.ConsentWordingFactory(network=network)
        network.has_public_form = False
        network.save()
        assert page_of(listed_service(network)).select("#refer") == []


class TestOtherServices:
    def test_the_organisations_own_and_similar_ones_nearest_first(self, network):
        food, debt = f.CategoryFactory(network=network), f.CategoryFactory(network=network)
        service = listed_service(network, categories=[food, debt])
        f.ServiceFactory(network=network, organisation=service.organisation, activity__name="Cooking", is_public=True)
        for name, away, categories in (("Far", 0.05, [food, debt]), ("Near", 0.01, [food]), ("Other", 0, [])):
            point = f.INSIDE.clone()
            point.x += away
            organisation = f.OrganisationFactory(name=name, network=network)
            venue = f.VenueFactory(organisation=organisation, point=point)
            f.ServiceFactory(
                network=network,
                organisation=organisation,
                activity__name=f"{name} pantry",
                venue=venue,
                categories=categories,
                is_public=True,
            )
        page = page_of(service)
        assert all_words(page, "#others ~ .service-lines a") == ["Cooking"]
        assert all_words(page, "#similar ~ .service-lines li") == [
            "Near pantry Near · 0.4 miles away",
            "Far pantry Far · 2.1 miles away",
        ]

    def test_distances_tell_nothing_of_a_confidential_venue(self, network):
        food = f.CategoryFactory(network=network)
        service = listed_service(network, categories=[food])
        refuge = listed_service(
            network,
            organisation=f.OrganisationFactory(name="Refuge", network=network),
            activity__name="A safe house",
            categories=[food],
        )
        refuge.venue.is_confidential = True
        refuge.venue.save()
        assert all_words(page_of(service), "#similar ~ .service-lines li") == [
            "A safe house Refuge Groceries for £4.50 a week."
        ]
        assert all_words(page_of(refuge), "#similar ~ .service-lines li") == [
            "Members' pantry Larder Lane Groceries for £4.50 a week."
        ]
        assert all_words(page_of(refuge), "#similar") == ["Similar services"]

    def test_they_are_five_at_most(self, network):
        food = f.CategoryFactory(network=network)
        service = listed_service(network, categories=[food])
        for _ in range(6):
            f.ServiceFactory(network=network, categories=[food], is_public=True)
            f.ServiceFactory(network=network, organisation=service.organisation, is_public=True)
        page = page_of(service)
        assert len(page.select("#others ~ .service-lines li")) == len(page.select("#similar ~ .service-lines li")) == 5


class TestHead:
    def test_it_tells_machines_its_one_address_and_what_it_is(self, network):
        service = listed_service(network)
        service.picture = store_picture(upload(photograph()), service.organisation)
        service.save()
        page = page_of(service)
        address = f"{ADDRESS}{service_path(service)}"
        assert page.title.text.startswith("Members' pantry, Larder Lane")
        assert page.select_one('link[rel="canonical"]')["href"] == address
        assert page.select_one('meta[name="description"]')["content"] == "Groceries for £4.50 a week."
        shared = {tag["property"]: tag["content"] for tag in page.select('meta[property^="og:"]')}
        assert shared["og:title"] == "Members' pantry, Larder Lane"
        assert shared["og:url"] == address
        assert shared["og:image"] == f"{ADDRESS}{service.picture.file.url}"

    def test_the_address_does_not_follow_the_name_that_was_asked_for(self, network, settings):
        settings.ALLOWED_HOSTS = ["other.example.org"]
        page = page_of(listed_service(network), Client(headers={"Host": "other.example.org"}))
        assert page.select_one('link[rel="canonical"]')["href"].startswith(ADDRESS)
        assert "other.example.org" not in str(page)

    def test_it_is_the_same_for_everybody(self, network, client):
        response = client.get(service_path(listed_service(network)))
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies
        assert "csrf" not in response.text.lower()


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_however_much_there_is_to_say(count, network, django_assert_num_queries):
    f.ConsentWordingFactory(network=network)
    food = f.CategoryFactory(network=network)
    image = stock_image()
    service = listed_service(network, categories=[food], stock_picture=image)
    for number in range(count):
        option = f.DemographicOptionFactory(demographic=f.DemographicFactory(network=network))
        f.RestrictionFactory(service=service, option=option)
        OpeningHours.objects.create(service=service, weekday=2 + number, opens=time(10), closes=time(13))
        listed_service(network, organisation=service.organisation, activity__name=f"Another {number}")
        neighbour = f.OrganisationFactory(network=network)
        listed_service(network, organisation=neighbour, categories=[food, f.CategoryFactory(network=network)])
    page_of(service)  # makes the sizes of the stock picture
    # Site, settings; service, hours, exceptions, restrictions; picture and its sizes; sensitive; neighbours, own;
    # names on the map.
    with django_assert_num_queries(12):
        page = page_of(service)
    assert len(page.select(".service-lines li")) == 2 * count
    assert Organisation.objects.count() == 1 + count
