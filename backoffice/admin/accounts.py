"""The logs of accounts and of access to full details, read-only for everybody."""

from django.contrib import admin

from backoffice.scoped_admin.admin import ScopedAdmin
from referrals.models import AccessRecord, AccountEvent, PasswordResetRequest


@admin.register(AccessRecord)
class AccessRecordAdmin(ScopedAdmin):
    """Shows who saw whose full details, when, and on which screen."""

    read_only = True
    visible_when_empty = True
    show_full_result_count = False
    fields = ["at", "user", "person", "referral", "screen", "network"]
    export_columns = ["at", "user", "referral", "screen", "network"]
    list_display = ["at", "user", "person", "referral", "screen"]
    list_filter = ["user", "screen", "network", "at"]
    list_select_related = ["user", "person", "referral"]
    search_fields = ["user__name", "user__email", "referral__reference"]


@admin.register(AccountEvent)
class AccountEventAdmin(ScopedAdmin):
    visible_when_empty = True
    read_only = True
    show_full_result_count = False
    fields = ["at", "about", "kind", "organisation", "network", "actor"]
    export_columns = ["at", "about", "kind", "organisation", "network", "actor"]
    list_display = ["at", "about", "kind", "organisation", "network", "actor"]
    list_filter = ["kind", "network", "at"]
    list_select_related = ["user", "invitation", "organisation", "network", "actor"]
    search_fields = ["user__name", "user__email", "organisation__name"]
    always_visible = ("user__name",)

    @admin.display(description="who")
    def about(self, event: AccountEvent) -> str:
        return event.about


@admin.register(PasswordResetRequest)
class PasswordResetRequestAdmin(ScopedAdmin):
    """Shows whether somebody tries one address after another."""

    only_operators = True
    read_only = True
    fields = ["email", "asked_at", "handled_at"]
    not_exported = "Addresses that anybody typed, most without an account, are deleted after a day."
    list_display = ["email", "asked_at", "handled_at"]
    list_filter = ["asked_at"]
    search_fields = ["email"]
