"""What stood in the way of services that offer a need: all of them, nearest first, and no secret among them."""

from random import Random

import pytest
from django.contrib.gis.geos import Point

from referrals.matching import PersonFacts, find_near_misses, suggest
from referrals.matching.near_misses import MOST, SUITS
from referrals.models import Service
from referrals.tests.depth import draw_cases
from referrals.tests.factories import (
    INSIDE,
    CategoryFactory,
    NetworkFactory,
    RestrictionFactory,
    ServiceFactory,
    VenueFactory,
    square,
)
from referrals.tests.matching.reference import needs_met
from referrals.tests.matching.worlds import make_question, make_world, occupy

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", draw_cases("worlds of near misses", range(12), share=0.2))
def test_every_service_that_offers_a_need_is_suggested_or_has_something_in_the_way(seed):
    random = Random(seed)
    world = make_world(random, services=random.choice([10, MOST]))
    parents = {category.pk: category.parent_id for category in world.categories}
    members = set(world.network.memberships.filter(status="active").values_list("organisation", flat=True))
    for _ in range(5):
        question = make_question(random, world)
        needs, person, at = question["need_ids"], question["person"], question["at"]
        shown = [one.service_id for one in suggest(world.network, needs, person, at=at, limit=4)]
        found = find_near_misses(world.network, needs, person, shown=shown, knows_load=True, for_insiders=True)
        offering = {
            service.pk
            for service in Service.objects.filter(network=world.network, archived_at=None)
            if service.organisation_id in members and needs_met(service, set(needs), parents)[1]
        }
        assert {one.service_id for one in found} == offering - set(shown)
        for one in found:
            suits = suggest(world.network, needs, person, at=at, service_ids=[one.service_id])
            others = [words for words in one.obstacles if not words.startswith("Full: ")]
            assert bool(suits) == (others in ([], [SUITS]))
            assert one.takes_people or not suits
            if suits:
                assert suits[0].has_room == (one.obstacles == (SUITS,))


class TestInWords:
    @pytest.fixture
    def network(self):
        return NetworkFactory()

    @pytest.fixture
    def food(self, network):
        return CategoryFactory(network=network)

    @pytest.fixture
    def find(self, network, food):
        def near_misses(**options):
            return find_near_misses(
                network, [food.pk], PersonFacts(point=INSIDE), **{"knows_load": True, "for_insiders": True} | options
            )

        return near_misses

    def make(self, network, food, **fields):
        return ServiceFactory(network=network, categories=[food], **{"venue": None} | fields)

    def test_nothing_offers_it(self, find):
        assert find() == []

    def test_how_full_it_is_is_told_to_those_who_may_know(self, network, food, find):
        service = self.make(network, food, capacity=1)
        occupy(service)
        assert find()[0].obstacles == ("Full: 1 of 1 places taken.",)
        occupy(service)
        assert find()[0].obstacles == ("Full: 2 people for 1 place.",)
        assert find(knows_load=False)[0].obstacles == (SUITS,)

    def test_a_refusal_comes_first(self, network, food, find):
        service = self.make(network, food)
        RestrictionFactory(service=service, age_from=60)
        said = "Rejected this on 23 November: no room."
        [one] = find(refusals={service.organisation_id: said})
        assert one.obstacles == (said,)
        assert one.takes_people

    def test_strangers_are_told_of_no_service_that_is_not_listed_and_takes_nobody(self, network, food, find):
        hidden = self.make(network, food, capacity=0, is_public=False)
        listed = self.make(network, food, capacity=0, is_public=True)
        open_but_unlisted = self.make(network, food, is_public=False)
        everybody = [hidden.pk, listed.pk, open_but_unlisted.pk]
        assert [one.service_id for one in find()] == everybody
        assert [one.service_id for one in find(for_insiders=False)] == everybody[1:]

    def test_the_nearest_come_first_and_a_secret_address_has_no_part_in_it(self, network, food, find):
        def venue(metres_north: int, **fields):
            return VenueFactory(point=Point(INSIDE.x, INSIDE.y + metres_north / 111_200, srid=4326), **fields)

        far = self.make(network, food, venue=venue(900))
        outside = self.make(network, food, catchment=square(-0.2, 51.54))
        near = self.make(network, food, venue=venue(300))
        secret = self.make(network, food, venue=venue(100, is_confidential=True), catchment=square(-0.2, 51.54))
        nowhere = self.make(network, food)
        found = find()
        assert [one.service_id for one in found] == [near.pk, far.pk, outside.pk, secret.pk, nowhere.pk]
        assert found[2].obstacles == ("Outside its own area by 1.7 miles.",)
        assert found[3].obstacles == ("Outside its own area.",)

    def test_the_number_of_queries_is_constant(self, network, food, find, django_assert_num_queries):
        for _ in range(4):
            RestrictionFactory(service=self.make(network, food, catchment=square(-0.2, 51.54)), age_from=60)
            with django_assert_num_queries(4):
                find()
