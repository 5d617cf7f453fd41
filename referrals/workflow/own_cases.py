"""Who of an organisation looks after a case, and what is to be done next. No other organisation reads either."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format

from referrals.access import belongs_to_holder
from referrals.enums import AssignmentStatus
from referrals.models import Assignment, OrganisationMember, Referral, User
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.core import lock_for_assignment, set_fields, why_not_open


@transaction.atomic
def set_case_owner(
    assignment_id: int, *, actor: User, owner_id: int | None, before: int | None, at: datetime | None = None
) -> Assignment:
    """Give a case to a colleague, or with None to nobody. Both are keys of OrganisationMember.

    `before`: who had it when the actor looked. Of two who take it at the same moment, the second is told.
    """
    # Before the referral: whoever removes a member locks them first, and then takes their cases from them.
    list(OrganisationMember.objects.select_for_update(no_key=True).filter(pk=owner_id).values_list("pk"))
    assignment = _lock_own_case(assignment_id, actor, at)
    members = OrganisationMember.objects.filter(organisation=assignment.organisation_id).select_related("user")
    if assignment.owner_id == owner_id:
        raise AlreadyDone(_describe_owner(assignment.owner, actor))
    if assignment.owner_id != before:
        raise Refusal(f"{_describe_owner(assignment.owner, actor)} This was changed a moment ago: please look again.")
    owner = members.filter(pk=owner_id, user__is_active=True).first()
    if owner is None and owner_id is not None:
        raise Refusal("They no longer work for the organisation. Please choose somebody else.")
    set_fields(assignment, owner=owner)
    return assignment


@transaction.atomic
def plan_next_action(
    assignment_id: int, *, actor: User, text: str, day: date, before: str, at: datetime | None = None
) -> Assignment:
    """Say what is to be done next in a case, and when. `before`: its `plan` as it was when the actor looked."""
    assignment = _lock_own_case(assignment_id, actor, at)
    text = " ".join(text.split())
    if not text:
        raise Refusal("Please write what is to be done.")
    if (assignment.next_action, assignment.next_action_on) == (text, day):
        raise AlreadyDone("This is what is planned. It is there once, however often you pressed.")
    _check_plan(assignment, before)
    set_fields(assignment, next_action=text, next_action_on=day)
    return assignment


@transaction.atomic
def finish_next_action(assignment_id: int, *, actor: User, before: str, at: datetime | None = None) -> Assignment:
    """Take away what was to be done next, as it is done, or no longer to be. `before`: see `plan_next_action`."""
    assignment = _lock_own_case(assignment_id, actor, at)
    if not assignment.next_action:
        raise AlreadyDone("This was done already, and nothing else is planned.")
    _check_plan(assignment, before)
    set_fields(assignment, next_action="", next_action_on=None)
    return assignment


def release_cases(member: OrganisationMember) -> None:
    """Take their cases from somebody who is removed from an organisation. Lock the member first."""
    owned = Assignment.objects.filter(strand__referral=OuterRef("pk"), owner=member)
    # Each referral is locked before its assignments, as by every verb, and in the order of keys.
    list(Referral.objects.select_for_update(no_key=True).filter(Exists(owned)).order_by("pk").values_list("pk"))
    Assignment.objects.filter(owner=member).update(owner=None)


def _lock_own_case(assignment_id: int, actor: User, at: datetime | None) -> Assignment:
    _, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    if not belongs_to_holder(actor, assignment):
        raise NotAllowed("Only the organisation that has this case can do this.")
    if assignment.status != AssignmentStatus.ACCEPTED:
        raise Refusal(why_not_open(assignment, reader=actor))
    return assignment


def _check_plan(assignment: Assignment, before: str) -> None:
    if assignment.plan == before:
        return
    if not assignment.next_action:
        raise Refusal("A colleague has just done what was planned. Nothing is planned now.")
    day = date_format(assignment.next_action_on, "j F Y")
    raise Refusal(f"A colleague has just changed this. Planned is now: “{assignment.next_action}”, {day}.")


def _describe_owner(owner: OrganisationMember | None, reader: User) -> str:
    if owner is None:
        return "Nobody looks after this case."
    return f"{'You look' if owner.user_id == reader.pk else f'{owner.user.get_full_name()} looks'} after this case."
