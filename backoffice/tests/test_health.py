import logging
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.mail.backends.dummy import EmailBackend as NoServer
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from backoffice import health
from referrals import heartbeats, notifications, tasks, workflow
from referrals.models import Heartbeat, Notification
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db
NO_SERVER = f"{NoServer.__module__}.{NoServer.__qualname__}"


@pytest.fixture
def unwell(client):
    """Returns what is unwell, in an installation whose worker has just finished a task."""
    Heartbeat.objects.create(name="here:1", at=timezone.now())

    def ask() -> set[str]:
        cache.clear()  # as if nobody had asked in the last seconds
        response = client.get("/healthz")
        checks = response.json()
        status = checks.pop("status")
        found = {name for name, is_well in checks.items() if not is_well}
        assert (response.status_code, status) == ((503, "unwell") if found else (200, "ok"))
        return found

    return ask


def late() -> None:
    Notification.objects.update(first_due_at=timezone.now() - timedelta(hours=1))


def fail(error: str, *, number: int, status: str = "failed", **fields: object) -> None:
    keys = Notification.objects.filter(status="pending").values_list("pk", flat=True)[:number]
    Notification.objects.filter(pk__in=list(keys)).update(
        status=status, error=error, attempts=1, claimed_at=timezone.now(), **fields
    )


def test_well_when_everything_runs(unwell, client):
    assert unwell() == set()
    assert list(client.get("/healthz").json()) == [
        "status",
        "database",
        "migrations",
        "disk",
        "worker",
        "queue",
        "mail_server",
        "outbox",
    ]


def test_unwell_without_a_worker(unwell):
    Heartbeat.objects.all().delete()
    assert unwell() == {"worker"}


def test_unwell_when_the_worker_has_finished_nothing_for_long(unwell):
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=4))
    assert unwell() == {"worker"}
    heartbeats.announce_long_task(900)
    assert unwell() == set()


def test_unwell_when_tasks_are_not_taken(unwell):
    OrmQ.objects.create(key="any", payload="", lock=timezone.now() - timedelta(minutes=11))
    assert unwell() == {"queue"}


def test_unwell_when_no_row_can_be_written(unwell):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$;"
            "CREATE TRIGGER disk_full BEFORE INSERT ON referrals_heartbeat FOR EACH ROW EXECUTE FUNCTION disk_full()"
        )
    assert unwell() == {"disk"}


def test_unwell_when_a_row_fits_where_another_was_and_nothing_more_fits_on_the_disk(unwell):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL temp_file_limit = 0")
    assert unwell() == {"disk"}


def test_looking_leaves_nothing_behind(unwell):
    unwell()
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["here:1"]


def test_unwell_when_mail_waits_too_long(unwell):
    World().submit()
    assert unwell() == set()
    late()
    assert unwell() == {"outbox"}


def test_unwell_while_mail_is_tried_again_and_again(unwell):
    World().submit()
    late()
    fail("ConnectionRefusedError", number=1, status="pending", due_at=timezone.now() + timedelta(hours=12))
    assert unwell() == {"outbox"}


def test_unwell_for_a_day_when_mail_was_given_up(unwell):
    World().submit()
    fail("TimeoutError", number=1)
    assert unwell() == {"outbox"}
    Notification.objects.update(claimed_at=timezone.now() - timedelta(hours=25))
    assert unwell() == set()


def test_one_refused_address_is_well_but_two_and_nothing_sent_is_unwell(unwell):
    World().submit()
    fail("SMTPRecipientsRefused 550", number=1)
    assert unwell() == set()
    fail("SMTPRecipientsRefused 550", number=1)
    assert unwell() == {"outbox"}
    World().submit()
    tasks.sweep_outbox()
    assert unwell() == set()


def test_a_message_tried_anew_by_hand_is_not_late(unwell):
    World().submit()
    late()
    fail("TimeoutError", number=2)
    assert [notifications.retry(message) for message in Notification.objects.all()] == [True, True]
    fail("TimeoutError", number=1, status="pending", due_at=timezone.now() + timedelta(minutes=1))
    assert unwell() == set()


def test_what_waited_for_a_coordinator_is_not_late(unwell, settings):
    settings.REFERRAL_LIMITS = dict.fromkeys(settings.REFERRAL_LIMITS, 0) | {"network": 1}
    world, client, before = World(), workflow.Sender("192.0.2.7"), timezone.now() - timedelta(days=5)
    workflow.submit(world.submission(), sender=client, at=before)
    held = workflow.submit(world.submission(), sender=client, at=before)
    tasks.sweep_outbox()
    Notification.objects.update(claimed_at=None)
    workflow.let_through(held.strands.get().pk, actor=world.coordinator)
    assert unwell() == set()
    assert tasks.sweep_outbox() == 2
    assert Notification.objects.get(event__referral=held, kind="person_told").status == "sent"


def test_unwell_without_a_mail_server_unless_none_is_wanted(unwell, settings):
    settings.EMAIL_BACKEND, settings.SMTP_HOST = NO_SERVER, ""
    assert unwell() == {"mail_server"}
    settings.SMTP_HOST = "none"
    assert unwell() == set()


def test_its_answers_are_not_logged(unwell, caplog):
    caplog.handler.addFilter(logging.getLogger().handlers[0].filters[0])
    Heartbeat.objects.all().delete()
    unwell()
    assert caplog.records == []


def test_asking_again_at_once_costs_nothing(unwell, client, django_assert_num_queries):
    unwell()
    Heartbeat.objects.all().delete()
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=health.KEPT_SECONDS + 1)):
        assert client.get("/healthz").status_code == 503


def test_a_fault_of_the_page_itself_is_logged(client, caplog, monkeypatch):
    caplog.handler.addFilter(logging.getLogger().handlers[0].filters[0])
    monkeypatch.setattr(health, "_checks", lambda: 1 / 0)
    cache.clear()
    client.raise_request_exception = False
    assert client.get("/healthz").status_code == 500
    assert "ZeroDivisionError" in caplog.text


def test_a_look_is_cheap(unwell, django_assert_num_queries):
    unwell()
    with django_assert_num_queries(9):  # four to write and take back
        unwell()
