"""What can become of a referral: each plot tells one strand from the first offer on."""

from collections.abc import Callable
from datetime import timedelta

from referrals.demo.clock import Story
from referrals.demo.scenario import Scenario
from referrals.enums import Outcome, RejectReason, StrandStatus
from referrals.models import Service

Plot = Callable[[Scenario], Story]

NOTE_SHARE = 0.35
CASE_NOTE_SHARE = 0.5
TRIES = 6  # offers that a plot follows; a list is never as long


def waiting(scenario: Scenario) -> Story:
    """Nobody answers. Reminders and lapses come from the schedule."""
    yield from ()


def accepted(
    scenario: Scenario, *, open_days: tuple[float, float] = (12, 90), outcome: Outcome = Outcome.SUPPORTED
) -> Story:
    """Somebody accepts, and some time between `open_days` from then closes the case: for many, later than today."""
    for _ in range(TRIES):
        yield scenario.answer_time()
        if scenario.accept():
            break
        if scenario.has(StrandStatus.WITH_COORDINATOR):
            scenario.assign()
    if scenario.random.random() < NOTE_SHARE:
        yield scenario.workday(0.1, 3)
        scenario.note()
    if scenario.random.random() < CASE_NOTE_SHARE:
        yield scenario.workday(0.5, 6)
        scenario.case_note()
    yield scenario.workday(*open_days)
    scenario.close(outcome)


def closed(outcome: Outcome) -> Plot:
    return lambda scenario: accepted(scenario, open_days=(2, 9), outcome=outcome)


def rejected(*reasons: RejectReason, then: Plot = accepted) -> Plot:
    """Organisations reject in turn, each for the next of `reasons`."""

    def plot(scenario: Scenario) -> Story:
        for reason in reasons:
            yield scenario.answer_time()
            if not scenario.reject(reason):
                break
        yield from then(scenario)

    return plot


def rejected_by_all(scenario: Scenario) -> Story:
    """The list runs out, and the coordinator has it now."""
    for _ in range(TRIES):
        yield scenario.answer_time()
        if not scenario.reject(scenario.random.choice([RejectReason.NO_ROOM, RejectReason.NOT_ELIGIBLE])):
            break


def helped_by_coordinator(first: Plot) -> Plot:
    """After `first`, the coordinator finds somebody."""

    def plot(scenario: Scenario) -> Story:
        yield from first(scenario)
        yield scenario.workday(0.1, 1)
        if scenario.has(StrandStatus.WITH_COORDINATOR):
            scenario.note()
            yield scenario.hours(0.2, 2)
            scenario.assign()
        yield from accepted(scenario)

    return plot


def given_up(first: Plot) -> Plot:
    """After `first`, the coordinator closes it: nobody could help."""

    def plot(scenario: Scenario) -> Story:
        yield from first(scenario)
        yield scenario.workday(2, 4)
        scenario.close_as_coordinator(Outcome.NOT_SUPPORTED)

    return plot


def silence(scenario: Scenario) -> Story:
    """Nobody on the list answers for weeks."""
    for _ in range(TRIES):
        yield scenario.workday(4, 5)
        if scenario.has(StrandStatus.WITH_COORDINATOR):
            return


def split(then: Plot) -> Plot:
    """The first keeps what it offers and hands over the rest, which goes on as `then`."""

    def plot(scenario: Scenario) -> Story:
        yield scenario.answer_time()
        if not scenario.split(then):
            scenario.accept()
        yield scenario.workday(8, 60)
        scenario.close(Outcome.SUPPORTED)

    return plot


def referred_on(scenario: Scenario) -> Story:
    yield scenario.answer_time()
    scenario.accept()
    yield scenario.workday(2, 6)
    scenario.note()
    if scenario.refer_on():
        yield from accepted(scenario)


def handed_back(scenario: Scenario) -> Story:
    """Referred on to the coordinator, where it lies."""
    yield scenario.answer_time()
    scenario.accept()
    yield scenario.workday(1, 4)
    scenario.refer_on(to_coordinator=True)


def withdrawn(scenario: Scenario) -> Story:
    """The coordinator takes the offer away, and has it."""
    yield scenario.hours(2, 8)
    scenario.withdraw()


def withdrawn_when_accepted(scenario: Scenario) -> Story:
    yield scenario.answer_time()
    scenario.accept()
    yield scenario.workday(2, 5)
    if scenario.withdraw():
        yield scenario.hours(0.5, 3)
        scenario.assign()
    yield from accepted(scenario)


def reassigned(scenario: Scenario) -> Story:
    """The coordinator asks somebody else while the first has not answered."""
    yield scenario.hours(3, 9)
    scenario.assign()
    yield from accepted(scenario)


def reopened(scenario: Scenario) -> Story:
    """Closed, and opened again because the person came back: with the coordinator."""
    yield from closed(Outcome.SUPPORTED)(scenario)
    yield scenario.workday(2, 4)
    scenario.reopen()


def passed_over(scenario: Scenario) -> Story:
    """The next on the list has paused by the time its turn comes."""
    yield scenario.answer_time()
    paused = scenario.pause_next()
    scenario.reject(RejectReason.NO_ROOM)
    yield scenario.now + timedelta(hours=2)
    if paused:
        Service.objects.filter(pk=paused.pk).update(paused_at=None)
    yield from accepted(scenario)


def lively(scenario: Scenario) -> Story:
    """Somebody accepted and several people write notes."""
    yield scenario.answer_time()
    scenario.accept()
    for _ in range(4):
        yield scenario.workday(0.2, 2)
        scenario.note()
        scenario.case_note()
