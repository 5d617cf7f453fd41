"""What is found near a place, and how places are read."""

import pytest
from django.contrib.gis.geos import Point

from directory_site.search import Search, extract_place, find_place
from directory_site.search.query import ANYWHERE
from directory_site.tests.search.asking import ask, found, placed, service
from referrals.models import Postcode, Restriction
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def test_who_serves_the_place_comes_first_then_what_fits_then_miles(network):
    debt = f.CategoryFactory(network=network, name="Debt advice")
    about_far = placed(service(network, "Debt advice"), -0.10)
    about_near = placed(service(network, "Letters", categories=[debt]), -0.12)
    summary = placed(service(network, "Somali desk", summary="Benefits, debt and housing"), -0.1401)
    elsewhere = placed(service(network, "Debt clinic", catchment=f.square(-0.20, 51.52)), -0.141)
    in_passing = placed(service(network, "Lunch", description="Some talk of debt"), -0.1402)
    asked = {"q": "debt", "place": "NW5 2AA", "within": ANYWHERE}
    assert found([network], **asked) == [about_near.pk, about_far.pk, summary.pk, elsewhere.pk, in_passing.pk]
    assert found([network], **asked, sort="nearest")[:2] == [summary.pk, elsewhere.pk]
    assert ask([network], **asked).mentions == 1


def test_what_is_for_particular_people_comes_behind_what_is_for_everybody(network):
    some = placed(service(network, "Befriending"), -0.1401)
    Restriction.objects.create(service=some, option=f.DemographicOptionFactory(demographic__network=network))
    old = placed(service(network, "Befriending"), -0.1402)
    Restriction.objects.create(service=old, age_from=60)
    everybody = placed(service(network, "Befriending"), -0.10)
    assert found([network], q="befriending", place="NW5 2AA") == [everybody.pk, some.pk, old.pk]
    assert found([network], q="befriending over 60s", place="NW5 2AA") == [old.pk, everybody.pk, some.pk]


def test_nearest_come_first_and_those_without_a_place_last(network):
    far, near, nowhere = (service(network, name) for name in ("Far", "Near", "Nowhere"))
    for one, east in ((far, -0.10), (near, -0.1401)):
        one.venue = f.VenueFactory(organisation=one.organisation, point=Point(east, 51.55, srid=4326))
        one.save()
    answer = ask([network], place="nw5 2aa")
    assert [hit.service_id for hit in answer.hits] == [near.pk, far.pk, nowhere.pk]
    assert [hit.miles and round(hit.miles, 1) for hit in answer.hits] == [0.0, 1.7, None]
    assert found([network], place="NW5 2AA", within=1) == [near.pk, nowhere.pk]
    away = service(network, "Away")
    away.venue = f.VenueFactory(organisation=away.organisation, point=Point(-1.5, 52.5, srid=4326))
    away.save()
    assert found([network], place="NW5 2AA") == [near.pk, far.pk, nowhere.pk]
    assert found([network], place="NW5 2AA", within=ANYWHERE) == [near.pk, far.pk, away.pk, nowhere.pk]


def test_a_service_says_whether_it_serves_the_place(network):
    all_over = service(network, "All over")
    here = service(network, "Here", catchment=f.square(-0.14, 51.55))
    elsewhere = service(network, "Elsewhere", catchment=f.square(-0.20, 51.52))
    serves = {hit.service_id: hit.serves for hit in ask([network], place="NW5 2AA", within=ANYWHERE).hits}
    assert serves == {all_over.pk: True, here.pk: True, elsewhere.pk: False}
    assert set(found([network], place="NW5 2AA")) == {all_over.pk, here.pk}
    assert set(found([network], place="NW5 2AA", within=ANYWHERE, serves=True)) == {all_over.pk, here.pk}


def test_places_are_postcodes_their_halves_and_names(network):
    f.AreaFactory(name="Kilburn", boundary=f.square(-0.2, 51.54))
    f.AreaFactory(name="Kilburn", boundary=f.square(-1.4, 53.0))
    other = f.NetworkFactory(area__name="Elsewhere", area__boundary=f.square(-1.4, 53.0))
    Postcode.objects.create(code="NW11ZZ", point=Point(-0.3, 51.6, srid=4326))
    asked = {text: find_place(Search(place=text), [network.pk]) for text in ("nw52aa", "NW5", "nw5 2", "kilburn")}
    assert {text: place and place.name for text, place in asked.items()} == {
        "nw52aa": "NW5 2AA",
        "NW5": "NW5",
        "nw5 2": "NW5 2",
        "kilburn": "Kilburn",
    }
    assert asked["kilburn"].point.distance(Point(-0.2, 51.54, srid=4326)) < 0.01
    for nowhere in ("NW5 9ZZ", "Atlantis", other.area.name, "N"):
        assert find_place(Search(place=nowhere), [network.pk]) is None, nowhere
    assert find_place(Search(place="Kilburn"), []) is None  # a site without networks
    near = find_place(Search(near="51.5501,-0.1399"), [network.pk])
    assert (near.point.x, near.point.y) == (-0.1399, 51.5501)


def test_a_place_among_the_words_is_the_place(network):
    f.AreaFactory(name="King's Cross", boundary=f.square(-0.12, 51.53))
    network.area.boundary = f.square(-0.14, 51.55)
    network.area.save()
    read = {
        typed: extract_place(Search(q=typed), [network.pk])
        for typed in ("NW5 2AA", "nw52aa", "NW5", "debt NW5 2AA", "food in kings cross", "B12 injections", "cross food")
    }
    assert {typed: (search.q, search.place) for typed, search in read.items()} == {
        "NW5 2AA": ("", "NW5 2AA"),
        "nw52aa": ("", "NW5 2AA"),
        "NW5": ("", "NW5"),
        "debt NW5 2AA": ("debt", "NW5 2AA"),
        "food in kings cross": ("food", "King's Cross"),
        "B12 injections": ("B12 injections", ""),
        "cross food": ("cross food", ""),
    }
    beside = Search(q="food kings cross", place="NW5", page=2)
    assert extract_place(beside, [network.pk]) == beside
    assert extract_place(Search(q="NW5 2AA", page=2), [network.pk]).page == 2


@pytest.mark.parametrize(
    "typed", ["kings cross", "KING\u2019S CROSS", "Kings Crss", "knigs cross", "King's Cross Road", "kings"]
)
def test_names_of_places_are_forgiving(network, typed):
    f.AreaFactory(name="King's Cross", boundary=f.square(-0.12, 51.53))
    assert find_place(Search(place=typed), [network.pk]).name == "King's Cross"
