"""The rows behind the Referrals screen, read-only and for operators: others see on that screen what they may see."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from backoffice.admin.lists_of_people import PeopleListAdmin
from backoffice.scoped_admin.admin import ScopedAdmin
from referrals.models import Answer, Assignment, Consent, Event, Need, Note, Referral, Strand


class RecordAdmin(ScopedAdmin):
    only_operators = True
    read_only = True  # the workflow writes them
    show_full_result_count = False


@admin.register(Referral)
class ReferralAdmin(PeopleListAdmin, RecordAdmin):
    fields = [
        "reference",
        "workspace",
        "network",
        "person",
        "outcode",
        "status",
        "is_urgent",
        "created_at",
        "closed_at",
    ]
    not_exported = "The Referrals screen exports them, with as much of each as the user may see."
    list_display = ["reference", "outcode", "status", "is_urgent", "created_at", "closed_at"]
    list_filter = ["status", "is_urgent", "network", "created_at"]
    search_fields = ["reference", "person__name"]

    @admin.display(description="details")
    def workspace(self, referral: Referral) -> str:
        return format_html('<a href="{}?view={}">Open it in Referrals</a>', reverse("backoffice:referrals"), referral)


@admin.register(Strand)
class StrandAdmin(RecordAdmin):
    fields = ["referral", "network", "status", "why_coordinator", "coordinator_told_at", "outcome", "closed_at"]
    export_columns = ["referral", "network", "status", "why_coordinator", "outcome", "closed_at"]
    list_display = ["referral", "network", "status", "why_coordinator", "outcome"]
    list_filter = ["status", "network"]
    list_select_related = ["referral", "network"]
    search_fields = ["referral__reference"]


@admin.register(Assignment)
class AssignmentAdmin(RecordAdmin):
    """Leaves out score, reasons and notes, which reveal the person: the Referrals screen logs who reads them."""

    fields = [
        "strand",
        "service",
        "organisation",
        "position",
        "status",
        "offered_at",
        "reminded_at",
        "accepted_at",
        "ended_at",
        "reject_reason",
        "outcome",
    ]
    export_columns = [
        "referral",
        "service",
        "organisation",
        "position",
        "status",
        "offered_at",
        "accepted_at",
        "ended_at",
    ]
    list_display = ["referral", "organisation", "position", "status", "offered_at", "ended_at"]
    list_filter = ["status"]
    list_select_related = ["strand__referral", "organisation"]
    search_fields = ["strand__referral__reference", "organisation__name"]

    @admin.display(description="referral", ordering="strand__referral__reference")
    def referral(self, assignment: Assignment) -> str:
        return assignment.strand.referral.reference


@admin.register(Need)
class NeedAdmin(RecordAdmin):
    fields = ["referral", "category", "strand"]
    export_columns = ["referral", "category"]
    list_display = ["referral", "category"]
    list_select_related = ["referral", "category"]
    search_fields = ["referral__reference", "category__name"]


@admin.register(Consent)
class ConsentAdmin(RecordAdmin):
    fields = ["referral", "network", "wording"]
    export_columns = ["referral", "network", "wording"]
    list_display = ["referral", "wording"]
    list_filter = ["network"]
    list_select_related = ["referral", "wording__network"]
    search_fields = ["referral__reference"]


class DetailsAdmin(RecordAdmin):
    """Rows whose page shows full details, so that each access is logged."""

    def fully_shown_referrals(self, obj: Answer | Note | Event) -> list[int]:
        return [obj.referral_id]


@admin.register(Answer)
class AnswerAdmin(DetailsAdmin):
    fields = ["referral", "question_text", "text"]
    not_exported = "Full details are exported from the Referrals screen only, which logs each access."
    list_display = ["referral", "position"]  # no access is logged for a list
    list_select_related = ["referral"]
    search_fields = ["referral__reference"]


@admin.register(Note)
class NoteAdmin(DetailsAdmin):
    fields = ["referral", "organisation", "author", "open_to", "text", "created_at"]
    not_exported = "Notes are part of the full details."
    list_display = ["created_at", "referral", "organisation"]
    list_filter = ["organisation"]
    list_select_related = ["referral", "organisation"]
    search_fields = ["referral__reference"]


@admin.register(Event)
class EventAdmin(DetailsAdmin):
    fields = ["referral", "strand", "assignment", "kind", "actor", "data", "at"]
    not_exported = "History is part of the full details."
    list_display = ["at", "referral", "kind"]
    list_filter = ["kind", "at"]
    list_select_related = ["referral"]
    search_fields = ["referral__reference"]
