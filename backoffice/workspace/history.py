"""The history of a referral: its events as sentences."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Subquery
from django.utils.formats import date_format

from backoffice.user_context import UserContext
from referrals.access import visible_to
from referrals.enums import EventKind, Outcome, RejectReason, WhyCoordinator, WhyPassedOver
from referrals.models import Assignment, Category, Event, Notification, Person, Referral, Service
from referrals.models.notifications import NOT_ARRIVED
from referrals.notification_kinds import NotificationStatus
from referrals.words import join_in_words

# These follow from what somebody did, so the history does not name that person.
CONSEQUENCES = {
    EventKind.OFFERED,
    EventKind.PLACE_DUE,
    EventKind.SKIPPED,
    EventKind.RELEASED,
    EventKind.COORDINATOR_TOLD,
}
HIDDEN = {EventKind.NOTE_ADDED}  # notes have a section of their own


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    at: datetime
    words: str
    by: str = ""
    is_latest: bool = False


class _SentenceWriter:
    """Knows the names behind the keys in events, and whom to call "you"."""

    def __init__(self, referral: Referral, events: list[Event], user_context: UserContext) -> None:
        self.referral, self.user_context = referral, user_context
        self.own = {organisation.pk for organisation in user_context.organisations}
        services = {event.data["service"] for event in events if "service" in event.data}
        chosen = Service.objects.filter(pk__in=services).select_related("organisation")
        self.chosen = {service.pk: service.organisation for service in chosen}
        needs = {key for event in events for key in event.data.get("handed_over", ())}
        self.needs = dict(visible_to(user_context.user, Category).filter(pk__in=needs).values_list("pk", "name"))

    def who(self, assignment: Assignment | None, *, again: bool) -> str:
        if assignment is None:
            return "Somebody"
        if assignment.organisation_id in self.own:
            return "You"
        return "It" if again else assignment.organisation.name

    def was(self, assignment: Assignment | None) -> str:
        return "were" if assignment and assignment.organisation_id in self.own else "was"

    def sentence(self, event: Event, *, again: bool) -> str:
        """Describe `event`. `again`: the event before it was about the same organisation."""
        describe = _SENTENCES.get(EventKind(event.kind))
        who = self.who(event.assignment, again=again)
        words = describe(self, event, who) if describe else event.get_kind_display()
        if event.unsent == NotificationStatus.UNSAFE:
            return f"{words}. {NotificationStatus.UNSAFE.label}"
        return f"{words}. The e-mail about it did not arrive" if event.unsent else words


def _submitted(writer: _SentenceWriter, event: Event, who: str) -> str:
    return f"{writer.referral.source_organisation or writer.referral.source_name or 'Somebody'} sent the referral"


def _passed_over(writer: _SentenceWriter, event: Event, who: str) -> str:
    why = WhyPassedOver(event.data.get("why", WhyPassedOver.NO_PLACES))  # older events had this one reason
    return f"{who} {writer.was(event.assignment)} passed over: {why.label}"


def _accepted(writer: _SentenceWriter, event: Event, who: str) -> str:
    is_late = event.assignment and event.assignment.lapsed_at
    return f"{who} accepted, after the time to answer" if is_late else f"{who} accepted"


def _rejected(writer: _SentenceWriter, event: Event, who: str) -> str:
    return _with_note(event, f"{who} rejected: {RejectReason(event.data['reason']).label.lower()}")


def _waitlisted(writer: _SentenceWriter, event: Event, who: str) -> str:
    day = date_format(date.fromisoformat(event.data["place_from"]), "j F Y")
    verb = "expect" if who == "You" else "expects"
    return f"{who} put this on the waiting list, and {verb} a place from {day}"


def _split(writer: _SentenceWriter, event: Event, who: str) -> str:
    handed = [writer.needs[key] for key in event.data.get("handed_over", ()) if key in writer.needs]
    return f"{who} handed over {', '.join(handed).lower() or 'some needs'}, and kept the rest"


def _closed(writer: _SentenceWriter, event: Event, who: str) -> str:
    outcome = Outcome(event.data["outcome"]).label.lower()
    return _with_note(
        event, f"{who} closed the case: {outcome}" if event.assignment else f"The case was closed: {outcome}"
    )


def _referred_on(writer: _SentenceWriter, event: Event, who: str) -> str:
    return _with_note(event, f"{who} referred it on")


def _with_note(event: Event, words: str) -> str:
    note = event.assignment.note_for_next if event.assignment else ""
    return f"{words}. “{note}”" if note else words


def _assigned(writer: _SentenceWriter, event: Event, who: str) -> str:
    organisation = writer.chosen.get(event.data.get("service"))
    return f"The coordinator chose {organisation}" if organisation else "The coordinator chose an organisation"


def _lapsed(writer: _SentenceWriter, event: Event, who: str) -> str:
    if event.data.get("why") == WhyCoordinator.UNREACHABLE:
        return f"{who} could not be asked: the e-mail did not arrive"
    return f"{who} did not answer in time"


def _withdrawn(writer: _SentenceWriter, event: Event, who: str) -> str:
    whom = who if who != "It" else event.assignment.organisation.name
    return f"The coordinator took it away from {'you' if whom == 'You' else whom}"


def _coordinator_told(writer: _SentenceWriter, event: Event, who: str) -> str:
    return f"The coordinator was told: {WhyCoordinator(event.data['why']).label}"


def _corrected(writer: _SentenceWriter, event: Event, who: str) -> str:
    labels = [str(Person._meta.get_field(name).verbose_name) for name in event.data["fields"]]
    return f"A coordinator corrected details of the person: {join_in_words(labels)}"


def _member_gone(writer: _SentenceWriter, event: Event, who: str) -> str:
    return f"{who} {'are' if who == 'You' else 'is'} no longer in the network"


def _service_archived(writer: _SentenceWriter, event: Event, who: str) -> str:
    return f"{who} no longer {'offer' if who == 'You' else 'offers'} this"


_SENTENCES: dict[EventKind, Callable[[_SentenceWriter, Event, str], str]] = {
    EventKind.SUBMITTED: _submitted,
    EventKind.OFFERED: lambda writer, event, who: f"{who} {writer.was(event.assignment)} asked",
    EventKind.SKIPPED: _passed_over,
    EventKind.ACCEPTED: _accepted,
    EventKind.WAITLISTED: _waitlisted,
    EventKind.PLACE_DUE: lambda writer, event, who: f"{who} {writer.was(event.assignment)} asked for the place",
    EventKind.REJECTED: _rejected,
    EventKind.SPLIT: _split,
    EventKind.REFERRED_ON: _referred_on,
    EventKind.CLOSED: _closed,
    EventKind.ASSIGNED: _assigned,
    EventKind.WITHDRAWN: _withdrawn,
    EventKind.REOPENED: lambda writer, event, who: "The coordinator opened it again",
    EventKind.REMINDED: lambda writer, event, who: f"{who} {writer.was(event.assignment)} reminded",
    EventKind.LAPSED: _lapsed,
    EventKind.RELEASED: lambda writer, event, who: f"{who} {writer.was(event.assignment)} told: nothing more to do",
    EventKind.COORDINATOR_TOLD: _coordinator_told,
    EventKind.MEMBER_GONE: _member_gone,
    EventKind.SERVICE_ARCHIVED: _service_archived,
    EventKind.DETAILS_CORRECTED: _corrected,
    EventKind.URGENCY_CHANGED: lambda writer, event, who: (
        f"A coordinator marked it as {'urgent' if event.data['is_urgent'] else 'not urgent'}"
    ),
    EventKind.UNDONE: lambda writer, event, who: f"{who} took the answer back before anybody was told",
}


def referral_history(referral: Referral, user_context: UserContext) -> list[HistoryEntry]:
    """Return what happened, oldest first. Only for those who may see full details."""
    rows = visible_to(user_context.user, Event).filter(referral=referral).exclude(kind__in=HIDDEN)
    unsent = Notification.objects.filter(event=OuterRef("pk"), status__in=[NotificationStatus.UNSAFE, *NOT_ARRIVED])
    rows = rows.annotate(unsent=Subquery(unsent.order_by("pk").values("status")[:1]))
    events = list(rows.select_related("assignment__organisation", "actor").order_by("at", "pk"))
    writer = _SentenceWriter(referral, events, user_context)
    before: Iterable[int | None] = [None, *(event.assignment_id for event in events)]
    steps = []
    for event, previous in zip(events, before, strict=False):
        words = writer.sentence(event, again=event.assignment_id is not None and event.assignment_id == previous)
        by = event.actor.get_full_name() if event.actor and event.kind not in CONSEQUENCES else ""
        steps.append(HistoryEntry(event.at, words, by, is_latest=event is events[-1]))
    return steps
