"""Tables that a worker does: real commits, real threads, a real process that is killed."""

import multiprocessing
import os
import signal
from datetime import timedelta
from time import monotonic, sleep

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.test import override_settings
from django.utils import timezone
from django_q.models import OrmQ

from backoffice.tests.test_import_export import preview, upload, url, venue_line, venues
from referrals import models as m
from referrals import tasks
from referrals.enums import TableState
from referrals.import_export import VenueResource, job_claims, jobs, uploads
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
    return uploads.receive(VenueResource(member.user), venues(*lines), name="rooms.csv", session="s")


def confirmed(member: m.OrganisationMember, rows: int = 5) -> m.UploadedTable:
    table = table_of(member, rows)
    tasks.work_on_table(table.pk)
    table.refresh_from_db()
    uploads.confirm(table)
    table.refresh_from_db()
    return table


def state_of(table: m.UploadedTable) -> str:
    table.refresh_from_db()
    return table.state


def let_claims_expire() -> None:
    long_ago = timezone.now() - job_claims.EXPIRES - timedelta(seconds=1)
    m.UploadedTable.objects.update(claimed_at=long_ago, uploaded_at=long_ago)


def test_every_resource_of_an_admin_is_known_to_the_workers():
    kept = {model._meta.label: shown.resource for model, shown in admin.site._registry.items() if shown.resource}
    assert kept == jobs.RESOURCES


def test_a_large_table_is_looked_at_and_then_done_by_a_worker(member, signed_in):
    client = signed_in(member.user)
    lines = [venue_line("", member.organisation.name, f"Room {n}") for n in range(3)]
    page = preview(client, m.Venue, venues(*lines))
    assert page.headers["Location"] == url(m.Venue, "progress", m.UploadedTable.objects.get().pk)
    table = m.UploadedTable.objects.get()
    assert (table.state, table.changes, OrmQ.objects.count()) == (TableState.WAITING, [], 1)
    waits = client.get(page.headers["Location"])
    assert "Looking at your table" in waits.text
    assert "0 of 3 rows" in waits.text
    tasks.work_on_table(table.pk)
    assert client.get(page.headers["Location"]).headers["Location"] == url(m.Venue, "confirm", table.pk)
    assert client.get(url(m.Venue, "confirm", table.pk)).context["can_confirm"]
    assert not m.Venue.objects.exists()
    assert client.post(url(m.Venue, "confirm", table.pk), follow=True).redirect_chain[-1][0] == page.headers["Location"]
    tasks.work_on_table(table.pk)
    done = client.get(page.headers["Location"], follow=True)
    assert "3 added, 0 changed: table.csv." in done.text
    assert m.Venue.objects.count() == LogEntry.objects.filter(user=member.user).count() == 3
    assert (state_of(table), table.rows, table.rows_done) == (TableState.DONE, [], 3)


def test_a_small_table_waits_for_nobody(member, signed_in):
    page = preview(signed_in(member.user), m.Venue, venues(venue_line("", member.organisation.name, "Room")))
    assert page.context["can_confirm"]
    assert not OrmQ.objects.exists()


def test_the_work_is_seen_while_its_transaction_is_open(member, monkeypatch):
    monkeypatch.setattr(job_claims, "SAYS_EVERY", 0)
    table = confirmed(member)
    seen = []
    say = job_claims.Progress._say

    def say_and_look(progress, rows_done):
        say(progress, rows_done)
        with progress._connection.cursor() as cursor:
            cursor.execute("SELECT rows_done, (SELECT count(*) FROM referrals_venue) FROM referrals_uploadedtable")
            seen.append(cursor.fetchone())

    monkeypatch.setattr(job_claims.Progress, "_say", say_and_look)
    tasks.work_on_table(table.pk)
    assert seen == [(n, 0) for n in range(5)]  # to others, no venue is there before all of them are


def test_many_workers_at_once_do_it_once(member):
    table = confirmed(member)
    assert sorted(at_once(*[lambda: jobs.work(table.pk)] * 5)) == [False] * 4 + [True]
    assert state_of(table) == TableState.DONE
    assert m.Venue.objects.count() == 5


def test_a_task_that_comes_twice_is_done_once(member):
    table = confirmed(member)
    tasks.work_on_table(table.pk)
    tasks.work_on_table(table.pk)
    assert m.Venue.objects.count() == 5


def test_confirming_at_once_rings_once(member):
    table = table_of(member)
    tasks.work_on_table(table.pk)
    table.refresh_from_db()
    OrmQ.objects.all().delete()
    at_once(*[lambda: uploads.confirm(m.UploadedTable.objects.get(pk=table.pk))] * 5)
    assert (state_of(table), OrmQ.objects.count()) == (TableState.CONFIRMED, 1)


def test_a_worker_that_was_thought_dead_does_nothing_when_it_wakes(member):
    """The first has done all the rows, in its own transaction, when the second takes over and finishes."""
    table = confirmed(member)
    first = job_claims.Claim.take(table.pk)
    let_claims_expire()
    second = job_claims.Claim.take(table.pk)
    assert (first.table.attempts, second.table.attempts) == (1, 2)
    jobs._work(second, lambda rows_done: None)
    jobs._work(first, lambda rows_done: None)
    assert m.Venue.objects.count() == 5
    assert LogEntry.objects.count() == 5
    assert state_of(table) == TableState.DONE


def test_a_worker_that_lost_its_table_stops_at_the_next_row(member, monkeypatch):
    monkeypatch.setattr(job_claims, "SAYS_EVERY", 0)
    table = confirmed(member)
    first = job_claims.Claim.take(table.pk)
    let_claims_expire()
    assert job_claims.Claim.take(table.pk)
    with first.progress() as progress, pytest.raises(job_claims.Lost):
        progress(1)
    assert state_of(table) == TableState.CONFIRMED


def _work_slowly(pk: int) -> None:
    job_claims.SAYS_EVERY = 0
    jobs.work(pk)


def test_what_a_killed_worker_left_is_taken_up_again_and_done_once(member):
    table = confirmed(member, rows=2000)
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(target=_work_slowly, args=[table.pk])
    worker.start()
    give_up_at = monotonic() + 60
    while state_of(table) == TableState.CONFIRMED and table.rows_done < 20 and monotonic() < give_up_at:
        sleep(0.02)
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    assert state_of(table) == TableState.CONFIRMED
    assert table.rows_done >= 20
    assert m.Venue.objects.count() == 0
    assert tasks.resume_uploaded_tables() == 0  # for all that is known, it is at work
    m.UploadedTable.objects.update(
        claimed_at=timezone.now() - job_claims.EXPIRES, confirmed_at=timezone.now() - job_claims.EXPIRES
    )
    OrmQ.objects.all().delete()
    assert tasks.resume_uploaded_tables() == OrmQ.objects.count() == 1
    tasks.work_on_table(table.pk)
    assert (state_of(table), m.Venue.objects.count()) == (TableState.DONE, 2000)


def test_after_three_attempts_it_is_given_up_in_words(member, signed_in):
    client = signed_in(member.user)
    lines = [venue_line("", member.organisation.name, f"Room {n}") for n in range(3)]
    upload(client, m.Venue, venues(*lines))
    table = m.UploadedTable.objects.get()
    for _ in range(3):
        assert job_claims.Claim.take(table.pk)
        let_claims_expire()
    assert job_claims.Claim.take(table.pk) is None
    assert tasks.resume_uploaded_tables() == 0
    page = client.get(url(m.Venue, "progress", table.pk), follow=True)
    assert "This was not done" in page.text
    assert job_claims.GIVEN_UP in page.text
    assert "Make these changes" not in page.text


def test_what_breaks_is_tried_again(member, monkeypatch):
    table = confirmed(member)

    def breaks(resource):
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "_log", breaks)
        with pytest.raises(RuntimeError, match="broken"):
            tasks.work_on_table(table.pk)
    assert (state_of(table), m.Venue.objects.count(), table.claimed_at) == (TableState.CONFIRMED, 0, None)
    tasks.work_on_table(table.pk)
    assert (state_of(table), table.attempts) == (TableState.DONE, 2)


def test_whoever_has_no_account_any_more_changes_nothing(member):
    table = confirmed(member)
    m.User.objects.update(is_active=False)
    tasks.work_on_table(table.pk)
    assert (state_of(table), table.problem, table.rows) == (TableState.FAILED, jobs.NO_USER, [])
    assert not m.Venue.objects.exists()


def test_whoever_has_left_the_organisation_changes_nothing(member):
    table = confirmed(member)
    member.delete()
    tasks.work_on_table(table.pk)
    assert (state_of(table), table.problem) == (TableState.SHOWN, jobs.STALE)
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
