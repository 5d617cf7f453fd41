"""Who looks after a case, and what is to be done next, as its organisation says it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from backoffice.responses import perform
from backoffice.workspace.answering import render_form
from backoffice.workspace.forms import NextActionForm
from backoffice.workspace.screen import back_to, with_assignment
from referrals import workflow
from referrals.access import belongs_to_holder
from referrals.enums import AssignmentStatus
from referrals.models import Assignment, Referral


@with_assignment
@require_POST
def set_owner(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    owner, before = (_read_key(request.POST.get(name, "")) for name in ("owner", "before"))

    def success(case: Assignment) -> str:
        if case.owner is None:
            return "Nobody looks after this case now."
        is_own = case.owner.user_id == request.user.pk
        return f"{'You look' if is_own else f'{case.owner.user.get_full_name()} looks'} after this case now."

    give: Callable[[], Assignment] = lambda: workflow.set_case_owner(  # noqa: E731
        assignment.pk, actor=request.user, owner_id=owner, before=before
    )
    perform(request, give, success)
    return back_to(request, referral)


def _read_key(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


@with_assignment
def plan_next_action(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    if not belongs_to_holder(request.user, assignment):
        messages.error(request, "Only the organisation that has this case can do this.")
        return back_to(request, referral)
    if request.method != "POST" and assignment.status != AssignmentStatus.ACCEPTED:
        messages.info(request, workflow.why_not_open(assignment, reader=request.user))
        return back_to(request, referral)
    form = NextActionForm(request.POST or None, case=assignment)
    if request.method == "POST" and form.is_valid():
        text, day = form.cleaned_data["text"], form.cleaned_data["day"]
        before = request.POST.get("before", "")
        try:
            workflow.plan_next_action(assignment.pk, actor=request.user, text=text, day=day, before=before)
        except workflow.AlreadyDone as done:
            messages.info(request, str(done))
            return back_to(request, referral)
        except workflow.Refusal as refusal:  # what was typed stays on the page
            form.add_error(None, str(refusal))
            assignment.refresh_from_db(fields=["next_action", "next_action_on"])
        else:
            messages.success(request, f"Planned for {date_format(day, 'j F Y')}.")
            return back_to(request, referral)
    context = {"title": "Next action", "strand": assignment.strand, "case": assignment}
    return render_form(request, referral, form, "next_action", **context)


@with_assignment
@require_POST
def finish_next_action(request: HttpRequest, referral: Referral, assignment: Assignment) -> HttpResponse:
    before = request.POST.get("before", "")
    perform(
        request,
        lambda: workflow.finish_next_action(assignment.pk, actor=request.user, before=before),
        "Done. Nothing else is planned for this case.",
    )
    return back_to(request, referral)
