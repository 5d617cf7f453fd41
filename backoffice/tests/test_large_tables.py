"""Tables that a worker does: real commits, real threads, a real process that is killed."""

import multiprocessing
import os
import signal
from datetime import timedelta
from threading import Event
from time import monotonic, sleep

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.test import override_settings
from django.utils import timezone
from django_q.models import OrmQ

from backoffice.tests.tables import preview, upload, url, venue_line, venues
from referrals import models as m
from referrals import tasks
from referrals.enums import TableState
from referrals.import_export import VenueResource, uploads
from referrals.tests import factories as f
from referrals.tests.workflow.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = override_settings(UPLOADED_TABLE_ROWS_AT_ONCE=2)


@pytest.fixture(autouse=True)
def _large():
    with LARGE:
        yield


@pytest.fixture
def member() -> m.OrganisationMember:
    return f.OrganisationMemberFactory()


def table_of(member: m.OrganisationMember, rows: int = 5) -> m.UploadedTable:
    lines = [venue_line("", member.organisation.name, f"Room {n}") for n in range(rows)]
    return uploads.receive_table(VenueResource(member.user), venues(*lines), name="rooms.csv", session="s")


def confirmed(member: m.OrganisationMember, rows: int = 5) -> m.UploadedTable:
    table = table_of(member, rows)
    tasks.work_on_table(table.pk)
    table.refresh_from_db()
    uploads.confirm_table(table)
    table.refresh_from_db()
    return table


def state_of(table: m.UploadedTable) -> str:
    table.refresh_from_db()
    return table.state


def let_time_pass() -> None:
    long_ago = timezone.now() - uploads.TASK_IS_LATE - timedelta(seconds=1)
    m.UploadedTable.objects.update(uploaded_at=long_ago)
    m.UploadedTable.objects.exclude(confirmed_at=None).update(confirmed_at=long_ago)


def test_every_resource_of_an_admin_is_known_to_the_workers():
    kept = {model._meta.label: shown.resource for model, shown in admin.site._registry.items() if shown.resource}
    assert kept == uploads.RESOURCES


def test_a_large_table_is_looked_at_and_then_done_by_a_worker(member, signed_in):
    client = signed_in(member.user)
    lines = [venue_line("", member.organisation.name, f"Room {n}") for n in range(3)]
    page = preview(client, m.Venue, venues(*lines))
    assert page.headers["Location"] == url(m.Venue, "progress", m.UploadedTable.objects.get().pk)
    table = m.UploadedTable.objects.get()
    assert (table.state, table.changes, OrmQ.objects.count()) == (TableState.WAITING, [], 1)
    waits = client.get(page.headers["Location"])
    assert "Checking your table" in waits.text
    assert "3 rows" in waits.text
    polled = client.get(page.headers["Location"], headers={"HX-Request": "true"})
    assert (polled.status_code, "HX-Refresh" in polled.headers) == (200, False)
    tasks.work_on_table(table.pk)
    polled = client.get(page.headers["Location"], headers={"HX-Request": "true"})
    assert (polled.headers["HX-Refresh"], polled.content) == ("true", b"")
    assert client.get(page.headers["Location"]).headers["Location"] == url(m.Venue, "confirm", table.pk)
    assert client.get(url(m.Venue, "confirm", table.pk)).context["can_confirm"]
    assert not m.Venue.objects.exists()
    assert client.post(url(m.Venue, "confirm", table.pk), follow=True).redirect_chain[-1][0] == page.headers["Location"]
    tasks.work_on_table(table.pk)
    done = client.get(page.headers["Location"], follow=True)
    assert "3 added, 0 changed: table.csv." in done.text
    assert m.Venue.objects.count() == LogEntry.objects.filter(user=member.user).count() == 3
    assert (state_of(table), table.rows) == (TableState.DONE, [])


def test_a_small_table_waits_for_nobody(member, signed_in):
    page = preview(signed_in(member.user), m.Venue, venues(venue_line("", member.organisation.name, "Room")))
    assert page.context["can_confirm"]
    assert not OrmQ.objects.exists()


def test_many_workers_at_once_do_it_once(member):
    table = confirmed(member)
    assert sorted(at_once(*[lambda: uploads.work_on_table(table.pk)] * 5)) == [False] * 4 + [True]
    assert state_of(table) == TableState.DONE
    assert m.Venue.objects.count() == 5


def test_a_task_that_comes_twice_is_done_once(member):
    table = confirmed(member)
    tasks.work_on_table(table.pk)
    tasks.work_on_table(table.pk)
    assert m.Venue.objects.count() == 5


def test_confirming_at_once_enqueues_once(member):
    table = table_of(member)
    tasks.work_on_table(table.pk)
    table.refresh_from_db()
    OrmQ.objects.all().delete()
    at_once(*[lambda: uploads.confirm_table(m.UploadedTable.objects.get(pk=table.pk))] * 5)
    assert (state_of(table), OrmQ.objects.count()) == (TableState.CONFIRMED, 1)


def test_a_table_that_one_worker_is_working_on_is_left_by_others(member, monkeypatch):
    """Its row is locked: for a second worker, and for the schedule that looks for what was left, it is not there."""
    table = confirmed(member)
    let_time_pass()
    begun, may_go_on = Event(), Event()
    log_changes = uploads._log_changes

    def pause(resource):
        begun.set()
        assert may_go_on.wait(timeout=30)
        log_changes(resource)

    monkeypatch.setattr(uploads, "_log_changes", pause)

    def look_meanwhile() -> tuple[bool, int, int]:
        assert begun.wait(timeout=30)
        try:
            return uploads.work_on_table(table.pk), tasks.resume_uploaded_tables(), m.Venue.objects.count()
        finally:
            may_go_on.set()

    assert at_once(lambda: uploads.work_on_table(table.pk), look_meanwhile) == [True, (False, 0, 0)]
    assert (state_of(table), m.Venue.objects.count(), LogEntry.objects.count()) == (TableState.DONE, 5, 5)


def _work_for_ever(pk: int, begun) -> None:
    def stop_before_the_end(resource) -> None:
        begun.set()
        sleep(60)

    uploads._log_changes = stop_before_the_end
    for alias in connections:
        del connections[alias]  # one that it inherits would outlive it in the process that it was forked from
    uploads.work_on_table(pk)


def test_what_a_killed_worker_left_is_taken_up_again_and_done_once(member):
    table = confirmed(member, rows=300)
    let_time_pass()
    connections.close_all()
    forked = multiprocessing.get_context("fork")
    begun = forked.Event()
    worker = forked.Process(target=_work_for_ever, args=[table.pk, begun])
    worker.start()
    assert begun.wait(timeout=60)
    OrmQ.objects.all().delete()
    assert tasks.resume_uploaded_tables() == OrmQ.objects.count() == 0  # it is at work
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    assert (state_of(table), table.attempts, m.Venue.objects.count()) == (TableState.CONFIRMED, 1, 0)
    deadline = monotonic() + 30
    while not tasks.resume_uploaded_tables():  # the database notices in a moment that the worker is gone
        assert monotonic() < deadline
        sleep(0.05)
    assert OrmQ.objects.count() == 1
    tasks.work_on_table(table.pk)
    assert (state_of(table), m.Venue.objects.count()) == (TableState.DONE, 300)


def test_after_three_attempts_it_is_given_up_in_words(member, signed_in, monkeypatch):
    client = signed_in(member.user)
    lines = [venue_line("", member.organisation.name, f"Room {n}") for n in range(3)]
    upload(client, m.Venue, venues(*lines))
    table = m.UploadedTable.objects.get()

    def breaks(*args, **kwargs):
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(VenueResource, "import_data", breaks)
        for _ in range(3):
            with pytest.raises(RuntimeError, match="broken"):
                tasks.work_on_table(table.pk)
    assert not uploads.work_on_table(table.pk)
    assert tasks.resume_uploaded_tables() == 0
    page = client.get(url(m.Venue, "progress", table.pk), follow=True)
    assert "Nothing was imported" in page.text
    assert uploads.GIVEN_UP in page.text
    assert "Make these changes" not in page.text


def test_what_breaks_is_tried_again(member, monkeypatch):
    table = confirmed(member)

    def breaks(resource):
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_log_changes", breaks)
        with pytest.raises(RuntimeError, match="broken"):
            tasks.work_on_table(table.pk)
    assert (state_of(table), m.Venue.objects.count(), table.attempts) == (TableState.CONFIRMED, 0, 1)
    tasks.work_on_table(table.pk)
    assert (state_of(table), table.attempts) == (TableState.DONE, 2)


def test_a_user_without_an_account_changes_nothing(member):
    table = confirmed(member)
    m.User.objects.update(is_active=False)
    tasks.work_on_table(table.pk)
    assert (state_of(table), table.problem, table.rows) == (TableState.FAILED, uploads.NO_USER, [])
    assert not m.Venue.objects.exists()


def test_a_user_who_has_left_the_organisation_changes_nothing(member):
    table = confirmed(member)
    member.delete()
    tasks.work_on_table(table.pk)
    assert (state_of(table), table.problem) == (TableState.SHOWN, uploads.OUTCOME_CHANGED)
    assert {change["kind"] for change in table.changes} == {"refused"}
    assert not m.Venue.objects.exists()


def test_a_page_that_only_waits_keeps_nobody_signed_in(member, signed_in):
    client = signed_in(member.user)
    upload(client, m.Venue, venues(*[venue_line("", member.organisation.name, f"Room {n}") for n in range(3)]))
    session = client.session
    session["seen_at"] = seen = session["seen_at"] - 120
    session.save()
    client.get(url(m.Venue, "progress", m.UploadedTable.objects.get().pk))
    assert client.session["seen_at"] == seen
    client.get(url(m.Venue, "changelist"))
    assert client.session["seen_at"] > seen
