"""What happened to a referral, from its events, in sentences."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from backoffice.user_context import UserContext
from referrals.access import visible_to
from referrals.enums import EventKind, Outcome, RejectReason, WhyCoordinator
from referrals.models import Assignment, Category, Event, Referral, Service

# What follows from somebody's doing is not told as done by them.
FOLLOWS = {EventKind.OFFERED, EventKind.SKIPPED, EventKind.COORDINATOR_TOLD}
HIDDEN = {EventKind.NOTE_ADDED}  # notes stand for themselves, beside the history


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    at: datetime
    words: str
    by: str = ""
    is_latest: bool = False


class _Teller:
    """Knows the names that events only give keys of, and who "you" is."""

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
        """Say `event` in words; `again`: the event before was about the same organisation."""
        tell = _WORDS.get(EventKind(event.kind))
        return tell(self, event, self.who(event.assignment, again=again)) if tell else event.get_kind_display()


def _submitted(teller: _Teller, event: Event, who: str) -> str:
    return f"{teller.referral.source_organisation or teller.referral.source_name or 'Somebody'} sent the referral"


def _rejected(teller: _Teller, event: Event, who: str) -> str:
    words = f"{who} rejected: {RejectReason(event.data['reason']).label.lower()}"
    note = event.assignment.reject_note if event.assignment else ""
    return f"{words}. “{note}”" if note else words


def _split(teller: _Teller, event: Event, who: str) -> str:
    handed = [teller.needs[key] for key in event.data.get("handed_over", ()) if key in teller.needs]
    return f"{who} handed over {', '.join(handed).lower() or 'some needs'}, and kept the rest"


def _closed(teller: _Teller, event: Event, who: str) -> str:
    outcome = Outcome(event.data["outcome"]).label.lower()
    return f"{who} closed the case: {outcome}" if event.assignment else f"The case was closed: {outcome}"


def _assigned(teller: _Teller, event: Event, who: str) -> str:
    organisation = teller.chosen.get(event.data.get("service"))
    return f"The coordinator chose {organisation}" if organisation else "The coordinator chose an organisation"


def _withdrawn(teller: _Teller, event: Event, who: str) -> str:
    whom = who if who != "It" else event.assignment.organisation.name
    return f"The coordinator took it away from {'you' if whom == 'You' else whom}"


def _told(teller: _Teller, event: Event, who: str) -> str:
    return f"The coordinator was told: {WhyCoordinator(event.data['why']).label}"


_WORDS: dict[EventKind, Callable[[_Teller, Event, str], str]] = {
    EventKind.SUBMITTED: _submitted,
    EventKind.OFFERED: lambda teller, event, who: f"{who} {teller.was(event.assignment)} asked",
    EventKind.SKIPPED: lambda teller, event, who: f"{who} {teller.was(event.assignment)} passed over: no places then",
    EventKind.ACCEPTED: lambda teller, event, who: f"{who} accepted",
    EventKind.REJECTED: _rejected,
    EventKind.SPLIT: _split,
    EventKind.REFERRED_ON: lambda teller, event, who: f"{who} referred it on",
    EventKind.CLOSED: _closed,
    EventKind.ASSIGNED: _assigned,
    EventKind.WITHDRAWN: _withdrawn,
    EventKind.REOPENED: lambda teller, event, who: "The coordinator opened it again",
    EventKind.REMINDED: lambda teller, event, who: f"{who} {teller.was(event.assignment)} reminded",
    EventKind.LAPSED: lambda teller, event, who: f"{who} did not answer in time",
    EventKind.COORDINATOR_TOLD: _told,
}


def history(referral: Referral, user_context: UserContext) -> list[HistoryEntry]:
    """Return what happened, oldest first. For those who may read full details only."""
    rows = visible_to(user_context.user, Event).filter(referral=referral).exclude(kind__in=HIDDEN)
    events = list(rows.select_related("assignment__organisation", "actor").order_by("at", "pk"))
    teller = _Teller(referral, events, user_context)
    before: Iterable[int | None] = [None, *(event.assignment_id for event in events)]
    steps = []
    for event, previous in zip(events, before, strict=False):
        words = teller.sentence(event, again=event.assignment_id is not None and event.assignment_id == previous)
        by = event.actor.get_full_name() if event.actor and event.kind not in FOLLOWS else ""
        steps.append(HistoryEntry(event.at, words, by, is_latest=event is events[-1]))
    return steps
