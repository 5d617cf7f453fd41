"""Each step costs a fixed number of queries, however long the lists are."""

import pytest

from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import SEND, Referrer


def grow(northside, size: int) -> None:
    """Give the network `size` of everything the form lists."""
    network = northside.network
    for number in range(size):
        demographic = f.DemographicFactory(network=network)
        f.DemographicOptionFactory(demographic=demographic)
        question = f.QuestionFactory(network=network)
        option = f.QuestionOptionFactory(question=question)
        option.needs.set([northside.debt])
        northside.category(f"Further need {number}", parent=northside.food)
        northside.service(f"Pantry {number}", northside.parcels)


@pytest.mark.parametrize("size", [1, 3])
def test_each_step_costs_the_same_at_one_row_and_at_three(northside, django_assert_num_queries, size):
    grow(northside, size)
    northside.service("Food Hub", northside.parcels)  # stays on the list when another is removed
    f.publish_drafts(northside.network)
    with django_assert_num_queries(3):  # network, linked networks, wording
        referrer = Referrer("/refer/northside/")
    referrer.fill(for_whom="self", name="Maya", phone="07700 900123", postcode="NW5 2DB")
    # ..., postcode, boundary, version in force, its content, categories, demographics, their options
    with django_assert_num_queries(9):
        referrer.press("Continue")
    referrer.choose("Food parcels")
    with django_assert_num_queries(11):  # ..., what decides, the ranking, summaries, what is not suggested
        referrer.press("Continue")
    with django_assert_num_queries(12):  # ..., what was removed
        referrer.press("Remove Pantry 0")
    referrer.press("Put back Pantry 0")
    with django_assert_num_queries(10):  # ..., names of those on the list, wording
        referrer.press("Continue")
    referrer.choose("I do not agree")
    with django_assert_num_queries(14):  # ..., the ranking, contacts, their hours, their public pages
        referrer.press(SEND)
