"""Background work, for operators: schedules, failed tasks, workers' heartbeats, uploaded tables."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django_q.models import Failure, OrmQ, Schedule

from backoffice.scoped_admin.admin import ScopedAdmin
from referrals.access import visible_to
from referrals.models import Notification, UploadedTable
from referrals.models.notifications import Heartbeat
from referrals.notification_kinds import NotificationStatus


@admin.register(Schedule)
class ScheduleAdmin(ScopedAdmin):
    only_operators = True
    read_only = True
    fields = ["name", "func", "schedule_type", "minutes", "cron", "next_run"]
    not_exported = "Declared in code."
    list_display = ["name", "func", "schedule_type", "minutes", "next_run"]


@admin.register(Failure)
class FailureAdmin(ScopedAdmin):
    """Arguments and results are pickles, so they are never loaded here."""

    only_operators = True
    read_only = True
    fields = ["name", "func", "started", "stopped", "attempt_count"]
    not_exported = "Operators look at these here."
    list_display = ["func", "started", "stopped", "attempt_count"]
    list_filter = ["started"]
    search_fields = ["func"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ScopedAdmin):
    only_operators = True
    read_only = True
    fields = ["name", "at", "quiet_until"]
    not_exported = "Operators look at these here."
    list_display = ["name", "at", "quiet_until"]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        tasks = OrmQ.objects.count()
        unsent = (NotificationStatus.PENDING, NotificationStatus.SENDING)
        messages = visible_to(request.user, Notification).filter(status__in=unsent).count()
        subtitle = f"Waiting: {tasks} task{pluralize(tasks)}, {messages} message{pluralize(messages)}"
        return super().changelist_view(request, {"subtitle": subtitle} | (extra_context or {}))


@admin.register(UploadedTable)
class UploadedTableAdmin(ScopedAdmin):
    """Shows that tables were uploaded but not their rows, which only the session that uploaded them may see."""

    only_operators = True
    read_only = True
    fields = ["user", "model", "name", "uploaded_at", "confirmed_at", "state", "attempts", "problem"]
    not_exported = "Uploaded tables wait for their user to confirm them, and are deleted after a day."
    list_display = ["name", "model", "user", "uploaded_at", "confirmed_at", "state"]
    list_filter = ["uploaded_at", "state"]
    list_select_related = ["user"]
