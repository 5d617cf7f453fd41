"""The form and the ranking behind it while the categories, or the questions, are in a loop."""

from referrals.matching import PersonFacts, suggest
from referrals.tests import factories as f
from referrals.tests.factories import INSIDE
from referrals.tests.loops import loop_categories, loop_questions


def test_the_form_survives_a_loop_of_categories(northside):
    northside.service("Larder Lane", northside.debt, northside.parcels)
    loop_categories(northside.food, northside.baby)
    referrer = northside.refer_to_suggestions("Debt advice")
    assert "Larder Lane" in referrer.text


def test_the_form_survives_a_loop_of_questions(northside):
    northside.service("Larder Lane", northside.debt)
    first, second = (f.QuestionOptionFactory(question__network=northside.network) for _ in range(2))
    loop_questions(first, second)
    assert "Larder Lane" in northside.refer_to_suggestions("Debt advice").text


def test_a_need_in_a_loop_is_ranked(northside):
    service = northside.service("Larder Lane", northside.food)
    loop_categories(northside.food, northside.parcels)
    [suggestion] = suggest(northside.network, [northside.parcels.pk], PersonFacts(point=INSIDE))
    assert suggestion.service_id == service.pk
