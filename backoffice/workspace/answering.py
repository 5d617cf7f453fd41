"""What an organisation can do with an offer or a case. Each is a POST through its verb of the workflow."""

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from backoffice.user_context import get_user_context
from backoffice.workspace.candidates import candidates
from backoffice.workspace.forms import ChooseServiceForm, CloseForm, NoteForm, RejectForm, SplitForm
from backoffice.workspace.outcomes import what_next
from backoffice.workspace.screen import back_to, back_url, of_assignment, of_referral, of_strand, perform, screen
from referrals import workflow
from referrals.access import can_answer, can_coordinate, changeable_by
from referrals.access.access_log import log_access
from referrals.enums import AssignmentStatus, RejectReason, Screen, StrandStatus
from referrals.models import Assignment, Need, Referral, Service, Strand


def page(request: HttpRequest, referral: Referral, form: Form, **context: object) -> HttpResponse:
    """Show a small page with one form. Its address carries the state of the list to go back to."""
    if "candidates" in context:  # the reasons for each speak of the person
        log_access(request.user, [referral.pk], Screen.REFERRAL)
    context |= {"referral": referral, "form": form, "back": back_url(request, referral)}
    return screen(request, f"backoffice/answers/{context.pop('template')}.html", **context)


def is_open(request: HttpRequest, assignment: Assignment, status: AssignmentStatus) -> bool:
    """Whether to go on; says why not. Asked first of all: the forms themselves tell of the person."""
    if not can_answer(request.user, assignment):
        messages.error(request, f"You cannot answer for {assignment.organisation}.")
    elif assignment.status != status:
        messages.info(request, workflow.why_not_open(assignment))
    else:
        return True
    return False


def _answering_for(request: HttpRequest, assignment: Assignment) -> str:
    """Name the organisation when somebody answers in its stead."""
    own = {organisation.pk for organisation in get_user_context(request).organisations}
    return "" if assignment.organisation_id in own else assignment.organisation.name


def _who(request: HttpRequest, assignment: Assignment) -> str:
    return _answering_for(request, assignment) or "You"


@of_assignment
@require_POST
def accept(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    def told(_: Assignment) -> str:
        count = Need.objects.filter(strand=assignment.strand_id).count()
        what = {1: "the need", 2: "both needs"}.get(count, f"all {count} needs")
        return f"{_who(request, assignment)} accepted {what} of {referral.person}. You can now get in touch."

    return perform(request, referral, lambda: workflow.accept(assignment.pk, actor=request.user), told)


@of_assignment
def reject(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    if not is_open(request, assignment, AssignmentStatus.OFFERED):
        return back_to(request, referral)
    service = changeable_by(request.user, Service).filter(pk=assignment.service_id).first()
    form = RejectForm(request.POST or None, service=service)
    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            referral,
            lambda: _reject(request, assignment, service, form),
            lambda lowered: f"{_who(request, assignment)} rejected this. {what_next(assignment.strand_id)}{lowered}",
        )
    context = {"title": "Reject", "stead": _answering_for(request, assignment)}
    return page(request, referral, form, template="reject", strand=assignment.strand, **context)


@transaction.atomic
def _reject(request: HttpRequest, assignment: Assignment, service: Service | None, form: RejectForm) -> str:
    reason = RejectReason(form.cleaned_data["reason"])
    workflow.reject(assignment.pk, actor=request.user, reason=reason, note=form.cleaned_data["note"].strip())
    if service is None or form.new_capacity is None:
        return ""
    service.capacity, service.capacity_set_on = form.new_capacity, timezone.localdate()
    service.save(update_fields=["capacity", "capacity_set_on"])
    return f" {service} now takes {service.capacity} at a time."


@of_assignment
def split(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    if not is_open(request, assignment, AssignmentStatus.OFFERED):
        return back_to(request, referral)
    needs = list(Need.objects.filter(strand=assignment.strand_id).select_related("category"))
    choice = candidates(assignment.strand, without_organisation_id=assignment.organisation_id)
    form = SplitForm(request.POST or None, candidates=choice, needs=needs)
    if request.method == "POST" and form.is_valid():
        keep, service_id, who = form.cleaned_data["keep"], form.service_id, _who(request, assignment)
        return perform(
            request,
            referral,
            lambda: workflow.split(assignment.pk, actor=request.user, keep=keep, service_id=service_id),
            lambda new: f"{who} accepted {_names(needs, keep)}. For the rest: {what_next(new.pk)}",
        )
    context = {"title": "Split", "stead": _answering_for(request, assignment), "candidates": choice}
    return page(request, referral, form, template="split", strand=assignment.strand, **context)


def _names(needs: list[Need], keep: frozenset[int]) -> str:
    return ", ".join(need.category.name.lower() for need in needs if need.category_id in keep)


@of_assignment
def refer_on(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    if not is_open(request, assignment, AssignmentStatus.ACCEPTED):
        return back_to(request, referral)
    choice = candidates(assignment.strand, without_organisation_id=assignment.organisation_id)
    form = ChooseServiceForm(request.POST or None, candidates=choice, offers_coordinator=True)
    if request.method == "POST" and form.is_valid():
        service_id = form.service_id
        return perform(
            request,
            referral,
            lambda: workflow.refer_on(assignment.pk, actor=request.user, service_id=service_id),
            lambda _: f"{_who(request, assignment)} referred this on. {what_next(assignment.strand_id)}",
        )
    context = {"title": "Refer on", "stead": _answering_for(request, assignment), "candidates": choice}
    return page(request, referral, form, template="refer_on", strand=assignment.strand, **context)


@of_strand
def close(request: HttpRequest, referral: Referral, strand: Strand) -> HttpResponse:
    if not _can_close(request, strand):
        return back_to(request, referral)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = form.cleaned_data["outcome"]
        return perform(
            request,
            referral,
            lambda: workflow.close(strand.pk, actor=request.user, outcome=outcome),
            lambda closed: f"Closed: {closed.get_outcome_display().lower()}.",
        )
    return page(request, referral, form, template="close", strand=strand, title="Close")


def _can_close(request: HttpRequest, strand: Strand) -> bool:
    held = Assignment.objects.select_related("strand", "organisation").filter(
        strand=strand, status=AssignmentStatus.ACCEPTED
    )
    if strand.status == StrandStatus.CLOSED:
        messages.info(request, "This is closed already.")
    elif can_coordinate(request.user, strand.network_id) or any(can_answer(request.user, one) for one in held):
        return True
    else:
        messages.error(request, "Only the organisation that accepted this, or a coordinator, can close it.")
    return False


@of_referral
@require_POST
def note(request: HttpRequest, referral: Referral) -> HttpResponse:
    form = NoteForm(request.POST, organisations=get_user_context(request).organisations)
    if not form.is_valid():
        messages.error(request, "Please write something first." if "text" in form.errors else "Please choose for whom.")
        return back_to(request, referral)
    text, organisation_id = form.cleaned_data["text"], form.organisation_id
    return perform(
        request,
        referral,
        lambda: workflow.add_note(referral.pk, actor=request.user, text=text, organisation_id=organisation_id),
        lambda _: "Your note was added.",
    )
