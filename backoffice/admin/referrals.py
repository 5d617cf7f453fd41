"""The record behind the Referrals screen: read-only, and no more than any organisation of the network may know.

Full details stand in the workspace alone, which knows who may read them.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from backoffice.scoped_admin.scoping import ScopedAdmin
from referrals.access import fully_visible_to
from referrals.models import Answer, Assignment, Event, Need, Note, Referral, Strand


class RecordAdmin(ScopedAdmin):
    read_only = True  # the workflow writes them
    show_full_result_count = False


@admin.register(Referral)
class ReferralAdmin(RecordAdmin):
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
    not_exported = "The Referrals screen exports them, as much of each as its user may read."
    list_display = ["reference", "outcode", "status", "is_urgent", "created_at", "closed_at"]
    list_filter = ["status", "is_urgent", "network", "created_at"]
    search_fields = ["reference", "person__name"]

    @admin.display(description="all about it")
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
    """Of referrals read in full; without score, reasons and the note of a rejection: they speak of the person."""

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

    def within(self, queryset: QuerySet, request: HttpRequest) -> QuerySet:
        return queryset.filter(strand__referral__in=fully_visible_to(request.user).values("pk"))


@admin.register(Need)
class NeedAdmin(RecordAdmin):
    fields = ["referral", "category", "strand"]
    export_columns = ["referral", "category"]
    list_display = ["referral", "category"]
    list_select_related = ["referral", "category"]
    search_fields = ["referral__reference", "category__name"]


class DetailsAdmin(RecordAdmin):
    """Rows whose page says what only those read who read the referral in full."""

    def referrals_in_full(self, obj: Answer | Note | Event) -> list[int]:
        return [obj.referral_id]


@admin.register(Answer)
class AnswerAdmin(DetailsAdmin):
    fields = ["referral", "question_text", "text"]
    not_exported = "Full details leave through the Referrals screen alone, which writes each opening down."
    list_display = ["referral", "position"]  # the questions asked tell the answers before them
    list_select_related = ["referral"]
    search_fields = ["referral__reference"]


@admin.register(Note)
class NoteAdmin(DetailsAdmin):
    fields = ["referral", "organisation", "author", "text", "created_at"]
    not_exported = "Notes are read with the full details, and stay with them."
    list_display = ["created_at", "referral", "organisation"]
    list_filter = ["organisation"]
    list_select_related = ["referral", "organisation"]
    search_fields = ["referral__reference"]


@admin.register(Event)
class EventAdmin(DetailsAdmin):
    fields = ["referral", "strand", "assignment", "kind", "actor", "data", "at"]
    not_exported = "History is read with the full details, and stays with them."
    list_display = ["at", "referral", "kind"]
    list_filter = ["kind", "at"]
    list_select_related = ["referral"]
    search_fields = ["referral__reference"]
