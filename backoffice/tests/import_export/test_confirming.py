"""A table is confirmed once, by whoever sent it, as it was shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.tests.tables import confirm, preview, stored, url, venue_line, venues
from backoffice.tests.tenants import Tenant
from referrals import models as m
from referrals.import_export import uploads

pytestmark = pytest.mark.django_db


def test_confirming_twice_is_once(ours, signed_in):
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    confirm(client, page)
    response = client.post(page.request["PATH_INFO"], follow=True)
    assert "Nothing was done twice." in response.text
    assert m.Venue.objects.filter(name="Barn").count() == 1
    table = m.UploadedTable.objects.get()
    assert (table.rows, table.changes) == ([], [])


def test_nobody_else_and_no_other_session_finds_a_table(ours, theirs, signed_in):
    page = preview(signed_in(ours.insider), m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    operator = m.User.objects.create_superuser("operator@example.org")
    for user in (ours.coordinator, theirs.insider, operator):
        client = signed_in(user)
        for response in (client.get(page.request["PATH_INFO"]), client.post(page.request["PATH_INFO"])):
            assert response.status_code == 404, user
    client = signed_in(ours.insider)
    for send in (client.get, client.post):
        response = send(page.request["PATH_INFO"], follow=True)
        assert response.redirect_chain == [(url(m.Venue, "import"), 302)]
        assert "Send the file again to see what it would still change." in response.content.decode()
    assert not m.Venue.objects.filter(name="Barn").exists()


def test_a_table_is_confirmed_as_the_rows_it_was_uploaded_as(ours, signed_in):
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    pk = m.UploadedTable.objects.get().pk
    assert page.request["PATH_INFO"] == url(m.Venue, "confirm", pk)
    assert client.post(url(m.Activity, "confirm", pk)).status_code == 404


def leaves_the_organisation(ours: Tenant) -> None:
    m.OrganisationMember.objects.filter(user=ours.insider).update(organisation=ours.bystander)


def is_changed(ours: Tenant) -> None:
    m.Venue.objects.filter(pk=ours.venue.pk).update(facilities="Parking")


def is_deleted(ours: Tenant) -> None:
    ours.venue.delete()


@pytest.mark.parametrize("happens", [leaves_the_organisation, is_changed, is_deleted], ids=lambda it: it.__name__)
def test_what_changed_since_it_was_shown_is_shown_again(happens: Callable, ours, signed_in):
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(venue_line(ours.venue.pk, "Ours pantry", "Great hall", "NW1 2DB")))
    happens(ours)
    before = stored(m.Venue)
    again = client.post(page.request["PATH_INFO"], follow=True)
    assert "Something has changed since you looked." in again.text
    assert page.context["page"][0] != again.context["page"][0]
    assert stored(m.Venue) == before


def test_what_is_shown_again_can_be_confirmed(ours, signed_in):
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(venue_line(ours.venue.pk, "Ours pantry", "Great hall", "NW1 2DB")))
    is_changed(ours)
    confirm(client, page)
    confirm(client, page)
    ours.venue.refresh_from_db()
    assert (ours.venue.name, ours.venue.facilities) == ("Great hall", "")


def test_tables_are_forgotten_after_a_day(ours, signed_in):
    client = signed_in(ours.insider)
    preview(client, m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    assert uploads.prune_uploaded_tables() == 0
    m.UploadedTable.objects.update(uploaded_at=timezone.now() - timedelta(hours=25))
    assert uploads.prune_uploaded_tables() == 1
