"""Messages as they arrive, and sent again."""

import pytest
from django.urls import reverse

from backoffice.tests.forms import url
from referrals.models import Notification

pytestmark = pytest.mark.django_db


class TestMessages:
    @pytest.fixture
    def notification(self, ours) -> Notification:
        return Notification.objects.get(event__referral=ours.referral, kind="organisation_asked")

    def test_a_message_is_shown_as_it_arrives(self, ours, notification, signed_in):
        text = signed_in(ours.coordinator).get(url("notification", "change", notification.pk)).text
        assert f"Referral {ours.referral.reference}: please answer" in text
        assert ours.asked.email in text
        assert f'src="{reverse("backoffice:notification_body", args=[notification.pk])}"' in text

    def test_its_body_can_be_framed_here_and_can_do_nothing(self, ours, notification, signed_in):
        response = signed_in(ours.coordinator).get(reverse("backoffice:notification_body", args=[notification.pk]))
        assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert "<html" in response.text

    def test_it_is_for_its_coordinators_only(self, ours, theirs, notification, signed_in):
        address = reverse("backoffice:notification_body", args=[notification.pk])
        again = reverse("backoffice:notification_again", args=[notification.pk])
        for user in (ours.insider, ours.outsider, ours.commissioner, theirs.coordinator):
            assert signed_in(user).get(address).status_code == 404
            assert signed_in(user).post(again).status_code == 404

    def test_one_that_was_given_up_is_sent_again(self, ours, notification, signed_in):
        Notification.objects.filter(pk=notification.pk).update(status="failed", attempts=8)
        client = signed_in(ours.coordinator)
        assert "Send again" in client.get(url("notification", "change", notification.pk)).text
        again = reverse("backoffice:notification_again", args=[notification.pk])
        assert client.get(again).status_code == 405
        response = client.post(again, follow=True)
        assert "The message will be tried again at once." in response.text
        notification.refresh_from_db()
        assert (notification.status, notification.attempts) == ("pending", 0)
        assert "Nothing to do" in client.post(again, follow=True).text
