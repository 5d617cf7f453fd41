"""Words that mean the same in a search."""

import pytest
from django.core.exceptions import ValidationError

from directory_site.models import SynonymGroup

pytestmark = pytest.mark.django_db


def kept(words: str) -> SynonymGroup:
    group = SynonymGroup(words=words)
    group.full_clean()
    group.save()
    return group


def test_lines_and_commas_capitals_and_spaces_make_no_difference():
    group = kept(" Food Bank, foodbank.\r\nFOOD   parcel,, food bank\n")
    assert group.terms == ["food bank", "foodbank", "food parcel"]
    assert SynonymGroup.objects.get().words == "food bank\nfoodbank\nfood parcel"
    assert str(group) == "food bank, foodbank, food parcel"


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("food bank", "at least two words"),
        ("food bank, Food Bank", "at least two words"),
        ("", "cannot be blank"),
        (f"food bank, {'x' * 61}", "more than 60"),
        ("food bank, --", "neither letter nor digit"),
    ],
)
def test_what_is_no_group_is_refused(words, refusal):
    with pytest.raises(ValidationError, match=refusal):
        kept(words)


def test_a_word_stands_in_one_group_only():
    kept("food bank, food parcel")
    with pytest.raises(ValidationError, match="“food parcel” is in another group already: food bank, food parcel"):
        kept("hamper, Food parcel")


def test_a_group_may_be_changed_without_being_in_its_own_way():
    group = kept("food bank, food parcel")
    group.words += "\nhamper"
    group.full_clean()
    assert group.terms == ["food bank", "food parcel", "hamper"]
