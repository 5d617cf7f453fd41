"""What a draft would do to the last referrals: the same as working it out slowly, one by one."""

from random import Random

import pytest

from referrals.matching import suggest
from referrals.models import Answer, Category, Need, Question, QuestionOption, Referral, Strand
from referrals.network import flow_effect
from referrals.network.flow_effect import FlowEffect, measure_flow_effect
from referrals.questions import publish
from referrals.tests import factories as f
from referrals.tests.depth import draw_cases
from referrals.workflow import facts_of

pytestmark = pytest.mark.django_db


def draw_questions(world, random: Random) -> None:
    """A question whose answers lead to others and add needs, some of them below others."""
    needs = list(Category.objects.filter(network=world.network))
    questions = [f.QuestionFactory(network=world.network, kind="several", position=place) for place in range(5)]
    for place, question in enumerate(questions):
        for _ in range(3):
            option = f.QuestionOptionFactory(question=question, is_urgent=random.random() < 0.3)
            option.needs.set(random.sample(needs, random.randint(0, 2)))
            option.reveals.set(random.sample(questions[place + 1 :], min(1, len(questions) - place - 1)))


def draw_referral(world, random: Random, at) -> Referral:
    """Somebody who chose some answers, and ticked a need besides now and then, in the version in force."""
    referral = f.ReferralFactory(network=world.network, person=f.PersonFactory(point=f.INSIDE), created_at=at)
    referral.flow_versions.set(world.network.flow_versions.all()[:1])
    strand = Strand.objects.create(referral=referral, network=world.network, status="seeking")
    chosen = {option.pk for option in QuestionOption.objects.all() if random.random() < 0.4}
    for place, question in enumerate(Question.objects.all()):
        keys = sorted(chosen & {option.pk for option in question.options.all()})
        Answer.objects.create(
            referral=referral, network=world.network, question=question, text="x", option_ids=keys, position=place
        )
    needs, _ = follow(stored_rules(), chosen)
    needs |= set(random.sample(list(Category.objects.filter(network=world.network).values_list("pk", flat=True)), 1))
    Need.objects.bulk_create(Need(referral=referral, strand=strand, category_id=need) for need in needs)
    return referral


def stored_rules() -> list[tuple[int, list[tuple[int, set[int], set[int], bool]]]]:
    """Return each question with its options: what each reveals and adds, and whether it is urgent."""
    return [
        (
            question.pk,
            [
                (
                    option.pk,
                    set(option.reveals.values_list("pk", flat=True)),
                    set(option.needs.values_list("pk", flat=True)),
                    option.is_urgent,
                )
                for option in question.options.all()
            ],
        )
        for question in Question.objects.all()
    ]


def follow(rules, chosen: set[int]) -> tuple[set[int], bool]:
    """Let what is asked grow until nothing more comes to it. The categories of this world are a plain list."""
    revealed = {target for _, options in rules for _, reveals, *_ in options for target in reveals}
    asked = {key for key, _ in rules if key not in revealed}
    for _ in rules:
        asked |= {
            target
            for key, options in rules
            if key in asked
            for option, reveals, *_ in options
            if option in chosen
            for target in reveals
        }
    picked = [option for key, options in rules if key in asked for option in options if option[0] in chosen]
    return set().union(*(needs for *_, needs, _ in picked)), any(is_urgent for *_, is_urgent in picked)


@pytest.mark.parametrize("seed", draw_cases("drafts", range(6), share=1 / 6))
def test_it_counts_what_a_slow_recomputation_does(world, seed):
    random = Random(seed)
    draw_questions(world, random)
    publish(world.network, actor=world.coordinator)
    now = world.submit().created_at  # has no answers
    referrals = [draw_referral(world, random, now) for _ in range(20)]
    before = stored_rules()
    for option in QuestionOption.objects.order_by("?")[:5]:
        option.needs.clear()
        QuestionOption.objects.filter(pk=option.pk).update(is_urgent=random.random() < 0.5)
    after = stored_rules()
    needs = urgency = first = 0
    for referral in referrals:
        chosen = {key for answer in referral.answers.all() for key in answer.option_ids}
        old, new = follow(before, chosen), follow(after, chosen)
        ticked = {need.category_id for need in referral.needs.all()} - old[0]
        urgency += old[1] != new[1]
        needs += old[0] | ticked != new[0] | ticked
        facts = facts_of(referral.person, now)
        names = [
            [one.organisation_id for one in suggest(world.network, sorted(keys), facts, at=now, limit=1)]
            for keys in (old[0] | ticked, new[0] | ticked)
        ]
        first += names[0] != names[1]
    assert measure_flow_effect(world.network, at=now) == FlowEffect(21, needs, urgency, first)


def test_only_the_last_are_tried_and_no_longer_than_somebody_waits(world, monkeypatch):
    world.submit(), world.submit()
    assert measure_flow_effect(world.network) == FlowEffect(2, 0, 0, 0)
    monkeypatch.setattr(flow_effect, "LATEST", 1)
    assert measure_flow_effect(world.network).referrals == 1
    monkeypatch.setattr(flow_effect, "SECONDS_AT_MOST", -1)
    assert measure_flow_effect(world.network).referrals == 0


@pytest.mark.parametrize("number", [1, 3])
def test_where_nothing_is_different_it_costs_the_same_for_any_number(world, number, django_assert_num_queries):
    draw_questions(world, Random(1))
    publish(world.network, actor=world.coordinator)
    for _ in range(number):
        draw_referral(world, Random(2), world.submit().created_at)
    with django_assert_num_queries(9):
        measure_flow_effect(world.network)


@pytest.mark.parametrize("number", [1, 3])
def test_where_all_is_different_it_costs_the_same_for_any_number(world, number, django_assert_num_queries):
    draw_questions(world, Random(1))
    publish(world.network, actor=world.coordinator)
    chosen = QuestionOption.objects.first()
    QuestionOption.objects.update(is_urgent=True)
    for option in QuestionOption.objects.all():
        option.needs.set(world.needs if option == chosen else [])
    for _ in range(number):
        referral = draw_referral(world, Random(2), world.submit().created_at)
        referral.answers.update(option_ids=[chosen.pk])
    with django_assert_num_queries(10):
        effect = measure_flow_effect(world.network)
    assert effect.other_needs == number
