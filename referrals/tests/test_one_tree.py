"""Wherever a category is chosen, it stands for the same: filters, figures, coverage and the ranking agree."""

import random
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from referrals.access import visible_to
from referrals.filters import ReferralFilter, ServiceFilter
from referrals.matching import PersonFacts, suggest
from referrals.models import Category, Referral, Service
from referrals.network.coverage import choose_services
from referrals.network.figures import Conditions, Period, count_exactly
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


@pytest.fixture(params=range(gate_or_all(1, 10)))
def tree(request) -> World:
    """A random tree of categories, each with a service of its own and a referral; some services have two."""
    draw = random.Random(request.param)
    world = World(organisations=0, needs=2)
    for _ in range(7):
        parent = draw.choice([*world.needs, *world.needs[-2:]])  # some deep, some wide
        world.needs.append(f.CategoryFactory(network=world.network, parent=parent))
    every = world.needs
    for category in every:
        world.needs = [category, *draw.sample(every, draw.randrange(2))]
        world.add_organisation(capacity=99)
        world.submit(services=[])
    world.needs = every
    return world


def with_all_above(category: Category) -> set[int]:
    above = {category.pk}
    while category.parent_id:
        category = Category.objects.get(pk=category.parent_id)
        above.add(category.pk)
    return above


def test_a_need_is_found_and_counted_at_it_and_at_whatever_is_above_it(tree):
    request = SimpleNamespace(user=tree.coordinator)
    today = timezone.localdate()
    period = Period("days", "today", today, today + timedelta(days=1))
    slow = Counter()
    for referral in Referral.objects.prefetch_related("needs__category"):
        needed = {key for need in referral.needs.all() for key in with_all_above(need.category)}
        slow.update(needed)
    table = count_exactly(tree.network, period, Conditions(), ["needs"])["needs"]
    counted = {row.label: row.cells[0].value for row in table.rows}
    for category in tree.needs:
        found = ReferralFilter({"need": category.pk}, queryset=visible_to(tree.coordinator, Referral), request=request)
        narrowed = Conditions(categories=tuple(Category.objects.keys_of_need(category)))
        total = count_exactly(tree.network, period, narrowed, ["months"])["months"].total
        assert found.qs.count() == total.cells[0].value == counted[str(category)] == slow[category.pk]


def test_services_listed_above_or_below_are_those_that_can_help(tree):
    request = SimpleNamespace(user=tree.coordinator)
    services = Service.objects.filter(network=tree.network)
    today = timezone.localdate()
    unfiltered = ServiceFilter({}, services, networks=[tree.network], request=request).counts()["category"]
    above = {category.pk: with_all_above(category) for category in tree.needs}
    for chosen in tree.needs:
        slow = {
            service.pk
            for service in services
            if any(one.pk in above[chosen.pk] or chosen.pk in above[one.pk] for one in service.categories.all())
        }
        found = ServiceFilter({"category": chosen.pk}, services, networks=[tree.network], request=request)
        ranked = suggest(tree.network, [chosen.pk], PersonFacts(point=f.INSIDE), limit=50)
        assert {one.pk for one in found.qs} == slow
        assert {one.pk for one in choose_services(services, category=chosen, today=today)} == slow
        assert {one.service_id for one in ranked} == slow
        assert unfiltered[chosen.pk] == len(slow)
