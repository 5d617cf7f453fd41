"""System: for the operator, what is working and what is not, with what to do about it, then links to the raw tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat, pluralize
from django.utils import timezone
from django.utils.timesince import timesince
from django_q.models import Failure, OrmQ, Schedule

from backoffice.health import can_write
from backoffice.home.navigation import list_url, section_links
from backoffice.responses import render_page
from referrals import accounts
from referrals.enums import TableState
from referrals.heartbeats import is_a_worker_alive, is_queue_moving
from referrals.models import Notification, Postcode, RateLimitCounter, UploadedTable
from referrals.models.notifications import Heartbeat
from referrals.notification_kinds import NotificationStatus
from referrals.notifications import is_mail_going_out, lacks_mail_server

A_DAY = timedelta(days=1)
OVERDUE = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)  # of anything shorter, `timesince` says "0 minutes"


@dataclass(frozen=True, slots=True)
class Check:
    title: str
    is_well: bool
    now: str
    remedy: str = ""  # what to do where it is not well
    url: str = ""


def system(request: HttpRequest) -> HttpResponse:
    if not request.user.is_superuser:
        raise PermissionDenied
    checks = list(_checks())
    return render_page(
        request,
        "backoffice/system.html",
        title="System",
        checks=sorted(checks, key=lambda check: check.is_well),
        unwell=sum(not check.is_well for check in checks),
        tables=section_links(request)[1:],
    )


def _checks() -> Iterator[Check]:
    yield _check_worker()
    yield _check_queue()
    yield _check_mail_server()
    yield _check_outbox()
    yield _check_schedules()
    yield _check_failures()
    yield _check_tables()
    yield _check_postcodes()
    yield _check_refused()
    yield _check_database()


def _check_worker() -> Check:
    newest = Heartbeat.objects.order_by("-at").first()
    now = "None has ever finished a task."
    if newest:
        is_new = timezone.now() - newest.at < MINUTE
        now = f"It last finished a task {'just now' if is_new else f'{timesince(newest.at)} ago'}."
    remedy = "Start it: manage.py work. If it is running, look in its log."
    return Check("Background worker", is_a_worker_alive(), now, remedy, list_url(Heartbeat))


def _check_queue() -> Check:
    waiting = OrmQ.objects.count()
    remedy = "Nothing takes the tasks. Restart the worker: nothing in the queue is lost."
    return Check("Queue", is_queue_moving(), f"{waiting or 'No'} task{pluralize(waiting)} waiting.", remedy)


def _check_mail_server() -> Check:
    remedy = "Set SMTP_HOST and restart. Kept messages then go out if they are at most four days old."
    lacking = lacks_mail_server()
    return Check("Mail server", not lacking, "None is set." if lacking else "One is set.", remedy)


def _check_outbox() -> Check:
    unsent = Q(status__in=(NotificationStatus.PENDING, NotificationStatus.SENDING))
    found = Notification.objects.aggregate(
        unsent=Count("pk", filter=unsent),
        oldest=Min("first_due_at", filter=unsent & Q(first_due_at__lte=timezone.now())),
        failed=Count("pk", filter=Q(status=NotificationStatus.FAILED, claimed_at__gt=timezone.now() - A_DAY)),
    )
    now = f"{found['unsent'] or 'Nothing'} waiting to be sent"
    if found["oldest"] and timezone.now() - found["oldest"] >= MINUTE:
        now += f", the oldest for {timesince(found['oldest'])}"
    now += f"; {found['failed']} given up since yesterday." if found["failed"] else "."
    remedy = "Open the list: each message names its error. Fix that, then send them again."
    return Check("E-mail", is_mail_going_out(), now, remedy, list_url(Notification))


def _check_schedules() -> Check:
    overdue = Schedule.objects.filter(next_run__lt=timezone.now() - OVERDUE).count()
    total = Schedule.objects.count()
    if overdue:
        now = f"{overdue} of {total} {pluralize(overdue, 'is,are')} overdue."
    else:
        now = f"All {total} are on time." if total else "There are none: no reminder is sent."
    remedy = "Restart the background worker: it makes them when it starts, and runs them."
    return Check("Schedules", total > 0 and not overdue, now, remedy, list_url(Schedule))


def _check_failures() -> Check:
    recent = Failure.objects.filter(started__gt=timezone.now() - A_DAY).count()
    now = f"{recent or 'None'} since yesterday."
    return Check(
        "Failed tasks", not recent, now, "Open the list, and look for the same time in the log.", list_url(Failure)
    )


def _check_tables() -> Check:
    found = UploadedTable.objects.aggregate(
        failed=Count("pk", filter=Q(state=TableState.FAILED)),
        working=Count("pk", filter=Q(state__in=(TableState.WAITING, TableState.CONFIRMED))),
        all=Count("pk"),
    )
    now = f"{found['all'] or 'None'} since yesterday"
    now += f", {found['working']} being worked on" if found["working"] else ""
    now += f", {found['failed']} not done." if found["failed"] else "."
    remedy = "Open the list for the reason. Whoever sent the table can send it again."
    return Check("Imported tables", not found["failed"], now, remedy, list_url(UploadedTable))


def _check_postcodes() -> Check:
    with connection.cursor() as cursor:  # counting 1.7 million rows would take a second
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [Postcode._meta.db_table])
        estimate = max(int(cursor.fetchone()[0]), 0)
    count = estimate or Postcode.objects.count()
    now = f"About {count:,} are known." if count else "None loaded, so no distances can be worked out."
    return Check("Postcodes", bool(count), now, "Load them: manage.py import_postcodes.", list_url(Postcode))


def _check_refused() -> Check:
    refused = len(accounts.refused_names())
    who = f"{refused} account{pluralize(refused)} {pluralize(refused, 'is,are')}" if refused else "Nobody is"
    now = f"{who} refused just now after too many wrong passwords."
    return Check("Sign-in", not refused, now, "Open the list to let somebody try again.", list_url(RateLimitCounter))


def _check_database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = filesizeformat(cursor.fetchone()[0])
    is_well = can_write()
    now = f"It uses {size}." if is_well else f"It uses {size}, and nothing can be written: its disk must be full."
    return Check("Database", is_well, now, "Free some disk space. It then carries on by itself; no message is lost.")
