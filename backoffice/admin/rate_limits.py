from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timezone import localtime

from backoffice.catchments.views import SHAPES_BY_ONE_USER
from backoffice.scoped_admin.admin import ScopedAdmin
from referrals import accounts, workflow
from referrals.import_export import uploads
from referrals.models import RateLimitCounter
from referrals.visitor_messages import card_requests, public_messages

_LIMITS = (*uploads.LIMITS, *accounts.LIMITS, *public_messages.LIMITS, *card_requests.LIMITS, *workflow.limits())
LIMITS = {limit.what: limit for limit in (*_LIMITS, SHAPES_BY_ONE_USER)}


@admin.register(RateLimitCounter)
class RateLimitCounterAdmin(ScopedAdmin):
    """Shows who has reached a limit, such as an account whose password is being guessed. Visitors are digests."""

    only_operators = True
    read_only = True
    fields = ["what", "whom", "since", "count", "state"]
    not_exported = "Counters are deleted within a day."
    list_display = ["what", "whom", "since", "count", "state"]
    list_filter = ["what", "since"]
    search_fields = ["whom"]

    @admin.display(description="state")
    def state(self, counter: RateLimitCounter) -> str:
        limit = LIMITS.get(counter.what)
        until = limit and limit.blocks_until(counter, timezone.now())
        if not until:
            return ""
        return format_html('<span class="chip urgent">Limit reached until {}</span>', f"{localtime(until):%H:%M}")
