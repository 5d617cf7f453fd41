"""Pausing and archiving a service. The cases it has accepted stay with it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from referrals import notifications
from referrals.access import changeable_by, own_organisations
from referrals.enums import AssignmentStatus, EventKind
from referrals.models import Assignment, Service, User
from referrals.notification_kinds import NotificationKind
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.core import LockedReferral, append_event, lock, move_assignment, offer_next, set_fields


@transaction.atomic
def pause(service_id: int, *, actor: User, at: datetime | None = None) -> Service:
    """Stop suggesting the service until it is resumed. Its open offers stay open."""
    service = _lock(service_id, actor)
    if service.paused_at:
        raise AlreadyDone(f"{service.activity} is paused already.")
    set_fields(service, paused_at=at or timezone.now())
    return service


@transaction.atomic
def resume(service_id: int, *, actor: User) -> Service:
    service = _lock(service_id, actor)
    if not service.paused_at:
        raise AlreadyDone(f"{service.activity} is not paused.")
    set_fields(service, paused_at=None)
    return service


@transaction.atomic
def archive(service_id: int, *, actor: User, at: datetime | None = None) -> Service:
    """End the service: take it off every list and pass its open offers on."""
    service = _lock(service_id, actor)
    now = at or timezone.now()
    set_fields(service, archived_at=now, is_public=False)
    offers = Assignment.objects.filter(service=service, status=AssignmentStatus.OFFERED)
    for referral_id in offers.order_by("strand__referral").values_list("strand__referral", flat=True).distinct():
        locked = lock(referral_id, actor=actor, at=now)
        for assignment in list(locked.assignments.values()):
            if assignment.service_id == service.pk and assignment.status == AssignmentStatus.OFFERED:
                _pass_on(locked, assignment)
    return service


@transaction.atomic
def restore(service_id: int, *, actor: User, at: datetime | None = None) -> Service:
    """Bring an archived service back, paused and unlisted, so that it is checked first."""
    service = _lock(service_id, actor, archived=True)
    set_fields(service, archived_at=None, paused_at=service.paused_at or at or timezone.now())
    return service


def _lock(service_id: int, actor: User, *, archived: bool = False) -> Service:
    rows = Service.objects.select_for_update(of=("self",), no_key=True).select_related("activity")
    service = rows.filter(pk=service_id).first()
    if service is None or not changeable_by(actor, Service).filter(pk=service_id).exists():
        raise NotAllowed("There is no such service here, or it is not yours to change.")
    if archived and not service.archived_at:
        raise AlreadyDone(f"{service.activity} is not archived.")
    if not archived and service.archived_at:
        raise Refusal(f"{service.activity} has been archived. Bring it back first.")
    return service


def _pass_on(locked: LockedReferral, assignment: Assignment) -> None:
    event = append_event(locked, EventKind.SERVICE_ARCHIVED, assignment=assignment)
    move_assignment(locked, assignment, AssignmentStatus.WITHDRAWN)
    if not own_organisations(locked.actor).filter(pk=assignment.organisation_id).exists():
        notifications.record_for(event, NotificationKind.ORGANISATION_RELEASED, assignment.organisation)
    offer_next(locked, assignment.strand)
