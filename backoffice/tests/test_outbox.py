"""Whose address the outbox shows, and that opening a message to anybody else is logged."""

import pytest
from django.urls import reverse

from referrals.models import AccessRecord, Event, Notification
from referrals.notification_kinds import NotificationKind

pytestmark = pytest.mark.django_db

LIST = "backoffice:referrals_notification_changelist"


@pytest.mark.parametrize("kind", [*NotificationKind, "not_known_yet"])
def test_an_address_is_listed_only_where_it_is_a_members(world, client, kind):
    world.submit()
    Notification.objects.all().delete()
    notification = Notification.objects.create(event=Event.objects.first(), kind=kind, recipient="a@victim.example")
    client.force_login(world.coordinator)
    to_the_person = ("person_told", "person_told_more", "person_waitlisted")
    to_others = ("referrer_told_accepted", "referrer_told_closed", "card_sent", "not_known_yet")
    is_a_members = kind not in to_the_person + to_others
    assert ("a@victim.example" in client.get(reverse(LIST)).text) is is_a_members
    if kind in to_the_person:
        client.get(reverse("backoffice:referrals_notification_change", args=[notification.pk]))
        assert AccessRecord.objects.count() == 1
