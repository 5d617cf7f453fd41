"""What an organisation can do with an offer or a case. Each is a POST through its verb of the workflow."""

from functools import partial

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from backoffice.responses import not_found, perform, render_page
from backoffice.user_context import get_user_context
from backoffice.workspace.candidates import find_candidates
from backoffice.workspace.details import list_networks
from backoffice.workspace.forms import CloseForm, NoteForm, ReferOnForm, RejectForm, SplitForm, WaitingListForm
from backoffice.workspace.outcomes import describe_strand
from backoffice.workspace.screen import back_to, back_url, render_workspace, with_assignment, with_referral, with_strand
from referrals import workflow
from referrals.access import can_answer, can_coordinate, changeable_by, visible_to
from referrals.access.access_log import log_access
from referrals.enums import AssignmentStatus, RejectReason, Screen, StrandStatus
from referrals.models import Assignment, Event, Need, Referral, Service, Strand


def render_form(request: HttpRequest, referral: Referral, form: Form, template: str, **context: object) -> HttpResponse:
    if "candidates" in context:  # the reasons for each of them reveal something about the person
        log_access(request.user, [referral.pk], Screen.REFERRAL)
    context |= {"referral": referral, "form": form, "back": back_url(request, referral)}
    return render_page(request, f"backoffice/answers/{template}.html", **context)


def _check_can_answer(
    request: HttpRequest, assignment: Assignment, status: AssignmentStatus, *, done: AssignmentStatus | None = None
) -> bool:
    """Return whether the user may answer now; if not, tell them why. Check first: even the forms reveal details.

    `done`: the status that the answer leads to, as when its button is pressed twice.
    """
    if not can_answer(request.user, assignment):
        messages.error(request, f"You cannot answer for {assignment.organisation}.")
        return False
    if assignment.status != status:
        is_again = request.method == "POST" and assignment.status == done
        messages.info(request, workflow.why_not_open(assignment, reader=request.user, again=is_again))
        return False
    return True


def _on_behalf_of(request: HttpRequest, assignment: Assignment) -> str:
    """Return the organisation's name, or "" if it is the user's own."""
    own = {organisation.pk for organisation in get_user_context(request).organisations}
    return "" if assignment.organisation_id in own else assignment.organisation.name


@with_assignment
@require_POST
def accept(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    def success(_: Assignment) -> str:
        count = Need.objects.filter(strand=assignment.strand_id).count()
        needs = {1: "the need", 2: "both needs"}.get(count, f"all {count} needs")
        who = _on_behalf_of(request, assignment) or "You"
        safe = referral.person.safe_contact
        warning = f" {safe.in_words}" if safe.forbids_ringing or safe.forbids_writing else ""
        return f"{who} accepted {needs} of {referral.person}. You can now get in touch.{warning}"

    perform(request, lambda: workflow.accept(assignment.pk, actor=request.user), success)
    return back_to(request, referral)


@with_assignment
def reject(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    if not _check_can_answer(request, assignment, AssignmentStatus.OFFERED, done=AssignmentStatus.REJECTED):
        return back_to(request, referral)
    service = changeable_by(request.user, Service).filter(pk=assignment.service_id).first()
    form = RejectForm(request.POST or None, service=service)
    other_organisation = _on_behalf_of(request, assignment)
    if request.method == "POST" and form.is_valid():

        def success(_: Assignment) -> str:
            message = f"{other_organisation or 'You'} rejected this. {describe_strand(assignment.strand_id)}"
            if service and form.new_capacity is not None:
                message += f" {service} now takes {form.new_capacity} at a time."
            return message

        answer = partial(
            workflow.reject,
            assignment.pk,
            actor=request.user,
            reason=RejectReason(form.cleaned_data["reason"]),
            note=form.cleaned_data["note"].strip(),
            capacity=form.new_capacity,
        )
        perform(request, answer, success)
        return back_to(request, referral)
    context = {"title": "Reject", "strand": assignment.strand, "on_behalf_of": other_organisation}
    return render_form(request, referral, form, "reject", **context)


@with_assignment
def waiting_list(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    if not _check_can_answer(request, assignment, AssignmentStatus.OFFERED):
        return back_to(request, referral)
    form = WaitingListForm(request.POST or None, chosen=assignment.place_from)
    other_organisation = _on_behalf_of(request, assignment)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["place_from"]

        def success(_: Assignment) -> str:
            who = f"{other_organisation} has" if other_organisation else "You have"
            told = (
                " They are told." if referral.person.email and not referral.person.safe_contact.forbids_writing else ""
            )
            return f"{who} put {referral.person} on the waiting list: a place from {date_format(day, 'j F Y')}.{told}"

        perform(request, lambda: workflow.waitlist(assignment.pk, actor=request.user, place_from=day), success)
        return back_to(request, referral)
    context = {"title": "Waiting list", "strand": assignment.strand, "on_behalf_of": other_organisation}
    return render_form(request, referral, form, "waiting_list", assignment=assignment, **context)


@with_assignment
def split(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    if not _check_can_answer(request, assignment, AssignmentStatus.OFFERED, done=AssignmentStatus.ACCEPTED):
        return back_to(request, referral)
    needs = list(Need.objects.filter(strand=assignment.strand_id).select_related("category"))
    ticked = {*(request.POST or request.GET).getlist("keep")}
    keep = [need.category_id for need in needs if str(need.category_id) in ticked]
    candidates = find_candidates(
        assignment.strand,
        request.user,
        without_organisation_id=assignment.organisation_id,
        keep=keep if len(keep) < len(needs) else (),
    )
    form = SplitForm(request.POST or None, candidates=candidates, needs=needs, keep=keep)
    other_organisation = _on_behalf_of(request, assignment)
    if request.method == "POST" and form.is_valid():
        kept_ids = form.cleaned_data["keep"]
        kept = ", ".join(need.category.name.lower() for need in needs if need.category_id in kept_ids)
        perform(
            request,
            lambda: workflow.split(
                assignment.pk,
                actor=request.user,
                keep=kept_ids,
                service_id=form.service_id,
                knowing_rejection=form.knows_rejection,
            ),
            lambda new: f"{other_organisation or 'You'} accepted {kept}. For the rest: {describe_strand(new.pk)}",
        )
        return back_to(request, referral)
    context = {"title": "Split", "strand": assignment.strand, "on_behalf_of": other_organisation}
    return render_form(request, referral, form, "split", candidates=candidates, **context)


@with_assignment
def refer_on(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    if not _check_can_answer(request, assignment, AssignmentStatus.ACCEPTED, done=AssignmentStatus.REFERRED_ON):
        return back_to(request, referral)
    candidates = find_candidates(assignment.strand, request.user, without_organisation_id=assignment.organisation_id)
    form = ReferOnForm(request.POST or None, candidates=candidates)
    other_organisation = _on_behalf_of(request, assignment)
    if request.method == "POST" and form.is_valid():
        perform(
            request,
            lambda: workflow.refer_on(
                assignment.pk,
                actor=request.user,
                service_id=form.service_id,
                note=form.cleaned_data["note"].strip(),
                knowing_rejection=form.knows_rejection,
            ),
            lambda _: f"{other_organisation or 'You'} referred this on. {describe_strand(assignment.strand_id)}",
        )
        return back_to(request, referral)
    context = {"title": "Refer on", "strand": assignment.strand, "on_behalf_of": other_organisation}
    return render_form(request, referral, form, "refer_on", candidates=candidates, **context)


@with_strand
def close(request: HttpRequest, referral: Referral, strand: Strand) -> HttpResponse:
    accepted = Assignment.objects.filter(strand=strand, status=AssignmentStatus.ACCEPTED)
    is_closed = strand.status == StrandStatus.CLOSED
    cases = accepted if not is_closed else Assignment.objects.filter(strand=strand, status=AssignmentStatus.CLOSED)
    if not can_coordinate(request.user, strand.network_id) and not any(
        can_answer(request.user, assignment) for assignment in cases.select_related("strand", "organisation")
    ):
        messages.error(request, "Only the organisation that accepted this, or a coordinator, can close it.")
        return back_to(request, referral)
    if is_closed:
        messages.info(request, "This is closed already.")
        return back_to(request, referral)
    form = CloseForm(request.POST or None, is_accepted=accepted.exists())
    if request.method == "POST" and form.is_valid():
        outcome, note = form.cleaned_data["outcome"], form.cleaned_data.get("note", "").strip()
        perform(
            request,
            lambda: workflow.close(strand.pk, actor=request.user, outcome=outcome, note=note),
            lambda closed: f"Closed: {closed.get_outcome_display().lower()}.",
        )
        return back_to(request, referral)
    return render_form(request, referral, form, "close", strand=strand, title="Close the case")


@with_referral
@require_POST
def note(request: HttpRequest, referral: Referral) -> HttpResponse:
    strands = visible_to(request.user, Strand).filter(referral=referral).select_related("network")
    organisations = get_user_context(request).organisations
    form = NoteForm(request.POST, organisations=organisations, networks=list_networks(strands.order_by("pk")))
    if not form.is_valid():
        return render_workspace(request, referral, note_form=form)
    add = partial(
        workflow.add_note,
        referral.pk,
        actor=request.user,
        text=form.cleaned_data["text"],
        organisation_id=form.organisation_id,
        open_to=form.open_to,
    )
    perform(request, add, "Your note was added.")
    return back_to(request, referral)


@with_referral
@require_POST
def undo(request: HttpRequest, referral: Referral, pk: int) -> HttpResponse:
    # Who has rejected reads no events of the referral any more: the verb itself says who may undo.
    if not Event.objects.filter(pk=pk, referral=referral).exists():
        return not_found(request)
    perform(request, lambda: workflow.undo(pk, actor=request.user), "It is as it was before. Nobody has been told.")
    return back_to(request, referral)


@with_assignment
@require_POST
def ask_to_undo(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    said = "The coordinator has been asked. They can open it again and ask you anew."
    perform(request, lambda: workflow.ask_to_undo(assignment.pk, actor=request.user), said)
    return back_to(request, referral)
