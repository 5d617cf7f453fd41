"""Suspending an organisation in a network, reinstating it, and leaving.

Its offers go to the next organisation at once. Open cases stay with it and are shown to the coordinators, who know
whether the person is still supported.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from referrals import notifications
from referrals.access import can_coordinate, can_leave
from referrals.enums import LIVE_ASSIGNMENT, AccountEventKind, AssignmentStatus, EventKind, MembershipStatus
from referrals.models import AccountEvent, Assignment, NetworkMembership, User
from referrals.notification_kinds import NotificationKind
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.core import LockedReferral, append_event, lock, lock_for_assignment, move_assignment, offer_next


def live_without_membership() -> QuerySet:
    """Return offers and open cases of organisations that are no longer active in the network."""
    # A membership is never deleted: its status ends it. Few have ended, so starting from these is quick.
    ended = NetworkMembership.objects.exclude(status=MembershipStatus.ACTIVE).of_outer_row(network="strand__network")
    return Assignment.objects.filter(Exists(ended), status__in=LIVE_ASSIGNMENT)


@transaction.atomic
def suspend(membership_id: int, *, actor: User, at: datetime | None = None) -> NetworkMembership:
    membership = _lock(membership_id)
    _check_coordinator(membership, actor)
    if membership.status == MembershipStatus.LEFT:
        raise Refusal(f"{membership.organisation} has left {membership.network}.")
    return _end_membership(
        membership, MembershipStatus.SUSPENDED, AccountEventKind.SUSPENDED, actor, at or timezone.now()
    )


@transaction.atomic
def leave(membership_id: int, *, actor: User, at: datetime | None = None) -> NetworkMembership:
    """Take the organisation out of the network, for one of its owners or a coordinator."""
    membership = _lock(membership_id)
    if not can_leave(actor, membership):
        raise NotAllowed(f"Only an owner of {membership.organisation} or a coordinator can do this.")
    return _end_membership(membership, MembershipStatus.LEFT, AccountEventKind.LEFT, actor, at or timezone.now())


@transaction.atomic
def reinstate(membership_id: int, *, actor: User, at: datetime | None = None) -> NetworkMembership:
    membership = _lock(membership_id)
    _check_coordinator(membership, actor)
    if membership.status == MembershipStatus.ACTIVE:
        raise AlreadyDone(f"{membership.organisation} is an active member of {membership.network}.")
    _change_status(membership, MembershipStatus.ACTIVE, AccountEventKind.RESUMED, actor, at or timezone.now())
    return membership


def _stranded() -> QuerySet:
    """Return offers made at the moment when their organisation left or their service was archived."""
    offers = Assignment.objects.filter(status=AssignmentStatus.OFFERED)
    without_membership = live_without_membership().filter(status=AssignmentStatus.OFFERED)
    return offers.filter(Q(pk__in=without_membership.values("pk")) | Q(service__archived_at__isnull=False))


def stranded_offers() -> list[int]:
    return list(_stranded().order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def pass_on(assignment_id: int, *, at: datetime | None = None) -> bool:
    """Pass a stranded offer to the next organisation. Return False if it is no longer stranded."""
    locked, assignment = lock_for_assignment(assignment_id, actor=None, at=at)
    is_due = _stranded().filter(pk=assignment_id).exists()
    if is_due:
        _pass_on(locked, assignment)
    return is_due


def _lock(membership_id: int) -> NetworkMembership:
    rows = NetworkMembership.objects.select_for_update(of=("self",)).select_related("organisation", "network")
    return rows.get(pk=membership_id)


def _check_coordinator(membership: NetworkMembership, actor: User) -> None:
    if not can_coordinate(actor, membership.network_id):
        raise NotAllowed(f"Only a coordinator of {membership.network} can do this.")


def _end_membership(
    membership: NetworkMembership, status: MembershipStatus, kind: AccountEventKind, actor: User, now: datetime
) -> NetworkMembership:
    if membership.status == status:
        raise AlreadyDone(f"{membership.organisation} is {membership.get_status_display().lower()} already.")
    _change_status(membership, status, kind, actor, now)
    live = Assignment.objects.filter(
        strand__network=membership.network_id, organisation=membership.organisation_id, status__in=LIVE_ASSIGNMENT
    )
    for referral_id in live.order_by("strand__referral").values_list("strand__referral", flat=True).distinct():
        locked = lock(referral_id, actor=actor, at=now)
        for assignment in list(locked.assignments.values()):
            is_in_network = assignment.strand.network_id == membership.network_id
            if is_in_network and assignment.organisation_id == membership.organisation_id:
                if assignment.status == AssignmentStatus.OFFERED:
                    _pass_on(locked, assignment)
                elif assignment.status == AssignmentStatus.ACCEPTED:
                    append_event(locked, EventKind.MEMBER_GONE, assignment=assignment)
    return membership


def _change_status(
    membership: NetworkMembership, status: MembershipStatus, kind: AccountEventKind, actor: User, now: datetime
) -> None:
    # Coordinators are told unless one of them did it.
    membership.status = status
    membership.save(update_fields=["status"])
    event = AccountEvent.objects.create(
        kind=kind, organisation=membership.organisation, network=membership.network, actor=actor, at=now
    )
    recipients = [membership.organisation.email]
    if not can_coordinate(actor, membership.network_id):
        recipients.append(membership.network.email)
    for recipient in recipients:
        notifications.record(event, NotificationKind.MEMBERSHIP_CHANGED, recipient)


def _pass_on(locked: LockedReferral, assignment: Assignment) -> None:
    # No message for each offer: the organisation gets one about its membership.
    is_archived = assignment.service.archived_at is not None
    append_event(locked, EventKind.SERVICE_ARCHIVED if is_archived else EventKind.MEMBER_GONE, assignment=assignment)
    move_assignment(locked, assignment, AssignmentStatus.WITHDRAWN)
    offer_next(locked, assignment.strand)
