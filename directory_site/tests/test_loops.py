"""Every public page opens while the tree of categories has a loop in it."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from directory_site.tests.test_walls import Place
from referrals.tests import factories as f
from referrals.tests.loops import loop_categories

pytestmark = pytest.mark.django_db


def assert_all_pages_open(place: Place) -> None:
    cache.clear()
    statuses = {address: Client().get(address).status_code for address in place.addresses()}
    leads_on = reverse("public_service", args=[place.hidden.pk])  # to the address with its name
    assert {address: status for address, status in statuses.items() if status != 200} == {leads_on: 301}


def test_every_public_page_survives_a_loop():
    place = Place()
    money = f.CategoryFactory(network=place.network, name="Money", slug="money")
    below = f.CategoryFactory(network=place.network, name="Parcels", slug="parcels", parent=place.food)
    place.neighbour.categories.add(money, below)
    loop_categories(place.food, money)
    assert_all_pages_open(place)


def test_every_public_page_survives_two_networks_that_turn_a_branch_round():
    """Each tree is one, yet together, by their short names, they would be a loop."""
    place = Place()
    place.food.parent = f.CategoryFactory(network=place.network, name="Money", slug="money")
    place.food.save()
    food = place.hidden.categories.get(slug="food")
    other = f.CategoryFactory(network=place.hidden.network, name="Food", slug="food")
    money = f.CategoryFactory(network=place.hidden.network, name="Money", slug="money", parent=other)
    place.hidden.categories.set([food, money])
    assert_all_pages_open(place)
