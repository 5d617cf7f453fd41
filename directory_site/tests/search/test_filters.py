"""What filters leave, and whether the number beside a choice is what choosing it gives."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from directory_site.search import Filters, Search
from directory_site.search.query import AGE_BANDS
from directory_site.tests.search.asking import MOMENTS, every_page, found, service
from directory_site.tests.search.random_town import RandomTown
from referrals.hours import Timetable, openings
from referrals.models import Service
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def test_a_category_brings_those_below_and_above_it(network):
    food = f.CategoryFactory(network=network, name="Food", slug="food")
    parcels = f.CategoryFactory(network=network, parent=food, name="Parcels", slug="parcels")
    meals = f.CategoryFactory(network=network, parent=food, name="Meals", slug="meals")
    one, two, three = (
        service(network, name, categories=[it]) for name, it in (("A", food), ("B", parcels), ("C", meals))
    )
    assert found([network], category=("food",)) == [one.pk, two.pk, three.pk]
    assert found([network], category=("parcels",)) == [one.pk, two.pk]
    assert found([network], category=("meals", "parcels")) == [one.pk, two.pk, three.pk]


def test_the_address_of_a_merged_category_leads_to_the_one_in_its_place(network):
    old, new = (f.CategoryFactory(network=network, name=name, slug=name.lower()) for name in ("Parcels", "Food"))
    one, _other = service(network, "A", categories=[new]), service(network, "B", categories=[])
    old.retired_at, old.merged_into = timezone.now(), new
    old.save()
    filters = Filters.of([network.pk])
    assert filters.drop_unknown(Search(category=("parcels", "food", "gone"))).category == ("food",)
    assert filters.categories_of(["parcels"]) == filters.categories_of(["food"]) == [new.pk]
    assert (filters.name_of_category("parcels"), found([network], category=("parcels",))) == ("Food", [one.pk])
    f.CategoryFactory(network=f.NetworkFactory(), name="Parcels", slug="parcels")  # of another site
    assert Filters.of([network.pk]).merged == {"parcels": ["food"]}


def test_other_networks_are_not_searched(network):
    ours = service(network, "Food parcels")
    theirs = service(f.NetworkFactory(), "Food parcels")
    assert found([network], q="food") == [ours.pk]
    assert set(found([network, theirs.network], q="food")) == {ours.pk, theirs.pk}
    assert found([], q="food") == []


@pytest.mark.parametrize("seed", range(4))
def test_open_now_and_open_on_are_what_the_timetable_says(seed):
    town = RandomTown(seed)
    shown = Service.objects.filter(listing__is_listed=True).select_related("network")
    timetables = {one.pk: Timetable.of(one) for one in shown}
    for now in MOMENTS:
        today = now.date()
        begins = {
            pk: openings(timetable, today - timedelta(days=1), today + timedelta(days=6))
            for pk, timetable in timetables.items()
        }
        is_open = {
            pk for pk, openings in begins.items() if any(opening.starts <= now < opening.ends for opening in openings)
        }
        assert set(every_page(town.networks, now, open_now=True)) == is_open
        for ahead in range(7):
            day = today + timedelta(days=ahead)
            on_day = {pk for pk, timetable in timetables.items() if list(timetable.openings_on(day))}
            assert set(every_page(town.networks, now, day=(day.weekday(),))) == on_day


def test_every_state_stands_in_the_address_and_nonsense_is_left_out():
    address = "q=food+bank&place=NW5&within=2&category=debt&category=food&day=1&open_now=1&age=65&suits=gender.woman"
    address += "&access=lift&referral=self&free=1&serves=1&sort=name&page=3"
    search = Search.of(QueryDict(address))
    assert search.query_string() == f"?{address}"
    assert Search.of(QueryDict(search.query_string()[1:])) == search
    assert Search.of(QueryDict("place=NW5&within=any")).query_string() == "?place=NW5&within=any"
    nonsense = "within=7&day=9&day=x&age=12&sort=price&page=-1&page=zero&near=1&open_now=yes&within=٣"
    assert Search.of(QueryDict(nonsense)) == Search()
    assert set(AGE_BANDS) == {"0-17", "18-25", "26-64", "65"}
