"""A wording is never changed: its page offers nothing to save, and the next is put into force in the settings."""

import pytest
from django.urls import reverse

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


def test_nobody_types_a_version_and_the_list_leads_to_where_the_next_is_put_into_force(ours, signed_in):
    client = signed_in(ours.coordinator)
    assert client.get(url(ConsentWording, "add")).status_code == 403
    page = client.get(url(ConsentWording, "changelist")).text
    assert reverse("backoffice:settings_consent", args=[ours.network.pk]) in page
    assert url(ConsentWording, "add") not in page
