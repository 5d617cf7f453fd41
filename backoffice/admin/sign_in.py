from axes.models import AccessAttempt
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.timezone import localtime

from backoffice.scoped_admin.scoping import ScopedAdmin
from backoffice.sign_in.throttle import refused_until


@admin.register(AccessAttempt)
class WrongPasswordAdmin(ScopedAdmin):
    """For operators: whose passwords are guessed, from where. Rows go a quarter of an hour after the last try."""

    read_only = True
    fields = ["username", "ip_address", "failures_since_start", "attempt_time", "state"]
    not_exported = "Addresses that were tried, and from where, are gone after a quarter of an hour."
    list_display = ["typed", "ip_address", "failures_since_start", "attempt_time", "state"]
    search_fields = ["username"]
    ordering = ["-attempt_time"]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Wrong passwords", **(extra_context or {})})

    @admin.display(description="e-mail as typed", ordering="username")
    def typed(self, attempt: AccessAttempt) -> str:
        return attempt.username or "(nothing)"

    @admin.display(description="state")
    def state(self, attempt: AccessAttempt) -> str:
        until = refused_until(attempt.username, attempt.ip_address)
        if until is None:
            return "Passwords are looked at"
        return format_html('<span class="chip urgent">Refused until {}</span>', f"{localtime(until):%H:%M}")
