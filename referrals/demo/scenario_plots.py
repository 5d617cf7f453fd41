"""What can become of a referral: each plot tells one strand from the first offer on."""

from collections.abc import Callable
from datetime import timedelta

from referrals.demo.clock import Story
from referrals.demo.scenario import Tale
from referrals.enums import Outcome, RejectReason, StrandStatus
from referrals.models import Service

Plot = Callable[[Tale], Story]

NOTE_SHARE = 0.35
CASE_NOTE_SHARE = 0.5
TRIES = 6  # offers that a plot follows; a list is never as long


def waiting(tale: Tale) -> Story:
    """Nobody answers. Reminders and lapses come from the schedule."""
    yield from ()


def accepted(tale: Tale, *, open_days: tuple[float, float] = (12, 90), outcome: Outcome = Outcome.SUPPORTED) -> Story:
    """Somebody accepts, and some time between `open_days` from then closes the case: for many, later than today."""
    for _ in range(TRIES):
        yield tale.answer_time()
        if tale.accept():
            break
        if tale.has(StrandStatus.WITH_COORDINATOR):
            tale.assign()
    if tale.random.random() < NOTE_SHARE:
        yield tale.workday(0.1, 3)
        tale.note()
    if tale.random.random() < CASE_NOTE_SHARE:
        yield tale.workday(0.5, 6)
        tale.case_note()
    yield tale.workday(*open_days)
    tale.close(outcome)


def closed(outcome: Outcome) -> Plot:
    return lambda tale: accepted(tale, open_days=(2, 9), outcome=outcome)


def rejected(*reasons: RejectReason, then: Plot = accepted) -> Plot:
    """Organisations reject in turn, each for the next of `reasons`."""

    def plot(tale: Tale) -> Story:
        for reason in reasons:
            yield tale.answer_time()
            if not tale.reject(reason):
                break
        yield from then(tale)

    return plot


def rejected_by_all(tale: Tale) -> Story:
    """The list runs out, and the coordinator has it now."""
    for _ in range(TRIES):
        yield tale.answer_time()
        if not tale.reject(tale.random.choice([RejectReason.NO_ROOM, RejectReason.NOT_ELIGIBLE])):
            break


def helped_by_coordinator(first: Plot) -> Plot:
    """After `first`, the coordinator finds somebody."""

    def plot(tale: Tale) -> Story:
        yield from first(tale)
        yield tale.workday(0.1, 1)
        if tale.has(StrandStatus.WITH_COORDINATOR):
            tale.note()
            yield tale.hours(0.2, 2)
            tale.assign()
        yield from accepted(tale)

    return plot


def given_up(first: Plot) -> Plot:
    """After `first`, the coordinator closes it: nobody could help."""

    def plot(tale: Tale) -> Story:
        yield from first(tale)
        yield tale.workday(2, 4)
        tale.close_as_coordinator(Outcome.NOT_SUPPORTED)

    return plot


def silence(tale: Tale) -> Story:
    """Nobody on the list answers for weeks."""
    for _ in range(TRIES):
        yield tale.workday(4, 5)
        if tale.has(StrandStatus.WITH_COORDINATOR):
            return


def split(then: Plot) -> Plot:
    """The first keeps what it offers and hands over the rest, which goes on as `then`."""

    def plot(tale: Tale) -> Story:
        yield tale.answer_time()
        if not tale.split(then):
            tale.accept()
        yield tale.workday(8, 60)
        tale.close(Outcome.SUPPORTED)

    return plot


def referred_on(tale: Tale) -> Story:
    yield tale.answer_time()
    tale.accept()
    yield tale.workday(2, 6)
    tale.note()
    if tale.refer_on():
        yield from accepted(tale)


def handed_back(tale: Tale) -> Story:
    """Referred on to the coordinator, where it lies."""
    yield tale.answer_time()
    tale.accept()
    yield tale.workday(1, 4)
    tale.refer_on(to_coordinator=True)


def withdrawn(tale: Tale) -> Story:
    """The coordinator takes the offer away, and has it."""
    yield tale.hours(2, 8)
    tale.withdraw()


def withdrawn_when_accepted(tale: Tale) -> Story:
    yield tale.answer_time()
    tale.accept()
    yield tale.workday(2, 5)
    if tale.withdraw():
        yield tale.hours(0.5, 3)
        tale.assign()
    yield from accepted(tale)


def reassigned(tale: Tale) -> Story:
    """The coordinator asks somebody else while the first has not answered."""
    yield tale.hours(3, 9)
    tale.assign()
    yield from accepted(tale)


def reopened(tale: Tale) -> Story:
    """Closed, and opened again because the person came back: with the coordinator."""
    yield from closed(Outcome.SUPPORTED)(tale)
    yield tale.workday(2, 4)
    tale.reopen()


def passed_over(tale: Tale) -> Story:
    """The next on the list has paused by the time its turn comes."""
    yield tale.answer_time()
    paused = tale.pause_next()
    tale.reject(RejectReason.NO_ROOM)
    yield tale.now + timedelta(hours=2)
    if paused:
        Service.objects.filter(pk=paused.pk).update(paused_at=None)
    yield from accepted(tale)


def lively(tale: Tale) -> Story:
    """Somebody accepted and several people write notes."""
    yield tale.answer_time()
    tale.accept()
    for _ in range(4):
        yield tale.workday(0.2, 2)
        tale.note()
        tale.case_note()
