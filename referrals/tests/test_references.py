import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.references import ALPHABET, new_reference, parse_reference

references = st.builds(lambda _: new_reference(), st.integers())


@given(references, st.sampled_from(["{}", " {} ", "{}/"]))
def test_a_reference_is_read_however_it_is_typed(reference, form):
    assert parse_reference(form.format(reference.lower().replace("-", " "))) == reference


@given(references, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(reference, place, character):
    compact = reference.replace("-", "")
    wrong = compact[:place] + character + compact[place + 1 :]
    assert (parse_reference(wrong) is None) == (wrong != compact)


@given(references, st.integers(0, 6))
def test_two_swapped_characters_are_found(reference, place):
    compact = reference.replace("-", "")
    swapped = compact[:place] + compact[place + 1] + compact[place] + compact[place + 2 :]
    assert (parse_reference(swapped) is None) == (swapped != compact)


@pytest.mark.django_db
def test_references_are_unique(world, monkeypatch):
    taken = world.submit().reference
    draws = iter([taken, taken, "AAAA-AAAA"])
    monkeypatch.setattr("referrals.workflow.submitting.new_reference", lambda: next(draws))
    assert world.submit(key=uuid.uuid4()).reference == "AAAA-AAAA"
