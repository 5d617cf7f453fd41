"""schema.org data: what is in it, what is not, and that nobody's words end the script they stand in."""

import json
from datetime import date, time

import pytest
from bs4 import BeautifulSoup

from directory_site.addresses import organisation_path, service_path
from directory_site.seo import linked_data
from directory_site.tests.listing import ADDRESS, listed_service
from referrals.hours import ExceptionalDays, Timetable, WeeklyOpening
from referrals.tests import factories as f


@pytest.fixture
def pantry(network, noon, known_site):
    category = f.CategoryFactory(network=network, name="Food")
    return listed_service(network, categories=[category])


def data_at(client, path: str) -> dict[str, dict]:
    """Return the nodes of a page's data by their type."""
    (script,) = BeautifulSoup(client.get(path).content, "html.parser").select('script[type="application/ld+json"]')
    data = json.loads(script.string)
    assert data["@context"] == "https://schema.org"
    return {node["@type"]: node for node in data["@graph"]}


@pytest.mark.django_db
class TestService:
    def test_it_says_what_the_page_says(self, pantry, client):
        address = f"{ADDRESS}{service_path(pantry)}"
        provider = f"{ADDRESS}{organisation_path(pantry.organisation)}"
        assert data_at(client, service_path(pantry))["Service"] == {
            "@type": "Service",
            "@id": f"{address}#service",
            "name": "Members' pantry",
            "url": address,
            "description": "Groceries for £4.50 a week.",
            "category": ["Food"],
            "provider": {
                "@type": "Organization",
                "@id": f"{provider}#organisation",
                "name": "Larder Lane",
                "url": provider,
            },
            "areaServed": {"@type": "AdministrativeArea", "name": "Northside"},
            "hoursAvailable": [
                {
                    "@type": "OpeningHoursSpecification",
                    "opens": "10:00",
                    "closes": "13:00",
                    "dayOfWeek": "https://schema.org/Tuesday",
                },
                {
                    "@type": "OpeningHoursSpecification",
                    "opens": "00:00",
                    "closes": "00:00",
                    "validFrom": "2026-12-24",
                    "validThrough": "2027-01-01",
                    "description": "Christmas",
                },
            ],
            "availableChannel": {
                "@type": "ServiceChannel",
                "serviceUrl": "https://larderlane.example/",
                "servicePhone": {"@type": "ContactPoint", "telephone": "02079460107"},
                "serviceLocation": {
                    "@type": "Place",
                    "name": "Larder Lane Hall",
                    "address": {
                        "@type": "PostalAddress",
                        "streetAddress": "2 Larder Lane, Kilburn",
                        "postalCode": "NW6 4BT",
                        "addressCountry": "GB",
                    },
                    "geo": {"@type": "GeoCoordinates", "latitude": 51.54, "longitude": -0.15},
                },
            },
        }

    def test_the_way_down_is_told_too(self, pantry, client):
        steps = data_at(client, service_path(pantry))["BreadcrumbList"]["itemListElement"]
        assert [(step["position"], step["name"], step["item"]) for step in steps] == [
            (1, "Home", f"{ADDRESS}/"),
            (2, "Larder Lane", f"{ADDRESS}{organisation_path(pantry.organisation)}"),
            (3, "Members' pantry", f"{ADDRESS}{service_path(pantry)}"),
        ]

    def test_a_confidential_venue_leaves_only_the_area(self, pantry, client):
        pantry.venue.is_confidential = True
        pantry.venue.save()
        node = data_at(client, service_path(pantry))["Service"]
        assert "serviceLocation" not in node["availableChannel"]
        assert node["areaServed"]["name"] == "Northside"
        assert "51.54" not in json.dumps(node)

    def test_whom_it_is_for_is_its_audience(self, pantry, client):
        women = f.DemographicOptionFactory(
            demographic=f.DemographicFactory(network=pantry.network), name="Woman", plural="women"
        )
        f.RestrictionFactory(service=pantry, option=women)
        node = data_at(client, service_path(pantry))["Service"]
        assert node["audience"] == {"@type": "Audience", "audienceType": "Women"}

    def test_what_is_unknown_is_left_out(self, network, noon, known_site, client):
        service = f.ServiceFactory(network=network, is_public=True, activity__name="Talk", organisation__name="Friends")
        node = data_at(client, service_path(service))["Service"]
        assert set(node) == {"@type", "@id", "name", "url", "provider", "areaServed", "availableChannel"}
        assert node["availableChannel"] == {"@type": "ServiceChannel", "serviceUrl": node["url"]}

    def test_nobodys_words_end_the_script(self, pantry, client):
        planted = '</script><script>alert("&amp;")</script><!--'
        pantry.summary = planted
        pantry.save()
        assert "</script><script>" not in client.get(service_path(pantry)).text
        assert data_at(client, service_path(pantry))["Service"]["description"] == planted


@pytest.mark.django_db
def test_an_organisation_is_one(pantry, client):
    path = organisation_path(pantry.organisation)
    pantry.organisation.phone = "020 7946 0100"
    pantry.organisation.save()
    nodes = data_at(client, path)
    assert nodes["Organization"] == {
        "@type": "Organization",
        "@id": f"{ADDRESS}{path}#organisation",
        "name": "Larder Lane",
        "url": f"{ADDRESS}{path}",
        "telephone": "02079460100",
        "areaServed": [{"@type": "AdministrativeArea", "name": "Northside"}],
    }
    assert [step["name"] for step in nodes["BreadcrumbList"]["itemListElement"]] == ["Home", "Larder Lane"]


class TestHours:
    def told(self, **timetable: object) -> list[dict]:
        return [*linked_data.opening_hours(Timetable(**timetable))]

    def test_a_day_and_a_night_is_not_told_as_closed(self):
        (node,) = self.told(weekly=(WeeklyOpening(0, time(), time()),))
        assert (node["opens"], node["closes"]) == ("00:00", "23:59")

    def test_an_opening_past_midnight_ends_the_next_day(self):
        (node,) = self.told(weekly=(WeeklyOpening(4, time(20), time(6)),))
        assert (node["dayOfWeek"], node["opens"], node["closes"]) == ("https://schema.org/Friday", "20:00", "06:00")

    def test_a_season_has_its_ends(self):
        (node,) = self.told(weekly=(WeeklyOpening(0, time(9), time(12), date(2026, 11, 1), date(2027, 3, 31)),))
        assert (node["validFrom"], node["validThrough"]) == ("2026-11-01", "2027-03-31")

    def test_bank_holidays_are_closed_where_they_close_it(self):
        _, node = self.told(weekly=(WeeklyOpening(0, time(9), time(12)),), bank_holidays_of="ENG")
        assert (node["dayOfWeek"], node["opens"], node["closes"]) == (
            "https://schema.org/PublicHolidays",
            "00:00",
            "00:00",
        )

    def test_an_exception_with_hours_has_them(self):
        days = ExceptionalDays(date(2026, 12, 24), date(2026, 12, 24), time(10), time(12))
        assert self.told(exceptions=(days,)) == [
            {
                "@type": "OpeningHoursSpecification",
                "opens": "10:00",
                "closes": "12:00",
                "validFrom": "2026-12-24",
                "validThrough": "2026-12-24",
            }
        ]
