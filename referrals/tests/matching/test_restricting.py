"""What the form has to ask: whatever some candidate restricts, and nothing else. Compared with the slow reference."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from referrals.matching import restricting_demographics
from referrals.models import Category, Service
from referrals.tests import factories as f
from referrals.tests.depth import draw_cases
from referrals.tests.matching import reference
from referrals.tests.matching.worlds import make_question, make_world
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


def restricted(network, need_ids, person) -> tuple[set, bool]:
    """Return the demographics that candidates restrict, and whether one restricts ages."""
    parents = dict(Category.objects.values_list("pk", "parent"))
    members = set(network.memberships.filter(status="active").values_list("organisation", flat=True))
    found = set()
    services = Service.objects.filter(network=network, capacity__gt=0, paused_at=None, archived_at=None)
    for service in services.prefetch_related("categories", "restrictions__option"):
        if service.organisation_id not in members or not reference.needs_met(service, set(need_ids), parents)[1]:
            continue
        if person.point is None or reference.is_there_for(service, network, person):
            found |= {row.option.demographic_id if row.option else None for row in service.restrictions.all()}
    return found - {None}, None in found


@pytest.mark.parametrize("seed", draw_cases("worlds of restrictions", range(24), share=1 / 8))
def test_what_candidates_restrict_is_asked_and_nothing_else(seed, django_assert_num_queries):
    random = Random(seed)
    world = make_world(random)
    seen = Counter()
    for number in range(20):
        question = make_question(random, world)
        needs, person = question["need_ids"], question["person"]
        with django_assert_num_queries(1):
            found = restricting_demographics([world.network], needs, person.point)
        expected = restricted(world.network, needs, person)
        assert (found.demographic_ids, found.asks_age) == expected, f"question {number} of world {seed}"
        seen[len(expected[0])] += 1
        anywhere = restricted(world.network, needs, replace(person, point=None))
        assert restricting_demographics([world.network], needs).demographic_ids == anywhere[0]
    assert len(seen) > 1


def test_several_networks_are_asked_about_in_one_query(django_assert_num_queries):
    food, law = World(organisations=1), World(organisations=1)
    option = f.DemographicOptionFactory(demographic__network=food.network)
    f.RestrictionFactory(service=food.services[0], option=option)
    f.RestrictionFactory(service=law.services[0], age_from=18)
    needs = [food.needs[0].pk, law.needs[0].pk]
    with django_assert_num_queries(1):
        both = restricting_demographics([food.network, law.network], needs)
    assert (both.demographic_ids, both.asks_age) == ({option.demographic_id}, True)
    assert not restricting_demographics([law.network], needs).demographic_ids
    assert not restricting_demographics([food.network, law.network], []).asks_age
