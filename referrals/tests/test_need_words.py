"""Needs that are proposed for what somebody has written. Nothing here decides anything: see the form."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referrals.models import Category
from referrals.need_words import propose_needs
from referrals.project_functions import check_project_functions
from referrals.tests import factories as f
from referrals.tests.referral_form.conftest import Northside

GROUPS = [(["skint", "no cash"], ["debt advice"]), (["hungry"], ["food parcels", "food"]), (["out of work"], ["debt"])]


def read_groups() -> list[tuple[list[str], list[str]]]:
    return GROUPS


@pytest.fixture
def northside(db, settings) -> Northside:
    settings.WORD_GROUPS_READER = f"{__name__}.read_groups"
    return Northside()


def names(text: str, northside: Northside, *chosen) -> list[str]:
    return [category.name for category in propose_needs(text, [northside.network], [need.pk for need in chosen])]


def test_a_category_is_known_by_its_name_and_by_words_that_stand_for_it(northside):
    assert names("Some debt ADVICE would do.", northside) == ["Debt advice"]
    assert names("They are skint", northside) == ["Debt advice"]
    assert names("They are skimt", northside) == []
    assert names("nothing of the kind", northside) == []


def test_what_is_chosen_or_covered_by_it_is_left_out(northside):
    assert names("hungry, and skint", northside) == ["Food parcels", "Debt advice"]
    assert names("hungry, and skint", northside, northside.food) == ["Debt advice"]
    assert names("hungry, and skint", northside, northside.parcels) == ["Debt advice"]


def test_what_is_retired_or_of_another_network_is_not_proposed(northside):
    other = f.CategoryFactory(name="Debt advice")
    assert names("skint", northside) == ["Debt advice"]
    assert propose_needs("skint", [other.network], []) == [other]
    assert propose_needs("skint", [], []) == []
    Category.objects.filter(pk=northside.debt.pk).update(retired_at=timezone.now())
    assert names("skint", northside) == []


def test_a_phrase_of_small_words_has_to_be_there_as_it_is(northside):
    assert names("He is out of work.", northside) == ["Debt advice"]
    assert names("He works nights.", northside) == []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=300))
def test_any_text_at_all_is_read(text, northside):
    assert len(names(text, northside)) <= 3


def test_a_function_of_the_project_that_does_not_exist_is_told(settings):
    settings.WORD_GROUPS_READER = "referrals.no_such.thing"
    assert [error.id for error in check_project_functions(None)] == ["referrals.E002"]
