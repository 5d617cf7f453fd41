"""What operators see of the background: schedules, declared in code, tasks that failed, and workers' heartbeats."""

from django.contrib import admin
from django_q.models import Failure, Schedule

from backoffice.scoping import ScopedAdmin
from referrals.models.notifications import Heartbeat


@admin.register(Schedule)
class ScheduleAdmin(ScopedAdmin):
    read_only = True
    fields = ["name", "func", "schedule_type", "minutes", "cron", "next_run"]
    list_display = ["name", "func", "schedule_type", "minutes", "next_run"]


@admin.register(Failure)
class FailureAdmin(ScopedAdmin):
    """Arguments and results are pickles and stay closed."""

    read_only = True
    fields = ["name", "func", "started", "stopped", "attempt_count"]
    list_display = ["func", "started", "stopped", "attempt_count"]
    list_filter = ["started"]
    search_fields = ["func"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ScopedAdmin):
    read_only = True
    fields = ["name", "at"]
    list_display = ["name", "at"]
