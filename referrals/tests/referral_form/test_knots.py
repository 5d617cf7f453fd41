"""The form and the ranking behind it while the categories, or the questions, are tied in a knot."""

from referrals.matching import PersonFacts, suggest
from referrals.tests import factories as f
from referrals.tests.factories import INSIDE
from referrals.tests.knots import tie_categories, tie_questions


def test_the_form_survives_a_knot_of_categories(northside):
    northside.service("Larder Lane", northside.debt, northside.parcels)
    tie_categories(northside.food, northside.baby)
    referrer = northside.refer_to_suggestions("Debt advice")
    assert "Larder Lane" in referrer.text


def test_the_form_survives_a_knot_of_questions(northside):
    northside.service("Larder Lane", northside.debt)
    first, second = (f.QuestionOptionFactory(question__network=northside.network) for _ in range(2))
    tie_questions(first, second)
    assert "Larder Lane" in northside.refer_to_suggestions("Debt advice").text


def test_a_need_in_a_knot_is_ranked(northside):
    service = northside.service("Larder Lane", northside.food)
    tie_categories(northside.food, northside.parcels)
    [suggestion] = suggest(northside.network, [northside.parcels.pk], PersonFacts(point=INSIDE))
    assert suggestion.service_id == service.pk
