"""What filters leave, and whether the number beside a choice is what choosing it gives."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.http import QueryDict

from directory_site.search import Search
from directory_site.search.query import AGE_BANDS
from directory_site.tests.search.asking import MOMENTS, ask, every_page, found, service
from directory_site.tests.search.random_town import RandomTown
from referrals.enums import AccessFeature, ReferralPathway
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


def test_other_networks_are_not_searched(network):
    ours = service(network, "Food parcels")
    theirs = service(f.NetworkFactory(), "Food parcels")
    assert found([network], q="food") == [ours.pk]
    assert found([network, theirs.network], q="food") == [ours.pk, theirs.pk]
    assert found([], q="food") == []


@pytest.mark.parametrize("seed", range(4))
def test_open_now_and_open_on_are_what_the_timetable_says(seed):
    town = RandomTown(seed)
    shown = Service.objects.filter(listing__is_listed=True).select_related("network")
    for now in MOMENTS:
        today = now.date()
        begins = {
            one.pk: openings(Timetable.of(one), today - timedelta(days=1), today + timedelta(days=6)) for one in shown
        }
        is_open = {
            pk for pk, openings in begins.items() if any(opening.starts <= now < opening.ends for opening in openings)
        }
        assert set(every_page(town.networks, now, open_now=True)) == is_open
        for ahead in range(7):
            day = today + timedelta(days=ahead)
            on_day = {one.pk for one in shown if list(Timetable.of(one).openings_on(day))}
            assert set(every_page(town.networks, now, day=(day.weekday(),))) == on_day


SEARCHES = [
    {},
    {"q": "food"},
    {"place": "NW5 2AA", "within": 2},
    {"category": ("food",), "open_now": True},
    {"q": "club van", "place": "NW5 2AA", "free": True, "serves": True},
    {"suits": ("gender.woman", "language.somali"), "age": "26-64"},
    {"access": (AccessFeature.values[0],), "day": (0, 6)},
    {"referral": tuple(ReferralPathway.values[:2]), "suits": ("language.polish",), "category": ("parcels", "debt")},
]


@pytest.mark.parametrize("asked", SEARCHES, ids=lambda asked: ",".join(asked) or "all")
def test_the_number_beside_a_choice_is_what_choosing_it_gives(asked):
    town = RandomTown(5)
    search = Search(**asked)
    answer = ask(town.networks, search=search)
    assert answer.total == len(every_page(town.networks, MOMENTS[2], **asked))
    for (kind, value), number in answer.counts.items():
        if (chosen := _choosing(search, kind, value)) is not None:
            assert ask(town.networks, search=chosen).total == number, (kind, value)
    assert {kind for kind, _ in answer.counts} >= {"open_now", "free"}


def _choosing(search: Search, kind: str, value: str) -> Search | None:
    """Return the search with that choice: alone in its filter, or beside what is chosen where all have to be met."""
    if kind in ("open_now", "free", "serves"):
        return replace(search, **{kind: True}) if kind != "serves" or search.has_place else None
    if kind == "age":
        return replace(search, age=value)
    if kind == "day":
        return replace(search, day=(int(value),))
    if kind == "access":
        return replace(search, access=tuple({*search.access, value}))
    if kind == "suits":
        others = tuple(one for one in search.suits if one.partition(".")[0] != value.partition(".")[0])
        return replace(search, suits=(*others, value))
    return replace(search, **{kind: (value,)}) if kind in ("category", "referral") else None


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
