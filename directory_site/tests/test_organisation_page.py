"""What the page of an organisation says, and when there is one."""

import pytest

from directory_site.addresses import organisation_path, service_path
from directory_site.details.organisation import PAGE_SIZE
from directory_site.tests.listing import ADDRESS, listed_service
from directory_site.tests.reading import all_words, soup
from referrals.tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon", "known_site")]


@pytest.fixture
def larder(network):
    return f.OrganisationFactory(
        name="Larder Lane",
        network=network,
        email="offers@larderlane.example",
        phone="020 7946 0100",
        website="https://larderlane.example",
        description="A pantry.\n\nRun by *neighbours*.",
    )


def test_it_says_who_they_are_and_what_they_offer(network, larder, client):
    service = listed_service(network, organisation=larder)
    page = soup(client, organisation_path(larder))
    assert all_words(page, "h1") == ["Larder Lane"]
    assert all_words(page, ".words") == ["A pantry. Run by neighbours ."]
    assert [tag["href"] for tag in page.select(".reach a")] == ["tel:02079460100", "https://larderlane.example"]
    assert all_words(page, "#areas ~ ul li") == ["Northside"]
    assert [tag["href"] for tag in page.select(".brief a")] == [service_path(service)]
    assert all_words(page, ".brief") == [
        "Members' pantry Open today until 13:00 Groceries for £4.50 a week. Larder Lane Hall, NW6 4BT"
    ]
    assert page.select_one('link[rel="canonical"]')["href"] == f"{ADDRESS}{organisation_path(larder)}"


def test_where_offers_of_referrals_go_is_not_published(network, larder, client):
    listed_service(network, organisation=larder)
    assert "offers@larderlane.example" not in client.get(organisation_path(larder)).text


def test_a_renamed_organisation_is_found_under_its_old_address(network, larder, client):
    listed_service(network, organisation=larder)
    old = organisation_path(larder)
    larder.name = "Larder Street"
    larder.save()
    response = client.get(f"{old}?page=2")
    assert response.status_code == 301
    assert response["Location"] == f"/organisations/{larder.pk}-larder-street/?page=2"


def test_without_a_listed_service_there_is_no_page(network, larder, client):
    assert client.get(organisation_path(larder)).status_code == 404
    service = listed_service(network, organisation=larder)
    assert client.get(organisation_path(larder)).status_code == 200
    service.is_public = False
    service.save()
    assert client.get(organisation_path(larder)).status_code == 404


def test_many_services_come_page_by_page(network, larder, client):
    for number in range(PAGE_SIZE + 1):
        f.ServiceFactory(network=network, organisation=larder, activity__name=f"Kind {number:02}", is_public=True)
    first = soup(client, organisation_path(larder))
    assert all_words(first, "#services") == [f"{PAGE_SIZE + 1} services"]
    assert len(first.select(".brief")) == PAGE_SIZE
    second = soup(client, organisation_path(larder) + first.select_one('a[rel="next"]')["href"])
    assert all_words(second, ".brief h3") == [f"Kind {PAGE_SIZE}"]
    assert second.select_one('link[rel="canonical"]')["href"].endswith("?page=2")
    assert soup(client, organisation_path(larder) + "?page=nonsense").select_one('a[rel="next"]')


def test_it_is_the_same_for_everybody(network, larder, client):
    listed_service(network, organisation=larder)
    response = client.get(organisation_path(larder))
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_however_many_services_there_are(count, network, larder, client, django_assert_num_queries):
    option = f.DemographicOptionFactory(demographic=f.DemographicFactory(network=network))
    for number in range(count):
        service = listed_service(network, organisation=larder, activity__name=f"Kind {number}")
        f.RestrictionFactory(service=service, option=option)
    # Site, settings; organisation; sensitive categories; services, hours, exceptions, restrictions.
    with django_assert_num_queries(8):
        page = soup(client, organisation_path(larder))
    assert len(page.select(".brief")) == count
