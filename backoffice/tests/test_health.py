from datetime import timedelta

import pytest
from django.utils import timezone

from referrals import tasks
from referrals.models import Notification
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


def test_well_when_everything_runs(client):
    tasks.sweep_outbox()
    response = client.get("/healthz")
    assert response.json() == {"status": "ok", "database": True, "migrations": True, "worker": True, "outbox": True}
    assert response.status_code == 200


def test_unwell_without_a_worker(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()["worker"]) == (503, False)


def test_unwell_when_mail_waits_too_long(client):
    World().submit()
    tasks.Heartbeat.objects.create(name="worker", at=timezone.now())
    Notification.objects.update(due_at=timezone.now() - timedelta(hours=1))
    response = client.get("/healthz")
    assert (response.status_code, response.json()["outbox"]) == (503, False)
