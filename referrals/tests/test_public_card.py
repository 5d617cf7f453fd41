"""What the public reads of a service, and what never stands there."""

import html as html_module
import re
from dataclasses import asdict
from datetime import UTC, date, datetime, time

import pytest
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from referrals.enums import Cost
from referrals.models import OpeningException, OpeningHours, Restriction, Service
from referrals.services.fields import PUBLIC_FIELDS
from referrals.services.pictures import store_picture
from referrals.services.public_card import Contact, PublicCard, card_of, confirmed_in_words, with_card_rows
from referrals.tests.factories import (
    INSIDE,
    ActivityFactory,
    DemographicFactory,
    DemographicOptionFactory,
    NetworkFactory,
    OrganisationFactory,
    PictureFactory,
    RestrictionFactory,
    ServiceFactory,
    VenueFactory,
    square,
)
from referrals.tests.pictures import photograph, upload
from referrals.tests.stock import stock_image

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday


@pytest.fixture
def network():
    return NetworkFactory(area__name="Northside")


def full_service(network, **options):
    service = ServiceFactory(
        network=network,
        **{
            "organisation": OrganisationFactory(name="Larder Lane", network=network),
            "activity__name": "Members' pantry",
            "summary": "Groceries for £4.50 a week.",
            "description": "You *choose*.\n\n- halal\n- vegetarian",
            "phone": "020 7946 0107 (Idris)",
            "email": "hello@larderlane.example",
            "website": "https://www.larderlane.example/",
            "pathways": ["drop_in", "self"],
            "opening_note": "Not in August.",
            "last_confirmed_on": date(2026, 10, 20),
            **options,
        },
    )
    OpeningHours.objects.create(service=service, weekday=1, opens=time(10), closes=time(13))
    option = DemographicOptionFactory(demographic=DemographicFactory(network=network), name="Woman", plural="women")
    RestrictionFactory(service=service, option=option)
    return service


def card(service, now=NOON) -> PublicCard:
    return card_of(with_card_rows(Service.objects).get(pk=service.pk), now=now)


def page(shown: PublicCard) -> str:
    return render_to_string("directory_site/service_card.html", {"card": shown})


def row(html: str, head: str) -> str | None:
    """Return what the card says under `head`, as one line; None when there is no such row."""
    found = re.search(rf"<dt>{head}</dt><dd>(.*?)</dd>", html, re.DOTALL)
    return found and html_module.unescape(" ".join(strip_tags(found[1].replace("<", " <")).split()))


class TestWhatItSays:
    def test_a_card_says_what_for_whom_and_when(self, network):
        shown = card(full_service(network))
        assert (shown.activity, shown.organisation) == ("Members' pantry", "Larder Lane")
        assert shown.description == ("<p>You <em>choose</em>.</p>\n<ul>\n<li>halal</li>\n<li>vegetarian</li>\n</ul>\n")
        assert isinstance(shown.description, SafeString)
        assert shown.for_whom == "Women"
        assert (shown.is_open, shown.open_now) == (True, "Open today until 13:00")
        assert shown.week == ("Tuesday 10:00 to 13:00",)
        assert shown.pathways == ("Refer yourself", "Just turn up")
        assert shown.serves == "Northside"
        assert shown.picture is None

    def test_contacts_are_links(self, network):
        assert card(full_service(network)).contacts == (
            Contact("Phone", "020 7946 0107 (Idris)", "tel:02079460107"),
            Contact("E-mail", "hello@larderlane.example", "mailto:hello@larderlane.example"),
            Contact("Website", "larderlane.example", "https://www.larderlane.example/"),
        )

    def test_an_unusable_contact_is_shown_without_a_link(self, network):
        service = full_service(network, phone="Ask inside", website="javascript:alert(1)")
        phone, _, website = card(service).contacts
        assert (phone.link, website.link) == ("", "")
        assert "href" not in page(card(service)).replace('href="mailto:hello@larderlane.example"', "")

    def test_a_venue_shows_its_access_and_facilities(self, network):
        venue = VenueFactory(
            name="Hall",
            address="2 Larder Lane",
            postcode="NW6 4BT",
            access_features=["hearing_loop", "step_free"],
            access="Ring at the door",
            facilities="Fridge",
        )
        service = full_service(network, venue=venue)
        place = card(service).place
        assert (place.name, place.address, place.postcode) == ("Hall", "2 Larder Lane", "NW6 4BT")
        assert place.access_features == ("Step-free access", "Hearing loop")
        assert (place.access, place.facilities, place.point) == ("Ring at the door", "Fridge", INSIDE.coords)
        assert row(page(card(service)), "Access") == "Step-free access Hearing loop Ring at the door"

    def test_unknown_access_is_not_shown_as_inaccessible(self, network):
        shown = card(full_service(network, venue=VenueFactory()))
        assert (shown.place.access_features, shown.place.access) == ((), "")
        assert row(page(shown), "Access") == "Not known. Please ask before you go."

    def test_without_a_venue_access_is_not_mentioned(self, network):
        assert row(page(card(full_service(network))), "Access") is None

    @pytest.mark.parametrize(
        ("cost", "note", "words", "is_free"),
        [
            (Cost.FREE, "", "Free", True),
            (Cost.FREE, "tea included", "Free: tea included", True),
            (Cost.CHARGED, "", "There is a charge", False),
            (Cost.CHARGED, "£3 a bag", "There is a charge: £3 a bag", False),
        ],
    )
    def test_what_it_costs_is_said_in_words(self, cost, note, words, is_free, network):
        shown = card(full_service(network, cost=cost, cost_note=note))
        assert (shown.cost, shown.is_free) == (words, is_free)
        assert row(page(shown), "Cost") == words

    def test_an_unknown_cost_is_neither_free_nor_charged(self, network):
        shown = card(full_service(network))
        assert (shown.cost, shown.is_free) == ("", None)
        assert row(page(shown), "Cost") == "Not known. Please ask first."

    def test_a_catchment_is_a_part_of_the_area(self, network):
        assert card(full_service(network, catchment=square(-0.15, 51.54))).serves == "Part of Northside"

    def test_what_is_typed_is_shown_as_it_was_typed(self, network):
        service = full_service(network, summary="<b>1 < 2</b>", description="<script>alert(1)</script>")
        assert "<b>" not in page(card(service))
        assert "<script" not in page(card(service))

    def test_an_empty_service_has_a_card_as_well(self, network):
        shown = card(ServiceFactory(network=network, last_confirmed_on=NOON.date()))
        assert (shown.open_now, shown.week, shown.place, shown.contacts, shown.pathways) == ("", (), None, (), ())
        assert "Everyone" in page(shown)


class TestPictures:
    def test_an_own_picture_comes_in_two_sizes(self, network):
        service = full_service(network, picture_alt="Shelves of bread")
        service.picture = store_picture(upload(photograph(orientation=6)), service.organisation)
        service.save()
        shown = card(service).picture
        assert (shown.width, shown.height, shown.small_width, shown.alt) == (480, 640, 360, "Shelves of bread")
        assert {shown.address, shown.small_address} == {service.picture.file.url, service.picture.small.url}
        assert 'alt="Shelves of bread"' in page(card(service))

    def test_a_stock_picture_comes_in_the_same_sizes(self, network):
        service = full_service(network, stock_picture=stock_image(), picture_alt="A table")
        shown = card(service).picture
        assert (shown.width, shown.height, shown.small_width, shown.alt) == (1200, 800, 480, "A table")

    def test_a_stock_picture_whose_file_is_gone_is_no_picture(self, network):
        image = stock_image()
        image.file.storage.delete(image.file.name)
        assert card(full_service(network, stock_picture=image)).picture is None


class TestWhatItNeverSays:
    def test_a_confidential_venue_shows_only_the_area_served(self, network):
        venue = VenueFactory(
            name="SECRET name",
            address="SECRET address",
            postcode="NW5 2AA",
            map_link="https://maps.example/SECRET",
            access_features=["changing_places"],
            access="SECRET access",
            facilities="SECRET facilities",
            is_confidential=True,
        )
        shown = card(full_service(network, venue=venue))
        assert shown.place is None
        for output in (repr(asdict(shown)), page(shown)):
            assert "SECRET" not in output
            assert "NW5" not in output
            assert str(INSIDE.x) not in output
            assert "Changing Places" not in output
            assert "changing_places" not in output
        assert "Northside" in page(shown)

    def test_the_card_does_not_show_how_full_it_is(self, network):
        shown = card(full_service(network, capacity=7777))
        assert "7777" not in repr(asdict(shown)) + page(shown)


class TestAge:
    @pytest.mark.parametrize(
        ("confirmed_on", "words"),
        [
            (date(2026, 11, 24), "Confirmed today"),
            (date(2026, 11, 23), "Confirmed on 23 November 2026, yesterday"),
            (date(2026, 10, 25), "Confirmed on 25 October 2026, 30 days ago"),
            (date(2026, 10, 24), "Confirmed in October 2026, 1 month ago"),
            (date(2026, 5, 20), "Confirmed in May 2026, 6 months ago"),
            (date(2025, 5, 20), "Confirmed in May 2025, 18 months ago"),
            (date(2024, 5, 20), "Confirmed in May 2024, 2 years ago"),
        ],
    )
    def test_in_words(self, confirmed_on, words):
        assert confirmed_in_words(confirmed_on, date(2026, 11, 24)) == words

    @pytest.mark.parametrize(
        ("months", "confirmed_on", "is_stale"),
        [(6, date(2026, 5, 25), False), (6, date(2026, 5, 24), True), (None, date(2020, 1, 1), False)],
    )
    def test_the_public_is_warned_about_unconfirmed_services(self, network, months, confirmed_on, is_stale):
        network.confirm_after_months = months
        network.save()
        shown = card(full_service(network, last_confirmed_on=confirmed_on))
        assert shown.is_stale is is_stale
        assert ("nobody has confirmed this for a while" in page(shown)) is is_stale


@pytest.mark.parametrize("count", [1, 3])
def test_many_cards_take_as_many_queries_as_one(network, count, django_assert_num_queries):
    image = stock_image()
    for number in range(count):
        service = full_service(network, venue=VenueFactory())
        OpeningException.objects.create(service=service, first_day=date(2026, 12, 25), last_day=date(2026, 12, 26))
        if number % 2:
            service.picture = PictureFactory(organisation=service.organisation)
        else:
            service.stock_picture = image
        service.save()
        card(service)  # makes the sizes of a stock picture, once and for all
    with django_assert_num_queries(6):
        shown = [page(card_of(service, now=NOON)) for service in with_card_rows(Service.objects.all())]
    assert len(shown) == count


OTHER_VALUES = {
    "activity": lambda service: ActivityFactory(organisation=service.organisation),
    "venue": lambda service: VenueFactory(organisation=service.organisation),
    "catchment": lambda service: square(-0.15, 51.54),
    "by_appointment": lambda service: True,
    "closed_on_bank_holidays": lambda service: True,
    "opening_note": lambda service: "Not in May.",
    "summary": lambda service: "Bread.",
    "description": lambda service: "Fresh bread.",
    "phone": lambda service: "01632 960001",
    "email": lambda service: "bread@example.org",
    "website": lambda service: "https://bread.example",
    "pathways": lambda service: ["gp"],
    "cost": lambda service: Cost.FREE,
    "cost_note": lambda service: "£1 a loaf.",
    "opening_hours": lambda service: [OpeningHours(service=service, weekday=2, opens=time(9), closes=time(11))],
    "opening_exceptions": lambda service: [
        OpeningException(service=service, first_day=NOON.date(), last_day=NOON.date())
    ],
    "restrictions": lambda service: [Restriction(service=service, age_from=60)],
}


@pytest.mark.parametrize("name", PUBLIC_FIELDS)
def test_every_public_field_makes_a_difference_to_the_card(network, name):
    service = full_service(network, cost=Cost.CHARGED)
    before = card(service)
    value = OTHER_VALUES[name](service)
    if isinstance(value, list) and name != "pathways":
        getattr(service, name).set(value, bulk=False)
    else:
        setattr(service, name, value)
        service.save()
    assert card(service) != before
