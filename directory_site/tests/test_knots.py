"""Every public page opens while the tree of categories has a knot in it."""

import pytest
from django.core.cache import cache
from django.test import Client

from directory_site.tests.test_walls import Place
from referrals.tests import factories as f
from referrals.tests.knots import tie_categories

pytestmark = pytest.mark.django_db


def opened(place: Place) -> set[int]:
    cache.clear()
    return {Client().get(address).status_code for address in place.addresses()}


def test_every_public_page_survives_a_knot():
    place = Place()
    money = f.CategoryFactory(network=place.network, name="Money", slug="money")
    below = f.CategoryFactory(network=place.network, name="Parcels", slug="parcels", parent=place.food)
    place.neighbour.categories.add(money, below)
    tie_categories(place.food, money)
    assert opened(place) <= {200, 301, 404}


def test_every_public_page_survives_two_networks_that_turn_a_branch_round():
    """Each tree is one, yet together, by their short names, they would be a knot."""
    place = Place()
    place.food.parent = f.CategoryFactory(network=place.network, name="Money", slug="money")
    place.food.save()
    food = place.hidden.categories.get(slug="food")
    other = f.CategoryFactory(network=place.hidden.network, name="Food", slug="food")
    money = f.CategoryFactory(network=place.hidden.network, name="Money", slug="money", parent=other)
    place.hidden.categories.set([food, money])
    assert opened(place) <= {200, 301, 404}
