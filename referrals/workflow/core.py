"""Shared by the verbs of this package and used nowhere else: locking, status changes, events, offers."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Max, Model, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from referrals import notifications
from referrals.enums import (
    ASSIGNMENT_TRANSITIONS,
    ENDED_REFERRAL,
    LIVE_ASSIGNMENT,
    STRAND_TRANSITIONS,
    AssignmentStatus,
    EventKind,
    Outcome,
    ReferralStatus,
    StrandStatus,
    WhyCoordinator,
    WhyPassedOver,
)
from referrals.models import Assignment, Event, Network, Organisation, Referral, Service, Strand, User
from referrals.models.referrals import TAKE_PLACES, can_still_be_accepted
from referrals.notification_kinds import NotificationKind
from referrals.refusals import Refusal
from referrals.workflow.rejections import describe_rejection, find_rejections
from referrals.workflow.time_limits import AnswerCalendar


@dataclass
class LockedReferral:
    """A referral with its strands and assignments, all locked until the transaction ends.

    `actor` is None when the system or a referrer acts. `mails_wait`: for how long the e-mails of an answer are held
    back, so that it can be undone.
    """

    referral: Referral
    strands: dict[int, Strand]
    assignments: dict[int, Assignment]
    actor: User | None
    now: datetime
    mails_wait: timedelta = timedelta(0)
    events: list[int] = field(default_factory=list)  # keys of those of this transaction

    def live_assignment(self, strand: Strand) -> Assignment | None:
        return next((a for a in self.assignments_on(strand) if a.status in LIVE_ASSIGNMENT), None)

    def assignments_on(self, strand: Strand) -> list[Assignment]:
        return sorted((a for a in self.assignments.values() if a.strand_id == strand.pk), key=lambda a: a.position)

    def queued_on(self, strand: Strand) -> list[Assignment]:
        return [a for a in self.assignments_on(strand) if a.status == AssignmentStatus.QUEUED]


def lock(referral_id: int, *, actor: User | None, at: datetime | None) -> LockedReferral:
    """Lock the referral, then its strands and assignments by key. Everything locks in this order."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    strands = (
        Strand.objects.select_for_update(no_key=True, of=("self",))
        .filter(referral=referral)
        .select_related("network")
        .order_by("pk")
    )
    assignments = (
        Assignment.objects.select_for_update(no_key=True, of=("self",))
        .filter(strand__referral=referral)
        .select_related("organisation")
        .order_by("pk")
    )
    locked = LockedReferral(referral, {s.pk: s for s in strands}, {}, actor, at or timezone.now())
    for assignment in assignments:
        assignment.strand = locked.strands[assignment.strand_id]
        locked.assignments[assignment.pk] = assignment
    return locked


def lock_services(service_ids: Collection[int] | QuerySet) -> None:
    """Lock services whose capacity may change. Call before `lock`: archiving a service locks it, then its referrals."""
    list(Service.objects.select_for_update(no_key=True).filter(pk__in=service_ids).order_by("pk").values_list("pk"))


def lock_for_assignment(
    assignment_id: int, *, actor: User | None, at: datetime | None
) -> tuple[LockedReferral, Assignment]:
    referral_id = Assignment.objects.values_list("strand__referral", flat=True).get(pk=assignment_id)
    locked = lock(referral_id, actor=actor, at=at)
    return locked, locked.assignments[assignment_id]


def lock_for_strand(strand_id: int, *, actor: User | None, at: datetime | None) -> tuple[LockedReferral, Strand]:
    referral_id = Strand.objects.values_list("referral", flat=True).get(pk=strand_id)
    locked = lock(referral_id, actor=actor, at=at)
    return locked, locked.strands[strand_id]


def append_event(
    locked: LockedReferral,
    kind: EventKind,
    *,
    strand: Strand | None = None,
    assignment: Assignment | None = None,
    **data: object,
) -> Event:
    event = Event.objects.create(
        referral=locked.referral,
        strand=assignment.strand if assignment else strand,
        assignment=assignment,
        kind=kind,
        actor=locked.actor,
        data=data,
        at=locked.now,
    )
    locked.events.append(event.pk)
    return event


def owe_message(locked: LockedReferral, event: Event, kind: NotificationKind, to: Organisation | Network | str) -> None:
    due_at = locked.now + locked.mails_wait
    if isinstance(to, str):
        notifications.record(event, kind, to, due_at=due_at)
    else:
        notifications.record_for(event, kind, to, due_at=due_at)


def tell_referrer(locked: LockedReferral, event: Event, kind: NotificationKind) -> None:
    if locked.referral.tells_source:
        owe_message(locked, event, kind, locked.referral.source_email)


def move_assignment(locked: LockedReferral, assignment: Assignment, status: AssignmentStatus, **fields: object) -> None:
    """Change the status and its timestamps. Refuse a transition that is not allowed."""
    if status not in ASSIGNMENT_TRANSITIONS.get(assignment.status, ()):
        raise Refusal(why_not_open(assignment, reader=locked.actor))
    if status == AssignmentStatus.OFFERED:
        fields |= {"offered_at": locked.now, **offer_times(locked, assignment.strand, locked.now)}
    elif status == AssignmentStatus.ACCEPTED:
        fields |= {"accepted_at": locked.now, "ended_at": None}  # it had ended if it had lapsed
    else:
        fields["ended_at"] = locked.now
    if assignment.status == AssignmentStatus.ACCEPTED:  # what was still to be done is nobody's any more
        fields |= {"next_action": "", "next_action_on": None}
    set_fields(assignment, status=status, place_from=None, **fields)


def move_strand(locked: LockedReferral, strand: Strand, status: StrandStatus, **fields: object) -> None:
    """Change the strand's status, and with it the referral's."""
    if strand.status != status:
        if status not in STRAND_TRANSITIONS[strand.status]:
            raise Refusal("This part of the referral is closed. A coordinator can reopen it.")
        cleared = {"why_coordinator": "", "coordinator_told_at": None, "outcome": "", "closed_at": None}
        set_fields(strand, status=status, **cleared | fields)
    refresh_referral(locked)


def refresh_referral(locked: LockedReferral) -> None:
    """Derive the referral's status from its strands. Nothing else sets it."""
    statuses = {strand.status for strand in locked.strands.values()}
    status = next(candidate for candidate in ReferralStatus if candidate.value in statuses)
    if all(strand.outcome == Outcome.SPAM for strand in locked.strands.values()):
        status = ReferralStatus.SPAM
    if status != locked.referral.status:
        closed_at = locked.now if status in ENDED_REFERRAL else None
        set_fields(locked.referral, status=status, closed_at=closed_at)


def set_fields(row: Model, **fields: object) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def offer_times(locked: LockedReferral, strand: Strand, offered_at: datetime) -> dict[str, datetime | None]:
    """Return when to remind the organisation and when the offer lapses; None = never in this network."""
    reminder_days, _ = strand.network.answer_days(urgent=locked.referral.is_urgent)
    remind_at = _days_after(strand, offered_at, reminder_days)
    return {"remind_at": remind_at, "lapse_at": lapse_time(locked, strand, remind_at or offered_at)}


def lapse_time(locked: LockedReferral, strand: Strand, start: datetime) -> datetime | None:
    _, lapse_days = strand.network.answer_days(urgent=locked.referral.is_urgent)
    return _days_after(strand, start, lapse_days)


def send_reminder(locked: LockedReferral, assignment: Assignment) -> None:
    # A reminder that comes late leaves as many days to answer as one in time.
    lapse_at = lapse_time(locked, assignment.strand, locked.now)
    set_fields(assignment, reminded_at=locked.now, lapse_at=lapse_at)
    event = append_event(locked, EventKind.REMINDED, assignment=assignment)
    owe_message(locked, event, NotificationKind.ORGANISATION_REMINDED, assignment.organisation)


def _days_after(strand: Strand, start: datetime, days: int | None) -> datetime | None:
    return None if days is None else AnswerCalendar.of(strand.network).add_days(start, days)


def tell_person(locked: LockedReferral, submitted: Event | None = None) -> None:
    """Tell the person which organisations are asked, once only. Not while the referral is held: nobody is asked yet."""
    submitted = submitted or Event.objects.get(referral=locked.referral, kind=EventKind.SUBMITTED)
    notifications.record(submitted, NotificationKind.PERSON_TOLD, locked.referral.person.email, due_at=locked.now)


def offer(locked: LockedReferral, assignment: Assignment, *, tells_person: bool = False) -> None:
    """Ask the organisation by e-mail. `tells_person`: tell the person too, who does not know of it yet."""
    move_assignment(locked, assignment, AssignmentStatus.OFFERED)
    event = append_event(locked, EventKind.OFFERED, assignment=assignment)
    owe_message(locked, event, NotificationKind.ORGANISATION_ASKED, assignment.organisation)
    if tells_person:
        owe_message(locked, event, NotificationKind.PERSON_TOLD_MORE, locked.referral.person.email)
    move_strand(locked, assignment.strand, StrandStatus.SEEKING)


def offer_next(locked: LockedReferral, strand: Strand) -> None:
    """Ask the next organisation that still takes people; the coordinator when the list runs out.

    The first on the list is asked as the referrer was told. After that, one that has no room by now keeps its place,
    but waits until no other has room.
    """
    queue = locked.queued_on(strand)
    live = Count("assignments", filter=TAKE_PLACES)
    services = askable(strand).filter(pk__in=[a.service_id for a in queue]).annotate(live=live)
    has_room = {service.pk: service.live < service.capacity for service in services}
    rejections = find_rejections(strand, locked.strands, locked.assignments.values())
    can_be_asked = [a for a in queue if a.organisation_id not in rejections and a.service_id in has_room]
    first = next(iter(can_be_asked), None)
    was_asked = any(a.offered_at for a in locked.assignments_on(strand))
    chosen = next((a for a in can_be_asked if was_asked and has_room[a.service_id]), first)
    for assignment in queue:
        if assignment is chosen:
            offer(locked, assignment)
            return
        if assignment.organisation_id in rejections:
            pass_over(locked, assignment, WhyPassedOver.REJECTED)
        elif assignment.service_id not in has_room:
            pass_over(locked, assignment, _why_not_askable(assignment))
    why = WhyCoordinator.EXHAUSTED if locked.assignments_on(strand) else WhyCoordinator.NO_MATCH
    tell_coordinator(locked, strand, why)


def _why_not_askable(assignment: Assignment) -> WhyPassedOver:
    full = Service.objects.filter(pk=assignment.service_id, capacity=0, paused_at=None, archived_at=None)
    return WhyPassedOver.NO_PLACES if full.by_active_members().exists() else WhyPassedOver.NOT_TAKING_PEOPLE


def pass_over(locked: LockedReferral, assignment: Assignment, why: WhyPassedOver) -> None:
    move_assignment(locked, assignment, AssignmentStatus.SKIPPED)
    append_event(locked, EventKind.SKIPPED, assignment=assignment, why=why)


def askable(strand: Strand) -> QuerySet[Service]:
    return Service.objects.filter(network=strand.network_id).taking_people().by_active_members()


def tell_coordinator(
    locked: LockedReferral,
    strand: Strand,
    why: WhyCoordinator,
    *,
    assignment: Assignment | None = None,
    takes_over: bool = True,
) -> None:
    """Tell the network's coordinators. With `takes_over`, the strand is theirs from now on."""
    event = append_event(locked, EventKind.COORDINATOR_TOLD, strand=strand, assignment=assignment, why=why)
    owe_message(locked, event, NotificationKind.COORDINATOR_TOLD, strand.network)
    if takes_over:
        move_strand(locked, strand, StrandStatus.WITH_COORDINATOR, why_coordinator=why, coordinator_told_at=locked.now)


def release(locked: LockedReferral, assignment: Assignment, event: Event) -> None:
    move_assignment(locked, assignment, AssignmentStatus.WITHDRAWN)
    owe_message(locked, event, NotificationKind.ORGANISATION_RELEASED, assignment.organisation)


def close_strand(locked: LockedReferral, strand: Strand, outcome: str) -> None:
    # Queued organisations were never asked, so they get no message.
    for assignment in locked.queued_on(strand):
        move_assignment(locked, assignment, AssignmentStatus.WITHDRAWN)
    move_strand(locked, strand, StrandStatus.CLOSED, outcome=outcome, closed_at=locked.now)


def add_to_list(locked: LockedReferral, strand: Strand, service: Service) -> Assignment:
    last = Assignment.objects.filter(strand=strand).aggregate(last=Max("position"))["last"] or 0
    assignment = Assignment.objects.create(
        strand=strand, service=service, organisation=service.organisation, position=last + 1
    )
    assignment.strand = strand
    locked.assignments[assignment.pk] = assignment
    return assignment


def offer_to(locked: LockedReferral, strand: Strand, service: Service) -> Assignment:
    """Ask a service chosen by hand, out of turn if it is on the list. Its organisation then stands there no more.

    Tell the person if the organisation was on no list before.
    """
    known = {assignment.organisation_id for assignment in locked.assignments.values()}
    queued = [a for a in locked.queued_on(strand) if a.organisation_id == service.organisation_id]
    assignment = next((a for a in queued if a.service_id == service.pk), None) or add_to_list(locked, strand, service)
    for other in queued:
        if other is not assignment:
            pass_over(locked, other, WhyPassedOver.ASKED_OTHERWISE)
    offer(locked, assignment, tells_person=service.organisation_id not in known)
    return assignment


def chosen_service(
    locked: LockedReferral,
    strand: Strand,
    service_id: int,
    *,
    knowing_rejection: bool,
    not_organisation_id: int | None = None,
) -> Service:
    service = askable(strand).select_related("organisation").filter(pk=service_id).first()
    if service is None:
        raise Refusal("This service is not taking people at the moment. Please choose another one.")
    if service.organisation_id == not_organisation_id:
        raise Refusal(f"{service.organisation} has this already. Please choose another organisation.")
    rejections = find_rejections(strand, locked.strands, locked.assignments.values())
    if service.organisation_id in rejections and not knowing_rejection:
        words = describe_rejection(rejections[service.organisation_id])
        raise Refusal(f"{words} To ask it again, say that you know this.")
    return service


def can_accept_late(assignment: Assignment) -> bool:
    return Assignment.objects.filter(can_still_be_accepted(), pk=assignment.pk).exists()


def why_not_open(assignment: Assignment, *, reader: User | None = None, again: bool = False) -> str:
    """Say what became of the offer; to a `reader` who did that, that they did. `again`: they have pressed twice."""
    name = assignment.organisation.name
    own_actions = {
        AssignmentStatus.ACCEPTED: "accepted this",
        AssignmentStatus.REJECTED: "rejected this",
        AssignmentStatus.WITHDRAWN: f"taken this away from {name}",
        AssignmentStatus.REFERRED_ON: "referred this on",
        AssignmentStatus.CLOSED: "closed this case",
    }
    if reader and assignment.status in own_actions:
        last = Event.objects.filter(assignment=assignment).order_by("-at", "-pk").first()
        if last and last.actor_id == reader.pk:
            once = " It was done once, however often you pressed." if again else ""
            return f"You have {own_actions[assignment.status]}.{once}"
    if assignment.status in (AssignmentStatus.LAPSED, AssignmentStatus.RELEASED):
        return _why_too_late(assignment)
    return {
        AssignmentStatus.QUEUED: f"{name} has not been asked yet.",
        AssignmentStatus.OFFERED: f"{name} has not answered yet.",
        AssignmentStatus.ACCEPTED: f"{name} has accepted this already.",
        AssignmentStatus.REJECTED: f"{name} has rejected this already.",
        AssignmentStatus.SKIPPED: f"{name} was passed over, and has not been asked.",
        AssignmentStatus.WITHDRAWN: f"A coordinator has taken this away from {name}.",
        AssignmentStatus.REFERRED_ON: f"{name} has referred this on already.",
        AssignmentStatus.CLOSED: f"{name} has closed this case already.",
    }[AssignmentStatus(assignment.status)]


def _why_too_late(assignment: Assignment) -> str:
    """Say what became of an offer that lapsed, or that was released because somebody else accepted."""
    name = assignment.organisation.name
    if can_accept_late(assignment):
        return f"{name} did not answer in time. It can still accept while nobody else has."
    accepted = Assignment.objects.filter(strand=assignment.strand_id, accepted_at__gte=assignment.offered_at)
    first = accepted.select_related("organisation").exclude(pk=assignment.pk).order_by("accepted_at").first()
    if first is None:
        return f"{name} did not answer in time, and it is too late now."
    when = date_format(timezone.localtime(first.accepted_at), "j F, H:i")
    return f"{first.organisation} accepted this on {when}. There is nothing more for {name} to do."
