"""What a coordinator can do with a part of a referral."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from backoffice.workspace.answering import page
from backoffice.workspace.candidates import candidates
from backoffice.workspace.forms import ChooseServiceForm
from backoffice.workspace.outcomes import what_next
from backoffice.workspace.screen import back_to, of_assignment, of_strand, perform
from referrals import workflow
from referrals.access import can_coordinate
from referrals.enums import LIVE_ASSIGNMENT, StrandStatus
from referrals.models import Assignment, Referral, Strand


@of_strand
def assign(request: HttpRequest, referral: Referral, strand: Strand) -> HttpResponse:
    if not can_coordinate(request.user, strand.network_id):
        messages.error(request, f"Only a coordinator of {strand.network} can do this.")
        return back_to(request, referral)
    live = Assignment.objects.filter(strand=strand, status__in=LIVE_ASSIGNMENT).select_related("organisation").first()
    choice = candidates(strand, without_organisation_id=live.organisation_id if live else None)
    form = ChooseServiceForm(request.POST or None, candidates=choice)
    if request.method == "POST" and form.is_valid():
        service_id = form.service_id
        return perform(
            request,
            referral,
            lambda: workflow.assign(strand.pk, actor=request.user, service_id=service_id),
            lambda assignment: f"{assignment.organisation} is asked now.",
        )
    if request.method != "POST" and strand.status == StrandStatus.CLOSED:
        messages.info(request, "This part of the referral is closed. Reopen it first.")
        return back_to(request, referral)
    context = {"title": "Choose an organisation", "live": live, "candidates": choice}
    return page(request, referral, form, template="assign", strand=strand, **context)


@of_assignment
@require_POST
def withdraw(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    def told(_: Assignment) -> str:
        return f"This was taken away from {assignment.organisation}. {what_next(assignment.strand_id)}"

    return perform(request, referral, lambda: workflow.withdraw(assignment.pk, actor=request.user), told)


@of_strand
@require_POST
def reopen(request: HttpRequest, referral: Referral, strand: Strand) -> HttpResponse:
    told = "This is open again, and with you: choose an organisation for it."
    return perform(request, referral, lambda: workflow.reopen(strand.pk, actor=request.user), lambda _: told)
