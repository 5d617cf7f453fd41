"""The button that leaves sensitive pages at once: where it stands, and where it does not."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from directory_site.addresses import correction_path, organisation_path, send_path, service_path
from directory_site.models import DangerWords, GuidancePage, PlainPage
from directory_site.tests.made_sites import listed, made_site
from referrals.models import Service
from referrals.tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_site")]


def way_out(path: str) -> str | None:
    """Return where the button on a page leads."""
    response = Client().get(path)
    assert response.status_code == 200, path
    button = BeautifulSoup(response.content, "html.parser").select_one("[data-leave] a")
    return button and button["href"]


@pytest.fixture
def refuge() -> Service:
    """A service of a category that stands below a sensitive one."""
    network = f.NetworkFactory()
    made_site(network)
    safety = f.CategoryFactory(network=network, slug="safety", is_sensitive=True)
    f.CategoryFactory(network=network, slug="refuge", name="Refuge", parent=safety)
    return listed(network, "A safe place", "refuge")


def pages_of(service: Service) -> list[str]:
    return [
        service_path(service),
        organisation_path(service.organisation),
        correction_path(service),
        send_path(service),
        f"/pl{service_path(service)}",
    ]


def test_pages_about_help_of_a_sensitive_category_have_it(refuge):
    assert {way_out(path) for path in pages_of(refuge)} == {"https://www.bbc.co.uk/weather"}


def test_pages_about_other_help_have_none(refuge):
    pantry = listed(refuge.network, "Pantry", "food", organisation=f.OrganisationFactory(network=refuge.network))
    assert {way_out(path) for path in pages_of(pantry)} == {None}


@pytest.mark.parametrize(
    ("query", "has_it"),
    [
        ("category=refuge", True),
        ("category=safety", True),
        ("q=beats+me", True),
        ("q=refuge", True),
        ("q=refuge&free=1", True),  # which it is not
        ("category=food", False),
        ("q=pantry", False),
        ("", False),
    ],
)
def test_a_search_for_such_help_has_it(refuge, query, has_it):
    listed(refuge.network, "Pantry", "food")
    DangerWords.objects.update_or_create(danger="Violence", defaults={"words": "beats me"})
    assert bool(way_out(f"/directory/?{query}")) == has_it


def test_what_was_typed_in_danger_stands_in_no_tab(refuge):
    def title(query: str) -> str:
        return BeautifulSoup(Client().get(f"/directory/?q={query}").content, "html.parser").title.get_text()

    assert "pantry" in title("pantry")
    assert "refuge" not in title("refuge")


@pytest.mark.parametrize("model", [GuidancePage, PlainPage])
def test_editors_mark_a_page(model):
    made_site()
    page = model.objects.filter(is_sensitive=False).first()
    assert way_out(page.get_url()) is None
    page.is_sensitive = True
    page.save_revision().publish()
    assert way_out(page.get_url())


def test_the_page_about_an_unsafe_home_is_marked_from_the_start_and_leads_where_editors_say():
    site = made_site()
    site.leave_address = "https://news.example.org/"
    site.save()
    assert way_out("/guidance/unsafe-at-home/") == "https://news.example.org/"
