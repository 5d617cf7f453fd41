"""Headers of e-mails: those about one referral to one address stand together, and each says why it came."""

from datetime import timedelta

import pytest
from django.utils import timezone

from referrals import notifications, tasks, workflow
from referrals.models import Notification
from referrals.notification_kinds import AUDIENCES, MAIL_GROUPS, Audience, NotificationKind
from referrals.notifications.reasons import _SENTENCES
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db


def test_messages_about_one_referral_to_one_address_refer_to_the_first(world, mailoutbox):
    referral = world.submit(services=world.services[:1], at=timezone.now() - timedelta(hours=2))
    tasks.sweep_outbox()
    workflow.remind_now(live_on(only_strand(referral)).pk, actor=world.coordinator)
    world.submit(services=world.services[:1])
    tasks.sweep_outbox()
    asked, reminded, other = [each for each in mailoutbox if each.to == [world.organisations[0].email]]
    assert "References" not in asked.extra_headers
    assert reminded.extra_headers["References"] == asked.extra_headers["Message-ID"]
    assert reminded.extra_headers["In-Reply-To"] == asked.extra_headers["Message-ID"]
    assert "References" not in other.extra_headers
    stem = f"Referral {referral.reference}: "
    assert asked.subject.startswith(stem)
    assert reminded.subject.startswith(stem)
    to_the_person = next(each for each in mailoutbox if referral.reference in each.subject and each is not asked)
    assert "References" not in to_the_person.extra_headers


def test_each_message_says_why_it_came(world):
    world.submit()
    world.submit(services=[])
    for notification in Notification.objects.all():
        rendered = notifications.render(notification)
        for body in (rendered.text, rendered.html):
            assert "You get this because" in " ".join(body.split())
            assert "None" not in body


def test_every_kind_has_an_audience_and_a_reason():
    assert set(AUDIENCES) == set(NotificationKind)
    assert all(kind in _SENTENCES or audience in _SENTENCES for kind, audience in AUDIENCES.items())
    assert set(MAIL_GROUPS) <= {
        kind for kind, whom in AUDIENCES.items() if whom in (Audience.ORGANISATION, Audience.COORDINATORS)
    }
