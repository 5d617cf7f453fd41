import pytest

from referrals.words import join_in_words


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        ([], ""),
        (["food"], "food"),
        (["food", "debt"], "food or debt"),
        (["food", "debt", "baby"], "food, debt or baby"),
        (["feeling low, or anxious"], "feeling low, or anxious"),
        (["feeling low, or anxious", "food"], "feeling low, or anxious; or food"),
        (["food", "feeling low, or anxious", "debt"], "food; feeling low, or anxious; or debt"),
    ],
)
def test_what_has_a_comma_is_kept_apart(words, joined):
    assert join_in_words(words, "or") == joined
