"""Who is asked for what: one for all, or several at once, so that no need waits for another."""

from random import Random

import pytest
from django.utils import timezone

from referrals.matching import PersonFacts, plan_parts, suggest
from referrals.tests import factories as f
from referrals.tests.depth import draw_cases
from referrals.tests.matching.worlds import make_question, make_world, occupy

pytestmark = pytest.mark.django_db

INSIDE = PersonFacts(point=f.INSIDE, place="NW5 2")
OUTSIDE = PersonFacts(point=f.Point(-0.30, 51.54), place="NW10 1")


class Place:
    """A network with needs by name and services for some of them; the first one added ranks first, all else equal."""

    def __init__(self) -> None:
        self.network = f.NetworkFactory()
        self.needs = {name: f.CategoryFactory(network=self.network, name=name) for name in ("Food", "Debt", "Bed")}
        self.services = {}

    def serve(self, name: str, *needs: str, **options: object):
        service = f.ServiceFactory(
            network=self.network, categories=[self.needs[need] for need in needs], is_public=True, **options
        )
        self.services[name] = service
        return service

    def plan(self, *needs: str, urgent: tuple[str, ...] = (), person: PersonFacts = INSIDE, **options: object):
        """Return (needs, services) of each part, by name."""
        keys = {need.pk: name for name, need in self.needs.items()}
        names = {service.pk: name for name, service in self.services.items()}
        parts = plan_parts(
            self.network,
            [self.needs[need].pk for need in needs],
            person,
            urgent_need_ids=[self.needs[need].pk for need in urgent],
            **options,
        )
        return [
            ([keys[need] for need in part.need_ids], [names[one.service_id] for one in part.suggestions])
            for part in parts
        ]


@pytest.fixture
def place() -> Place:
    return Place()


def test_one_who_meets_all_needs_is_asked_for_all(place):
    place.serve("pantry", "Food")
    place.serve("hub", "Food", "Debt")
    assert place.plan("Food", "Debt") == [(["Food", "Debt"], ["hub", "pantry"])]


def test_one_who_meets_all_comes_first_even_where_weights_say_otherwise(place):
    place.network.weight_needs = 0
    place.serve("pantry", "Food")
    place.serve("hub", "Food", "Debt", capacity=10)
    occupy(place.services["hub"])
    assert [one.service_id for one in suggest(place.network, [n.pk for n in place.needs.values()], INSIDE)] == [
        place.services["pantry"].pk,
        place.services["hub"].pk,
    ]
    assert place.plan("Food", "Debt") == [(["Food", "Debt"], ["hub", "pantry"])]


def test_one_without_room_does_not_hold_up_needs_that_others_have_room_for(place):
    place.serve("pantry", "Food")
    place.serve("advice", "Debt")
    occupy(place.serve("hub", "Food", "Debt", capacity=1))
    assert place.plan("Food", "Debt") == [(["Food"], ["pantry", "hub"]), (["Debt"], ["advice", "hub"])]


def test_needs_that_nobody_meets_are_the_last_part_and_hold_up_nobody(place):
    place.serve("pantry", "Food")
    assert place.plan("Bed", "Food", "Debt", urgent=("Bed",)) == [(["Food"], ["pantry"]), (["Bed", "Debt"], [])]
    assert place.plan("Bed") == [(["Bed"], [])]
    assert place.plan() == []


def test_urgent_needs_choose_first_and_are_asked_first(place):
    place.serve("both", "Food", "Debt")
    place.serve("shelter", "Bed", "Debt")
    assert place.plan("Food", "Debt", "Bed") == [(["Food", "Debt"], ["both", "shelter"]), (["Bed"], ["shelter"])]
    urgent = place.plan("Food", "Debt", "Bed", urgent=("Bed",))
    assert urgent == [(["Debt", "Bed"], ["shelter", "both"]), (["Food"], ["both"])]


def test_an_urgent_need_is_found_somebody_who_is_not_among_the_best_for_all_needs(place):
    place.network.suggestion_count = 1
    place.serve("both", "Food", "Debt")
    place.serve("shelter", "Bed")
    assert place.plan("Food", "Debt", "Bed", urgent=("Bed",)) == [(["Bed"], ["shelter"]), (["Food", "Debt"], ["both"])]


def test_an_organisation_taken_off_the_list_is_asked_for_nothing(place):
    hub = place.serve("hub", "Food", "Debt")
    place.serve("pantry", "Food")
    without = place.plan("Food", "Debt", exclude_organisation_ids=[hub.organisation_id])
    assert without == [(["Food"], ["pantry"]), (["Debt"], [])]


def test_the_preferred_service_is_asked_first_for_what_it_meets(place):
    place.serve("hub", "Food", "Debt")
    pantry = place.serve("pantry", "Food")
    divided = [(["Food"], ["pantry", "hub"]), (["Debt"], ["hub"])]
    assert place.plan("Food", "Debt", preferred_id=pantry.pk) == divided
    f.RestrictionFactory(service=pantry, age_from=60)
    young = PersonFacts(point=f.INSIDE, age=30)
    assert place.plan("Food", preferred_id=pantry.pk, person=young) == [(["Food"], ["hub"])]


class TestThoseAskedForByName:
    def test_they_come_first_although_the_person_lives_elsewhere(self, place):
        place.serve("hub", "Food", catchment=f.square(-0.30, 51.54))
        near = place.serve("near", "Food", catchment=f.square(-0.15, 51.54))
        assert place.plan("Food", person=OUTSIDE) == [(["Food"], ["hub"])]
        assert place.plan("Food", person=OUTSIDE, asked_for_ids=[near.pk]) == [(["Food"], ["near", "hub"])]
        [part] = plan_parts(place.network, [place.needs["Food"].pk], OUTSIDE, asked_for_ids=[near.pk])
        first, second, *_ = part.suggestions[0].reasons
        assert first.startswith("Asked for by the referrer: outside its own area by ")
        assert second == "Helps with food"
        assert part.suggestions[0].shared_reasons[0] == first

    def test_one_that_suits_says_only_that_it_was_asked_for(self, place):
        place.network.suggestion_count = 1
        place.serve("hub", "Food")
        later = place.serve("later", "Food")
        [part] = plan_parts(place.network, [place.needs["Food"].pk], INSIDE, asked_for_ids=[later.pk])
        assert part.suggestions[0].reasons[:2] == ("Asked for by the referrer", "Covers NW5 2")

    @pytest.mark.parametrize("field", ["is_public", "capacity", "paused_at"])
    def test_whoever_takes_nobody_or_is_not_in_the_directory_cannot_be_asked(self, place, field):
        service = place.serve("one", "Food", catchment=f.square(-0.15, 51.54))
        values = {"is_public": False, "capacity": 0, "paused_at": timezone.now()}
        type(service).objects.filter(pk=service.pk).update(**{field: values[field]})
        assert place.plan("Food", person=OUTSIDE, asked_for_ids=[service.pk]) == [(["Food"], [])]

    def test_nor_can_whoever_is_not_for_people_like_them_nor_another_networks(self, place):
        service = place.serve("one", "Food")
        f.RestrictionFactory(service=service, age_from=60)
        other = f.ServiceFactory(categories=[place.needs["Food"]], is_public=True)
        left = place.serve("left", "Food")
        left.organisation.memberships.update(status="suspended")
        young = PersonFacts(point=f.INSIDE, age=30)
        asked = [service.pk, other.pk, left.pk]
        assert place.plan("Food", person=young, asked_for_ids=asked) == [(["Food"], [])]


@pytest.mark.parametrize("seed", draw_cases("worlds of plans", range(16), share=1 / 8))
def test_every_need_is_in_one_part_and_waits_for_no_other(seed, django_assert_max_num_queries):
    random = Random(seed)
    world = make_world(random)
    for _ in range(20):
        question = make_question(random, world)
        needs, person, at = question["need_ids"], question["person"], question["at"]
        urgent = [need for need in needs if random.random() < 0.4]
        with django_assert_max_num_queries(3 * len(needs)):
            parts = plan_parts(world.network, needs, person, urgent_need_ids=urgent, at=at)
        assert sorted(need for part in parts for need in part.need_ids) == sorted(needs)
        for part in parts:
            for_part = suggest(world.network, part.need_ids, person, at=at)
            assert {one.service_id for one in part.suggestions} >= {one.service_id for one in for_part[1:]}
            if part.suggestions:
                assert set(part.suggestions[0].needs_met) >= set(part.need_ids)
                organisations = [one.organisation_id for one in part.suggestions]
                assert len(organisations) == len(set(organisations))
            else:
                assert for_part == []
                assert part is parts[-1]
        ranks = [(not part.suggestions, not set(part.need_ids) & set(urgent)) for part in parts]
        assert ranks == sorted(ranks)
        world.network.suggestion_count = 50
        whole = [one for one in suggest(world.network, needs, person, at=at) if len(one.needs_met) == len(needs)]
        if any(one.has_room for one in whole):
            assert len(plan_parts(world.network, needs, person, urgent_need_ids=urgent, at=at)) == 1
