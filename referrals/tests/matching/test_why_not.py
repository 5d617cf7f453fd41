"""Why a service would not be suggested, and that this always agrees with the ranking."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest
from django.contrib.gis.geos import Point

from referrals.matching import PersonFacts, suggest
from referrals.matching.exclusions import exclusion_reasons
from referrals.models import NetworkMembership, Service
from referrals.tests.depth import draw_cases
from referrals.tests.factories import (
    INSIDE,
    CategoryFactory,
    DemographicFactory,
    DemographicOptionFactory,
    NetworkFactory,
    RestrictionFactory,
    ServiceFactory,
    VenueFactory,
    square,
)
from referrals.tests.matching.worlds import make_question, make_world

WORLDS = range(10)
FAR_AWAY = Point(2.35, 48.85, srid=4326)
ONCE = datetime(2026, 5, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def rows():
    return Service.objects.select_related("network__area", "organisation").prefetch_related(
        "restrictions__option__demographic"
    )


@pytest.mark.parametrize("seed", draw_cases("worlds of exclusions", WORLDS, share=0.3))
def test_it_agrees_with_the_ranking(seed):
    random = Random(seed)
    world = make_world(random)
    services = list(rows())
    seen = Counter()
    for number in range(6):
        question = make_question(random, world)
        needs, person, at = question["need_ids"], question["person"], question["at"]
        for service in services:
            suggested = suggest(service.network, needs, person, at=at, service_ids=[service.pk])
            reasons = exclusion_reasons(service, needs, person)
            assert bool(reasons) != bool(suggested), f"question {number} of world {seed}, {service.pk}: {reasons}"
            seen["suggested"] += bool(suggested)
            seen["one reason"] += len(reasons) == 1
            seen["several reasons"] += len(reasons) > 1
    assert min(seen[what] for what in ("suggested", "one reason", "several reasons")) > 3


class TestInWords:
    @pytest.fixture
    def network(self):
        return NetworkFactory(name="North network", area__name="Northside")

    @pytest.fixture
    def food(self, network):
        return CategoryFactory(network=network)

    @pytest.fixture
    def service(self, network, food):
        return ServiceFactory(network=network, categories=[food])

    @pytest.fixture
    def ask(self, service, food):
        def reasons(*, needs=None, **person):
            wanted = [food.pk] if needs is None else needs
            return exclusion_reasons(rows().get(pk=service.pk), wanted, PersonFacts(**{"point": INSIDE, **person}))

        return reasons

    @pytest.fixture
    def gender(self, network):
        demographic = DemographicFactory(network=network)
        return {
            name: DemographicOptionFactory(demographic=demographic, name=name, plural=plural)
            for name, plural in {"Woman": "women", "Man": "men"}.items()
        }

    def test_a_suggested_service_has_no_exclusion_reason(self, ask):
        assert ask() == []

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ({"archived_at": ONCE}, "The service is archived."),
            ({"paused_at": ONCE}, "The service is paused."),
            ({"capacity": 0}, "Its capacity is 0."),
        ],
    )
    def test_reasons_from_the_services_own_state(self, service, ask, state, words):
        Service.objects.filter(pk=service.pk).update(**state)
        assert ask() == [words]

    def test_an_organisation_that_is_suspended(self, service, ask):
        NetworkMembership.objects.update(status="suspended")
        assert ask() == [f"{service.organisation} is not an active member of North network."]

    def test_needs(self, network, food, ask):
        child = CategoryFactory(network=network, parent=food)
        other = CategoryFactory(network=network)
        assert ask(needs=[child.pk, other.pk]) == []
        assert ask(needs=[other.pk]) == ["It does not help with this need."]
        assert ask(needs=[other.pk, CategoryFactory(network=network).pk]) == ["It helps with none of these needs."]
        assert ask(needs=[]) == ["Nothing is needed: choose at least one need."]

    def test_where_they_live(self, service, ask):
        assert ask(point=FAR_AWAY) == ["Outside Northside by 213 miles."]
        assert ask(point=None) == []
        Service.objects.filter(pk=service.pk).update(catchment=square(-0.2, 51.54))
        assert ask() == ["Outside its own area by 1.7 miles."]
        assert ask(point=None) == ["It helps people in one area only: give at least the first half of a postcode."]
        Service.objects.update(venue=VenueFactory(organisation=service.organisation, is_confidential=True))
        assert ask() == ["Outside its own area."]

    def test_age(self, service, ask):
        RestrictionFactory(service=service, age_from=60, age_to=80)
        assert ask(age=59) == ["Only for people aged 60 to 80, not 59."]
        assert ask(age=81) == ["Only for people aged 60 to 80, not 81."]
        assert ask(age=60) == ask(age=80) == ask(age=None) == []

    def test_answers(self, service, gender, ask):
        RestrictionFactory(service=service, option=gender["Woman"])
        both = {option.pk for option in gender.values()}
        assert ask(option_ids=frozenset({gender["Man"].pk})) == ['Only for women; the answer is "Man".']
        assert ask(option_ids=frozenset(both)) == ask(option_ids=frozenset()) == []

    def test_all_reasons_are_listed_together(self, service, gender, ask):
        RestrictionFactory(service=service, option=gender["Woman"])
        RestrictionFactory(service=service, age_from=60)
        Service.objects.filter(pk=service.pk).update(capacity=0, paused_at=ONCE)
        NetworkMembership.objects.update(status="left")
        assert len(ask(needs=[], point=FAR_AWAY, age=20, option_ids=frozenset({gender["Man"].pk}))) == 7

    def test_the_number_of_queries_is_constant(self, service, gender, food, django_assert_num_queries):
        RestrictionFactory(service=service, option=gender["Woman"])
        stored = rows().get(pk=service.pk)
        with django_assert_num_queries(2):
            exclusion_reasons(stored, [food.pk], PersonFacts(point=INSIDE, option_ids=frozenset({gender["Man"].pk})))
