"""What a coordinator can do with a strand of a referral."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from backoffice.responses import perform
from backoffice.workspace.answering import render_form
from backoffice.workspace.candidates import find_candidates
from backoffice.workspace.forms import ChooseServiceForm
from backoffice.workspace.outcomes import describe_strand
from backoffice.workspace.screen import back_to, with_assignment, with_strand
from referrals import workflow
from referrals.access import can_coordinate
from referrals.enums import LIVE_ASSIGNMENT, StrandStatus
from referrals.models import Assignment, Referral, Strand


@with_strand
def assign(request: HttpRequest, referral: Referral, strand: Strand) -> HttpResponse:
    if not can_coordinate(request.user, strand.network_id):
        messages.error(request, f"Only a coordinator of {strand.network} can do this.")
        return back_to(request, referral)
    live = Assignment.objects.filter(strand=strand, status__in=LIVE_ASSIGNMENT).select_related("organisation").first()
    candidates = find_candidates(strand, request.user, without_organisation_id=live.organisation_id if live else None)
    form = ChooseServiceForm(request.POST or None, candidates=candidates)
    if request.method == "POST" and form.is_valid():
        perform(
            request,
            lambda: workflow.assign(
                strand.pk,
                actor=request.user,
                service_id=form.service_id,
                knowing_rejection=form.knows_rejection,
            ),
            lambda assignment: f"{assignment.organisation} has been asked.",
        )
        return back_to(request, referral)
    if request.method != "POST" and strand.status == StrandStatus.CLOSED:
        messages.info(request, "This part of the referral is closed. Reopen it first.")
        return back_to(request, referral)
    context = {"title": "Choose an organisation", "strand": strand, "live": live, "candidates": candidates}
    return render_form(request, referral, form, "assign", **context)


@with_assignment
@require_POST
def withdraw(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    perform(
        request,
        lambda: workflow.withdraw(assignment.pk, actor=request.user),
        lambda _: f"This was taken away from {assignment.organisation}. {describe_strand(assignment.strand_id)}",
    )
    return back_to(request, referral)


@with_assignment
@require_POST
def remind(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    perform(
        request,
        lambda: workflow.remind_now(assignment.pk, actor=request.user),
        lambda _: f"{assignment.organisation} is being reminded by e-mail.",
    )
    return back_to(request, referral)


@with_strand
@require_POST
def let_through(request: HttpRequest, referral: Referral, strand: Strand) -> HttpResponse:
    perform(
        request,
        lambda: workflow.let_through(strand.pk, actor=request.user),
        lambda _: f"This was let through. {describe_strand(strand.pk)}",
    )
    return back_to(request, referral)


@with_strand
@require_POST
def reopen(request: HttpRequest, referral: Referral, strand: Strand) -> HttpResponse:
    message = "This is open again, and with you: choose an organisation for it."
    perform(request, lambda: workflow.reopen(strand.pk, actor=request.user), message)
    return back_to(request, referral)
