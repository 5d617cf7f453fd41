"""What other weights would change: the same as ranking slowly, once with the old weights and once with the new."""

from copy import copy
from datetime import datetime
from random import Random

import pytest

from referrals.enums import Importance, Outcome, ReferralStatus, StrandStatus
from referrals.matching import PersonFacts
from referrals.models import Need, Network, Referral, Strand
from referrals.models.networks import DEFAULT_WEIGHTS
from referrals.network import weights_effect
from referrals.network.weights_effect import WeightsEffect, measure_effect
from referrals.tests import factories as f
from referrals.tests.depth import draw_cases
from referrals.tests.matching import reference
from referrals.tests.matching.worlds import World, make_question, make_world

pytestmark = pytest.mark.django_db


def refer(network: Network, needs: list[int], facts: PersonFacts, at: datetime) -> Referral:
    person = f.PersonFactory(point=facts.point, age_given=facts.age, age_given_on=at.date() if facts.age else None)
    person.options.set(facts.option_ids)
    referral = f.ReferralFactory(network=network, person=person)
    strand = Strand.objects.create(referral=referral, network=network, status="seeking")
    Need.objects.bulk_create(Need(referral=referral, strand=strand, category_id=need) for need in needs)
    return referral


@pytest.mark.parametrize("seed", draw_cases("worlds of weights", range(8), share=1 / 4))
def test_it_counts_what_a_slow_ranking_does(seed):
    random = Random(seed)
    world = make_world(random)
    at = make_question(random, world)["at"]
    Network.objects.filter(pk=world.network.pk).update(**DEFAULT_WEIGHTS)
    world.network.refresh_from_db()
    asked = [make_question(random, copy_of(world)) for _ in range(12)]
    for question in asked:
        refer(world.network, question["need_ids"], question["person"], at)
    for weights in ({**DEFAULT_WEIGHTS, "weight_distance": 400}, dict.fromkeys(DEFAULT_WEIGHTS, 0), DEFAULT_WEIGHTS):
        changed = copy(world.network)
        vars(changed).update(weights)
        first = three = nobody = 0
        for question in asked:
            before, after = (
                [
                    organisation
                    for _, organisation, *_ in reference.suggestions(
                        one, question["need_ids"], question["person"], at=at, limit=3
                    )
                ]
                for one in (world.network, changed)
            )
            nobody += before == []
            if before and before[0] != after[0]:
                first += 1
                three += any(one not in before for one in after)
        assert measure_effect(world.network, weights, at=at) == WeightsEffect(12, nobody, first, three)
    assert (first, three) == (0, 0)  # the weights that it has
    world.network.refresh_from_db()
    assert world.network.weights == DEFAULT_WEIGHTS


def copy_of(world: World) -> World:
    """Return one whose network `make_question` may change."""
    other = copy(world)
    other.network = copy(world.network)
    return other


def test_only_the_last_referrals_that_need_something_of_the_network_are_tried(world, monkeypatch):
    elsewhere = f.NetworkFactory()

    def tried(network: Network = world.network) -> int:
        return measure_effect(network, DEFAULT_WEIGHTS).referrals

    _, spam, refused = world.submit(), world.submit(), world.submit()
    assert (tried(), tried(elsewhere)) == (3, 0)
    Referral.objects.filter(pk=spam.pk).update(status=ReferralStatus.SPAM, closed_at=spam.created_at)
    assert tried() == 2
    strands = Strand.objects.filter(referral=refused)
    strands.update(status=StrandStatus.CLOSED, outcome=Outcome.SPAM, closed_at=refused.created_at)
    assert tried() == 1
    world.submit()
    Referral.objects.update(network=elsewhere)  # sent there, for organisations of this network
    assert (tried(), tried(elsewhere)) == (2, 0)
    monkeypatch.setattr(weights_effect, "LATEST", 1)
    assert tried() == 1


def test_it_stops_when_it_takes_too_long(world, monkeypatch):
    world.submit(), world.submit()
    monkeypatch.setattr(weights_effect, "SECONDS_AT_MOST", -1)
    assert measure_effect(world.network, DEFAULT_WEIGHTS) == WeightsEffect(0, 0, 0, 0)


def test_it_takes_two_statements_a_referral_and_three_more(world, django_assert_num_queries):
    for number in (1, 3):
        while Referral.objects.count() < number:
            world.submit()
        with django_assert_num_queries(3 + 2 * number):
            measure_effect(world.network, DEFAULT_WEIGHTS)


def test_the_defaults_have_words():
    assert set(DEFAULT_WEIGHTS.values()) <= set(Importance.values)
    assert len(DEFAULT_WEIGHTS) == 6
