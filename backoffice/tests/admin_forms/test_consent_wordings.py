"""A wording is never changed: its page offers nothing to save, and the next one starts from it."""

import pytest

from backoffice.tests.test_walls import url
from referrals.models import ConsentWording

pytestmark = pytest.mark.django_db


def test_the_page_of_what_cannot_be_changed_has_no_button_that_saves(ours, signed_in):
    client = signed_in(ours.coordinator)
    page = client.get(url(ConsentWording, "change", ours.wording.pk)).text
    assert "View consent wording" in page
    assert 'name="_save' not in page
    assert 'name="_addanother"' not in page
    assert 'name="_save"' in client.get(url(type(ours.category), "change", ours.category.pk)).text


def test_a_new_one_is_the_next_version_and_starts_from_the_newest(ours, signed_in):
    page = signed_in(ours.coordinator).get(url(ConsentWording, "add"))
    proposed = page.context["adminform"].form.initial
    assert (proposed["version"], proposed["text"]) == (ours.wording.version + 1, ours.wording.text)
    assert "Added" not in page.text  # nothing is said of when it was
