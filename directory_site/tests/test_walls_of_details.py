"""What is not public, or belongs to another site, is on none of the pages and in no file for machines."""

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from directory_site.addresses import organisation_path, service_path
from directory_site.models import PublicSite
from directory_site.tests.listing import listed_service
from referrals.models import Service
from referrals.tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon", "known_site")]

FOR_MACHINES = ["/sitemap.xml", "/sitemap-services.xml", "/sitemap-organisations.xml", "/services/new.rss"]


@pytest.fixture
def hidden(network) -> Service:
    """A service that shares its organisation with one public service, and its category with another."""
    food = f.CategoryFactory(network=network)
    hidden = listed_service(
        network,
        organisation=f.OrganisationFactory(name="Shared roof", network=network),
        activity__name="HUSHED pantry",
        summary="HUSHED words",
        categories=[food],
    )
    listed_service(network, organisation=hidden.organisation, activity__name="Open kitchen")
    listed_service(network, activity__name="Neighbour", categories=[food])
    return hidden


def everything_shown(host: str = "testserver") -> str:
    """Return the text of all public pages and files, joined."""
    client = Client(headers={"Host": host})
    paths = [service_path(row) for row in Service.objects.select_related("activity", "organisation")]
    paths += [organisation_path(row.organisation) for row in Service.objects.select_related("organisation")]
    answers = [client.get(path) for path in dict.fromkeys([*paths, *FOR_MACHINES])]
    assert {answer.status_code for answer in answers} <= {200, 404}
    return "\n".join(answer.text for answer in answers if answer.status_code == 200)


def test_a_listed_service_is_seen_everywhere(hidden):
    shown = everything_shown()
    assert shown.count("HUSHED pantry") >= 5  # its page, its neighbours' pages, its organisation's, the feed
    assert "hushed-pantry" in Client().get("/sitemap-services.xml").text


@pytest.mark.parametrize(
    "change",
    [
        {"is_public": False},
        {"paused_at": timezone.now()},
        {"is_public": False, "archived_at": timezone.now()},
    ],
    ids=["unlisted", "paused", "archived"],
)
def test_a_service_that_is_not_shown_is_nowhere(change, hidden, client):
    Service.objects.filter(pk=hidden.pk).update(**change)
    assert "hushed" not in everything_shown().lower()
    assert client.get(service_path(hidden)).status_code == 404
    assert client.get(f"/services/{hidden.pk}/").status_code == 404  # not a redirect, which would give its name away


@pytest.mark.parametrize("status", ["suspended", "left"])
def test_a_suspended_member_is_nowhere(status, hidden, client):
    hidden.organisation.memberships.update(status=status)
    shown = everything_shown()
    assert "HUSHED" not in shown
    assert "Shared roof" not in shown
    assert client.get(organisation_path(hidden.organisation)).status_code == 404


def test_a_site_shows_its_own_networks_only(hidden, known_site, settings):
    settings.ALLOWED_HOSTS = ["testserver", "elsewhere.example.org"]
    other = f.NetworkFactory(name="Elsewhere", area__name="Elsewhere")
    listed_service(other, organisation=f.OrganisationFactory(name="THEIRS", network=other))
    second = PublicSite.objects.create(
        site=Site.objects.create(hostname="elsewhere.example.org", root_page=known_site.site.root_page)
    )
    second.networks.add(other)
    shown = everything_shown("elsewhere.example.org")
    assert "THEIRS" in shown
    assert "HUSHED" not in shown
    assert "Neighbour" not in shown
    known_site.shows_all_networks = False
    known_site.save()
    known_site.networks.add(hidden.network)
    assert "THEIRS" not in everything_shown()
    assert "HUSHED" in everything_shown()


def test_an_organisation_shows_on_each_site_only_what_belongs_there(hidden, known_site):
    other = f.NetworkFactory(area__name="Other area")
    f.NetworkMembershipFactory(network=other, organisation=hidden.organisation)
    f.ServiceFactory(network=other, organisation=hidden.organisation, activity__name="OTHER help", is_public=True)
    assert "Other area" in Client().get(organisation_path(hidden.organisation)).text
    known_site.shows_all_networks = False
    known_site.save()
    known_site.networks.add(hidden.network)
    page = Client().get(organisation_path(hidden.organisation)).text
    assert "OTHER help" not in page
    assert "Other area" not in page


def test_a_confidential_venue_is_nowhere(network):
    venue = {
        "name": "SECRET house",
        "address": "SECRET street",
        "postcode": "NW5 2AA",
        "access": "SECRET door",
        "facilities": "SECRET garden",
        "map_link": "https://maps.example/SECRET",
    }
    food = f.CategoryFactory(network=network)
    refuge = listed_service(network, activity__name="Refuge", catchment=None, categories=[food])
    for name, value in venue.items():
        setattr(refuge.venue, name, value)
    refuge.venue.is_confidential = True
    refuge.venue.save()
    neighbour = f.OrganisationFactory(name="Near it", network=network)
    listed_service(network, organisation=neighbour, catchment=None, categories=[food])
    shown = everything_shown()
    assert "Refuge" in shown
    page = Client().get(service_path(refuge)).text
    for text in (shown, page):
        assert "SECRET" not in text
        assert "NW5" not in text
    assert "51.54" not in page
    assert 'class="venue"' not in page
    assert "miles away" not in shown
    assert "openstreetmap" not in page


def test_how_full_a_service_is_is_not_published(network):
    listed_service(network, capacity=7777)
    assert "7777" not in everything_shown()
