"""What can happen to a referral: each scenario plays one strand from its first offer on."""

from collections.abc import Callable
from datetime import timedelta

from referrals.demo.clock import Steps
from referrals.demo.strand_actions import StrandActions
from referrals.enums import Outcome, RejectReason, StrandStatus
from referrals.models import Service

Scenario = Callable[[StrandActions], Steps]

NOTE_SHARE = 0.35
CASE_NOTE_SHARE = 0.5
TRIES = 6  # offers that a scenario follows; no list is that long


def waiting(strand: StrandActions) -> Steps:
    """No one answers. Reminders and lapses come from the schedule."""
    yield from ()


def accepted(
    strand: StrandActions, *, open_days: tuple[float, float] = (12, 90), outcome: Outcome = Outcome.SUPPORTED
) -> Steps:
    """An organisation accepts and closes the case within `open_days`: for many, later than today."""
    for _ in range(TRIES):
        yield strand.answer_time()
        if strand.accept():
            break
        if strand.has(StrandStatus.WITH_COORDINATOR):
            strand.correct()
            strand.assign()
    if strand.random.random() < NOTE_SHARE:
        yield strand.days_later(0.1, 3)
        strand.note()
    if strand.random.random() < CASE_NOTE_SHARE:
        yield strand.days_later(0.5, 6)
        strand.case_note()
    strand.look_after()
    yield strand.days_later(*open_days)
    strand.close(outcome)


def waitlisted(days: int) -> Scenario:
    """Put on the waiting list, and accepted when there is a place, if that is before today."""

    def scenario(strand: StrandActions) -> Steps:
        yield strand.answer_time()
        strand.waitlist(days=days)
        yield strand.days_later(days + 0.1, days + 1)
        yield from accepted(strand)

    return scenario


def closed(outcome: Outcome) -> Scenario:
    return lambda strand: accepted(strand, open_days=(2, 9), outcome=outcome)


def rejected(*reasons: RejectReason, then: Scenario = accepted) -> Scenario:
    """One organisation after another rejects, each for the next of `reasons`."""

    def scenario(strand: StrandActions) -> Steps:
        for reason in reasons:
            yield strand.answer_time()
            if not strand.reject(reason):
                break
        yield from then(strand)

    return scenario


def rejected_by_all(strand: StrandActions) -> Steps:
    for _ in range(TRIES):
        yield strand.answer_time()
        if not strand.reject(strand.random.choice([RejectReason.NO_ROOM, RejectReason.NOT_ELIGIBLE])):
            break


def helped_by_coordinator(first: Scenario) -> Scenario:
    def scenario(strand: StrandActions) -> Steps:
        yield from first(strand)
        yield strand.days_later(0.1, 1)
        if strand.has(StrandStatus.WITH_COORDINATOR):
            strand.note()
            yield strand.hours_later(0.2, 2)
            strand.assign()
        yield from accepted(strand)

    return scenario


def given_up(first: Scenario) -> Scenario:
    def scenario(strand: StrandActions) -> Steps:
        yield from first(strand)
        yield strand.days_later(2, 4)
        strand.close_as_coordinator(Outcome.NOT_SUPPORTED)

    return scenario


def unanswered(strand: StrandActions) -> Steps:
    for _ in range(TRIES):
        yield strand.days_later(4, 5)
        if strand.has(StrandStatus.WITH_COORDINATOR):
            return


def accepted_late(strand: StrandActions) -> Steps:
    """The first organisation answers when the next has been asked already."""
    for _ in range(TRIES):
        yield strand.days_later(1, 1.5)
        if strand.accept_late():
            break
    yield from accepted(strand)


def accepted_after_all(strand: StrandActions) -> Steps:
    """Nobody answers in time, and then one does, when it is with the coordinator already."""
    yield from unanswered(strand)
    yield strand.days_later(0.2, 1)
    strand.accept_late()
    yield from accepted(strand)


def split(then: Scenario) -> Scenario:
    """The first organisation keeps some needs and hands over the rest, which goes on as `then`."""

    def scenario(strand: StrandActions) -> Steps:
        yield strand.answer_time()
        if not strand.split(then):
            strand.accept()
        yield strand.days_later(8, 60)
        strand.close(Outcome.SUPPORTED)

    return scenario


def referred_on(strand: StrandActions) -> Steps:
    yield strand.answer_time()
    strand.accept()
    yield strand.days_later(2, 6)
    strand.note()
    if strand.refer_on():
        yield from accepted(strand)


def handed_back(strand: StrandActions) -> Steps:
    """Referred on to the coordinator, and still there."""
    yield strand.answer_time()
    strand.accept()
    yield strand.days_later(1, 4)
    strand.refer_on(to_coordinator=True)


def withdrawn(strand: StrandActions) -> Steps:
    yield strand.hours_later(2, 8)
    strand.withdraw()


def withdrawn_when_accepted(strand: StrandActions) -> Steps:
    yield strand.answer_time()
    strand.accept()
    yield strand.days_later(2, 5)
    if strand.withdraw():
        yield strand.hours_later(0.5, 3)
        strand.assign()
    yield from accepted(strand)


def reassigned(strand: StrandActions) -> Steps:
    """The coordinator asks another organisation before the first has answered."""
    yield strand.hours_later(3, 9)
    strand.assign()
    yield from accepted(strand)


def reopened(strand: StrandActions) -> Steps:
    """Closed, then reopened because the person came back; now with the coordinator."""
    yield from closed(Outcome.SUPPORTED)(strand)
    yield strand.days_later(2, 4)
    strand.reopen()


def let_through(strand: StrandActions) -> Steps:
    """Held when it was sent; a coordinator finds that it is real."""
    yield strand.hours_later(0.2, 2)
    strand.let_through()
    yield from accepted(strand)


def closed_as_spam(strand: StrandActions) -> Steps:
    yield strand.hours_later(0.2, 2)
    strand.close_as_spam()


def passed_over(strand: StrandActions) -> Steps:
    """The next on the list has paused by the time its turn comes."""
    yield strand.answer_time()
    paused = strand.pause_next()
    strand.reject(RejectReason.NO_ROOM)
    yield strand.now + timedelta(hours=2)
    if paused:
        Service.objects.filter(pk=paused.pk).update(paused_at=None)
    yield from accepted(strand)


def with_many_notes(strand: StrandActions) -> Steps:
    yield strand.answer_time()
    strand.accept()
    for _ in range(4):
        yield strand.days_later(0.2, 2)
        strand.note()
        strand.case_note()
