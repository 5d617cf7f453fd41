"""The coverage screen: who may open it, what its address asks, and how a what-if is sent on."""

import csv
import io

import pytest
from bs4 import BeautifulSoup
from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone

from referrals.models import PostcodeDistrict, User
from referrals.models.geography import Postcode
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def address(network=None, page="coverage", **asked) -> str:
    query = "&".join([*([f"network={network.slug}"] if network else []), *(f"{name}={asked[name]}" for name in asked)])
    return f"{reverse(f'backoffice:{page}')}?{query}"


@pytest.fixture
def town(world):
    """The world's network with forty postcodes; two services in its west, one everywhere that is full."""
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    Postcode.objects.bulk_create(
        Postcode(code=f"NW{n % 2 + 1}1{letters[n // 20]}{letters[n % 20]}", point=Point(-0.2 + 0.002 * n, 51.54))
        for n in range(40)
    )
    PostcodeDistrict.objects.bulk_create(
        PostcodeDistrict(code=code, point=Point(-0.18, 51.54), postcodes=20) for code in ("NW1", "NW2")
    )
    for service in world.services:
        service.catchment = f.square(-0.18, 51.54, 0.021)
        service.save()
    return world


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_coordinators_and_commissioners_of_the_network_open_it_and_nobody_else(ours, theirs, signed_in):
    for who in (ours.coordinator, ours.commissioner, User.objects.create_superuser("operator@ours.example")):
        assert signed_in(who).get(address(ours.network)).status_code == 200
        assert signed_in(who).get(address(ours.network, "coverage_table")).status_code == 200
    for who in (ours.insider, ours.outsider, ours.editor, theirs.coordinator, theirs.commissioner, f.UserFactory()):
        assert signed_in(who).get(address(ours.network)).status_code == 404
        assert signed_in(who).get(address(ours.network, "coverage_table")).status_code == 404
    for who in (ours.insider, ours.editor, f.UserFactory()):
        assert signed_in(who).get(address()).status_code == 404
    assert signed_in(ours.commissioner).get(address()).context["screen"].network == ours.network


@pytest.mark.parametrize("name", ["coverage", "coverage_table"])
def test_it_is_only_read(name, ours, signed_in):
    assert signed_in(ours.commissioner).post(address(ours.network, name)).status_code == 405


def test_a_what_if_is_an_address_that_a_commissioner_opens(town, signed_in):
    form = {"network": town.network.slug, "try": "service", "service": town.services[0].pk, "farther": 1500}
    made = signed_in(town.coordinator).get(reverse("backoffice:coverage"), form, follow=True)
    [(sent_on, _)] = made.redirect_chain
    assert f"grow={town.services[0].pk}:1500" in sent_on
    opened = signed_in(town.commissioner).get(sent_on.partition("#")[0])
    assert opened.context["screen"].finding == made.context["screen"].finding
    assert opened.context["screen"].finding.startswith("+")
    assert "reaches 1,500 metres farther" in text_of(opened)
    without = opened.context["screen"].changes[0].without
    assert "grow" not in without
    town.services[0].refresh_from_db()
    assert town.services[0].catchment.equals(f.square(-0.18, 51.54, 0.021))


def test_several_changes_count_at_once(town, signed_in):
    one, two, three = (service.pk for service in town.services)
    client = signed_in(town.commissioner)
    page = client.get(f"{address(town.network, close=one)}&close={two}&places={three}:0&new=-0.13,51.54,600,5")
    total = page.context["screen"].coverage.total
    assert (total.now.reached_postcodes, total.lost_postcodes) == (total.lost_postcodes, total.now.reached_postcodes)
    assert total.gained_postcodes == total.then.reached_postcodes > 0
    assert "opens in NW" in text_of(page)
    assert len(page.context["screen"].changes) == 4


def test_a_change_that_makes_no_difference_says_so(town, signed_in):
    other = f.CategoryFactory(network=town.network, parent=None)
    one = town.services[0].pk
    page = signed_in(town.commissioner).get(
        f"{address(town.network, category=other.pk, close=one)}&new=-0.13,51.54,600,5"
    )
    assert [change.has_effect for change in page.context["screen"].changes] == [False, True]
    assert text_of(page).count("No difference here") == 1


def test_a_new_service_opens_at_a_postcode_or_where_the_map_was_pressed(town, signed_in):
    client = signed_in(town.commissioner)
    form = {"network": town.network.slug, "try": "new", "within": 500, "new_places": 12}
    for at, written in (
        ("nw1 1aa", "-0.2,51.54"),
        ("-0.2,51.54", "-0.2,51.54"),
        ("-0.14352,51.54021", "-0.14352,51.54021"),
    ):
        sent = client.get(reverse("backoffice:coverage"), form | {"at": at})
        assert sent.headers["Location"].endswith(f"new={written},500,12#what-if")
    refused = client.get(reverse("backoffice:coverage"), form | {"at": "ZZ99 9ZZ"})
    assert refused.status_code == 200
    assert refused.context["new_form"].errors["at"]
    assert refused.context["screen"].changes == []


def test_what_the_address_cannot_mean_is_left_out_in_words(town, theirs, signed_in):
    asked = f"{address(town.network, category=theirs.category.pk, day=9)}&close={theirs.service.pk}&new=1,2&best=0,x"
    page = signed_in(town.coordinator).get(asked + "&grow=x:y&places=1")
    assert page.status_code == 200
    assert len(page.context["problems"]) == 7
    question = page.context["screen"].question
    assert (question.category, question.moment, question.changes, question.best) == (None, None, (), None)
    assert "Theirs" not in text_of(page)


def test_a_retired_category_that_an_address_asks_for_stays_chosen(town, signed_in):
    category = f.CategoryFactory(network=town.network, parent=None, retired_at=timezone.now())
    page = signed_in(town.commissioner).get(address(town.network, category=category.pk))
    chosen = BeautifulSoup(page.content, "html.parser").select_one("#ask_category [selected]")
    assert chosen["value"] == str(category.pk)


def test_where_one_more_service_would_help_most_can_be_tried(town, signed_in):
    form = {"network": town.network.slug, "try": "best", "best_places": 10, "best_metres": 700}
    page = signed_in(town.commissioner).get(reverse("backoffice:coverage"), form, follow=True)
    part = page.redirect_chain[0][0].partition("#")[2]
    assert BeautifulSoup(page.text, "html.parser").find(id=part).h3.text == "Where one more service would help most"
    sites = page.context["screen"].sites
    assert 1 <= len(sites) <= 5
    tried = signed_in(town.commissioner).get(f"{reverse('backoffice:coverage')}{sites[-1][1]}")
    assert len(tried.context["screen"].changes) == len(sites)
    assert tried.context["screen"].coverage.total.gained_postcodes > 0


def test_the_table_has_every_place_and_no_formula(town, signed_in):
    f.AreaFactory(name="=Somers Town", boundary=f.square(-0.13, 51.54, 0.01))
    file = signed_in(town.commissioner).get(address(town.network, "coverage_table", close=town.services[0].pk))
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert {row["Place"] for row in rows} == {"NW1", "NW2", "'=Somers Town"}
    assert sum(int(row["Postcodes"]) for row in rows) == 40
    assert "Postcodes reached, after the changes" in rows[0]
    assert "People" not in rows[0]


def test_it_says_what_is_missing(world, signed_in):
    client = signed_in(world.commissioner)
    assert "manage.py import_postcodes" in text_of(client.get(address(world.network)))
    small_area = f.AreaFactory(boundary=f.square(-0.15, 51.54), population=900)
    assert "No postcodes have been imported" in text_of(client.get(address(world.network)))
    small_area.delete()
    Postcode.objects.create(code="ZE10AA", point=Point(-1.14, 60.15))
    assert "lies in Area" in text_of(client.get(address(world.network)))
    Postcode.objects.create(code="NW11AA", point=Point(-0.15, 51.54))
    assert "import_areas --population" in text_of(client.get(address(world.network)))
    f.AreaFactory(boundary=f.square(-0.15, 51.54), population=1200)
    page = text_of(client.get(address(world.network)))
    assert "1,200 people live here" in page
    assert "Places per 1,000 people" in page


def test_an_area_too_large_to_measure_says_so(world, signed_in):
    Postcode.objects.create(code="NW11AA", point=Point(-0.15, 51.54))
    PostcodeDistrict.objects.create(code="NW1", point=Point(-0.15, 51.54), postcodes=400_000)
    client = signed_in(world.commissioner)
    assert "too many postcodes" in text_of(client.get(address(world.network)))
    assert client.get(address(world.network, "coverage_table")).headers["Location"] == address(world.network)


def test_it_takes_the_same_queries_however_many_services_and_changes_there_are(
    town, signed_in, django_assert_num_queries
):
    client = signed_in(town.commissioner)
    for count in (1, 3):
        changes = "".join(f"&grow={service.pk}:100" for service in town.services[:count])
        asked = address(town.network, category=town.needs[0].pk, day=1, part="evening", best="5,500") + changes
        client.get(asked)
        with django_assert_num_queries(17):
            client.get(asked)
        town.add_organisation()
