"""Taking an answer back while nobody has been told of it.

What an answer changes within `undoable` is stored beside its event, and its e-mails wait as long as the network says.
`undo` writes the old values back, so it needs to know nothing of the verbs.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from referrals import notifications
from referrals.access import belongs_to_holder, can_answer, can_coordinate
from referrals.enums import LIVE_ASSIGNMENT, AssignmentStatus, EventKind, WhyCoordinator
from referrals.models import (
    AccessRecord,
    Assignment,
    Event,
    Need,
    Notification,
    OrganisationMember,
    PersonTag,
    Service,
    Strand,
    UndoableAnswer,
    User,
)
from referrals.notification_kinds import NotificationStatus
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.core import (
    LockedReferral,
    append_event,
    lock,
    lock_for_assignment,
    lock_services,
    refresh_referral,
    set_fields,
    tell_coordinator,
)

_TIMES = ("offered_at", "remind_at", "lapse_at", "reminded_at", "lapsed_at", "accepted_at", "ended_at", "waitlisted_at")
_FIELDS = {
    Assignment: ("status", *_TIMES, "place_from", "reject_reason", "outcome", "next_action", "next_action_on"),
    Strand: ("status", "why_coordinator", "coordinator_told_at", "outcome", "closed_at"),
    Service: ("capacity", "capacity_set_on"),
}
_COORDINATOR_CAN = "A coordinator can still put it right."

Values = dict[str, dict[str, Any]]

ANSWERED = (AssignmentStatus.REJECTED, AssignmentStatus.CLOSED, AssignmentStatus.REFERRED_ON)


@contextmanager
def undoable(locked: LockedReferral, strand: Strand, *, service: Service | None = None) -> Iterator[None]:
    """Let what is done within be undone. `service`: the one whose capacity it changes, if any."""
    wait = timedelta(seconds=strand.network.undo_seconds)
    if locked.now + wait <= timezone.now():  # no time to undo it, or history that is being loaded
        yield
        return
    locked.mails_wait = wait
    before = _read_all(locked, service)
    yield
    after = _read_all(locked, service)
    answer = Event.objects.get(pk=locked.events[0])
    UndoableAnswer.objects.create(
        event=answer,
        until=locked.now + wait,
        before={
            kind: {key: values for key, values in rows.items() if after[kind][key] != values}
            for kind, rows in before.items()
        },
        made={
            "strand": [key for key in after["strand"] if key not in before["strand"]],
            "assignment": [key for key in after["assignment"] if key not in before["assignment"]],
            "event": locked.events,
            "capacity": {key: after["service"][key] for key in before["service"]},
        },
    )


def _read_all(locked: LockedReferral, service: Service | None) -> dict[str, Values]:
    return {
        "strand": _read(locked.strands.values()),
        "assignment": _read(locked.assignments.values()),
        "service": _read([service] if service else []),
    }


def _read(rows: Iterable[Model]) -> Values:
    return {str(row.pk): {name: _as_text(row, name) for name in _FIELDS[type(row)]} for row in rows}


def _as_text(row: Model, name: str) -> str | None:
    return None if getattr(row, name) is None else row._meta.get_field(name).value_to_string(row)


def _write_back(row: Model, values: dict[str, Any]) -> None:
    set_fields(row, **{name: row._meta.get_field(name).to_python(value) for name, value in values.items()})


def find_undoable(user: User, referral_id: int) -> list[UndoableAnswer]:
    """Return the answers, newest first, that `user` can still undo if nothing has happened since."""
    rows = UndoableAnswer.objects.filter(event__referral=referral_id, until__gt=timezone.now(), undone_at=None)
    related = ("event__strand", "event__assignment__strand", "event__assignment__organisation")
    return [row for row in rows.select_related(*related) if _may_undo(user, row.event)]


def _may_undo(user: User, event: Event) -> bool:
    """Whether `user` may give the answer now."""
    if event.assignment:
        return can_answer(user, event.assignment)
    return event.strand is not None and can_coordinate(user, event.strand.network_id)


@transaction.atomic
def undo(event_id: int, *, actor: User, at: datetime | None = None) -> Event:
    """Take an answer back, in its time, unless somebody has acted on it or whoever is asked now has opened it.

    `event_id`: the first event of the answer. Whoever may give the answer may undo it.
    """
    event = Event.objects.select_related("strand", "assignment__strand", "assignment__organisation").get(pk=event_id)
    if answer := UndoableAnswer.objects.filter(event=event).first():
        lock_services([int(key) for key in answer.before["service"]])
    locked = lock(event.referral_id, actor=actor, at=at)
    answer = UndoableAnswer.objects.filter(event=event).first()  # again: it may have been undone meanwhile
    if not _may_undo(actor, event):
        raise NotAllowed("You cannot undo this answer.")
    if answer and answer.undone_at:
        raise AlreadyDone("This has been undone. It was done once, however often you pressed.")
    if answer is None or answer.until < locked.now or not _withhold_messages(answer):
        raise Refusal(f"This can no longer be undone: those concerned have been told. {_COORDINATOR_CAN}")
    if words := _what_happened_since(locked, answer):
        raise Refusal(f"This can no longer be undone: {words}. {_COORDINATOR_CAN}")
    _restore(locked, answer)
    set_fields(answer, undone_at=locked.now)
    if assignment := locked.assignments.get(event.assignment_id):
        set_fields(assignment, note_for_next="")
    strand = locked.strands[event.strand_id]
    return append_event(locked, EventKind.UNDONE, assignment=assignment, strand=strand, undone=event.pk)


def _withhold_messages(answer: UndoableAnswer) -> bool:
    """Cancel the answer's e-mails; False if one of them is out, or is going out just now."""
    events = Event.objects.filter(pk__in=answer.made["event"])
    notifications.cancel(events)
    gone = (NotificationStatus.SENDING, NotificationStatus.SENT)
    return not Notification.objects.filter(event__in=events, status__in=gone).exists()


def _what_happened_since(locked: LockedReferral, answer: UndoableAnswer) -> str:
    """Say who has acted on what the answer changed, or has opened it; "" if nobody has."""
    strands = {int(key) for key in (*answer.before["strand"], *answer.made["strand"])}
    strands |= {locked.assignments[int(key)].strand_id for key in answer.before["assignment"]}
    later = Event.objects.filter(referral=locked.referral, strand__in=strands, pk__gt=max(answer.made["event"]))
    last = later.select_related("assignment__organisation").order_by("-pk").first()
    if last:
        return f"{last.assignment.organisation if last.assignment else 'Somebody'} has acted on it since"
    touched = {int(key) for key in (*answer.before["assignment"], *answer.made["assignment"])}
    asked = {a.organisation_id for a in locked.assignments.values() if a.pk in touched and _is_asked(a)}
    readers = AccessRecord.objects.filter(referral=locked.referral, at__gte=answer.event.at)
    members = OrganisationMember.objects.filter(organisation__in=asked, user__in=readers.values("user"))
    opened = members.exclude(user=locked.actor).select_related("organisation").first()
    return f"{opened.organisation} has opened it already" if opened else ""


def _is_asked(assignment: Assignment) -> bool:
    return assignment.status == AssignmentStatus.OFFERED


def _restore(locked: LockedReferral, answer: UndoableAnswer) -> None:
    for key in map(int, answer.made["strand"]):
        made = locked.strands.pop(key)
        Need.objects.filter(strand=made).update(strand=made.split_from_id)
        made.delete()
    Assignment.objects.filter(pk__in=answer.made["assignment"]).delete()
    # Of a strand only one assignment may be live: what is live again comes last.
    rows = answer.before["assignment"].items()
    for key, values in sorted(rows, key=lambda row: row[1]["status"] in LIVE_ASSIGNMENT):
        assignment = locked.assignments[int(key)]
        if assignment.owner_id and values["accepted_at"] is None:  # a colleague has taken what was just accepted
            set_fields(assignment, owner=None)
        _write_back(assignment, values)
    for key, values in answer.before["strand"].items():
        _write_back(locked.strands[int(key)], values)
    for key, values in answer.before["service"].items():
        service = Service.objects.get(pk=key)
        if _read([service])[key] == answer.made["capacity"][key]:  # else somebody has said anew how many it takes
            _write_back(service, values)
    PersonTag.objects.filter(person=locked.referral.person_id, created_at=answer.event.at).delete()
    refresh_referral(locked)


def delete_old_answers() -> int:
    return UndoableAnswer.objects.filter(until__lt=timezone.now() - timedelta(days=1)).delete()[0]


@transaction.atomic
def ask_to_undo(assignment_id: int, *, actor: User, at: datetime | None = None) -> Assignment:
    """Ask the coordinator to undo what the organisation answered, once the minute for doing so itself is over."""
    locked, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    if not belongs_to_holder(actor, assignment):
        raise NotAllowed(f"Only {assignment.organisation} can ask this.")
    if assignment.status not in ANSWERED:
        raise Refusal("There is no answer to undo.")
    asked = Event.objects.filter(assignment=assignment, data__why=WhyCoordinator.UNDO_ASKED)
    if asked.filter(kind=EventKind.COORDINATOR_TOLD, at__gte=assignment.ended_at).exists():
        raise AlreadyDone("The coordinator has been asked already.")
    tell_coordinator(locked, assignment.strand, WhyCoordinator.UNDO_ASKED, assignment=assignment, takes_over=False)
    return assignment
