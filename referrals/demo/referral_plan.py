"""Which referrals the demonstration has: some that must not be missing, then as many usual ones as are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from random import Random

from referrals.demo import scenarios
from referrals.demo.scenarios import Scenario
from referrals.enums import Outcome, RejectReason

HISTORY = timedelta(days=60)


class Compared(Enum):
    SAME = "for the same person"
    DIFFERENT = "for different people"
    MERGED = "merged"
    MERGED_AND_UNDONE = "merged, and taken apart again"


@dataclass(frozen=True)
class PlannedReferral:
    """A referral sent `ago`, and what happens to it.

    situation: the id of one in situations.json; empty for any.
    elsewhere: what happens to its strands in linked networks.
    again: the person is that of the referral before, referred once more by somebody who does not know of the first.
    compared: what a coordinator then says of these two.
    is_held: it is sent while a flood of others comes in, so a coordinator looks at it first.
    """

    scenario: Scenario
    ago: timedelta
    situation: str = ""
    elsewhere: Scenario = scenarios.accepted
    to_coordinator: bool = False
    again: bool = False
    compared: Compared | None = None
    is_held: bool = False


def _ago(*, days: float = 0, hours: float = 0, minutes: float = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes)


# Waiting for an answer now: what a visitor sees first in the workspace.
_WAITING = (
    PlannedReferral(scenarios.waiting, _ago(minutes=12), "crisis"),
    PlannedReferral(scenarios.waiting, _ago(minutes=25), "lonely"),
    PlannedReferral(scenarios.waiting, _ago(minutes=48), "no-food-benefits-delayed"),
    PlannedReferral(scenarios.waiting, _ago(hours=1.5), "debts-and-bailiffs"),
    PlannedReferral(scenarios.waiting, _ago(hours=2.2), "eviction-hearing", elsewhere=scenarios.waiting),
    PlannedReferral(scenarios.waiting, _ago(hours=3.1), "new-baby"),
    PlannedReferral(scenarios.waiting, _ago(hours=4), "council-tax-arrears"),
    PlannedReferral(scenarios.waiting, _ago(hours=5.5), "looking-for-work"),
    PlannedReferral(scenarios.waiting, _ago(hours=8), "abuse-advice", elsewhere=scenarios.waiting),
    PlannedReferral(scenarios.waiting, _ago(hours=20), "carer-worn-out"),
    PlannedReferral(scenarios.waiting, _ago(hours=27), "sleeping-outside"),
    PlannedReferral(scenarios.waiting, _ago(days=1.4), "english"),
    PlannedReferral(scenarios.waiting, _ago(days=2.2), "home-from-hospital"),
    PlannedReferral(scenarios.waiting, _ago(days=2.6), "uniform"),
    PlannedReferral(scenarios.waiting, _ago(days=3.1), "volunteer"),
    PlannedReferral(scenarios.waiting, _ago(days=5), "pantry-low-wage"),
    PlannedReferral(scenarios.waiting, _ago(days=10), "benefit-stopped", elsewhere=scenarios.waiting),
    PlannedReferral(scenarios.rejected(RejectReason.NO_ROOM, then=scenarios.waiting), _ago(days=1.8), "anxious"),
    PlannedReferral(scenarios.split(scenarios.waiting), _ago(days=2.4), "garden"),
    PlannedReferral(scenarios.waitlisted(days=40), _ago(days=6), "english"),
    PlannedReferral(scenarios.waitlisted(days=12), _ago(days=30), "anxious"),
)
# With the coordinator, one for each reason there is.
_WITH_COORDINATOR = (
    PlannedReferral(scenarios.waiting, _ago(hours=1), "fare"),
    PlannedReferral(scenarios.waiting, _ago(days=1.2), "hate", to_coordinator=True),
    PlannedReferral(scenarios.rejected_by_all, _ago(days=9), "drinking-again"),
    PlannedReferral(scenarios.unanswered, _ago(days=32), "video-calls"),
    PlannedReferral(scenarios.handed_back, _ago(days=7), "long-covid"),
    PlannedReferral(scenarios.withdrawn, _ago(hours=30), "young-and-low"),
    PlannedReferral(scenarios.reopened, _ago(days=26), "empty-flat"),
    PlannedReferral(scenarios.waiting, _ago(hours=2), "lonely", is_held=True),
    PlannedReferral(scenarios.waiting, _ago(hours=1.9), "looking-for-work", is_held=True),
)
_REJECTIONS = tuple(
    PlannedReferral(scenarios.rejected(reason), _ago(days=12 + 5 * number), situation)
    for number, (reason, situation) in enumerate(
        zip(
            RejectReason,
            (
                "lonely",
                "looking-for-work",
                "meter-pensioner",
                "rent-rise",
                "widowed",
                "council-tax-arrears",
                "diabetes-group",
            ),
            strict=True,
        )
    )
)
_OUTCOMES = tuple(
    PlannedReferral(scenarios.closed(outcome), _ago(days=22 + 6 * number)) for number, outcome in enumerate(Outcome)
)
_OTHER_TURNS = (
    PlannedReferral(scenarios.split(scenarios.accepted), _ago(days=15), "no-food-benefits-delayed"),
    PlannedReferral(
        scenarios.split(scenarios.rejected(RejectReason.NOT_OFFERED)), _ago(days=18), "cannot-collect-food"
    ),
    PlannedReferral(scenarios.referred_on, _ago(days=16), "cuckooed"),
    PlannedReferral(scenarios.withdrawn_when_accepted, _ago(days=21), "play"),
    PlannedReferral(scenarios.reassigned, _ago(days=13), "grab-rails"),
    PlannedReferral(scenarios.accepted_late, _ago(days=14), "widowed"),
    PlannedReferral(scenarios.accepted_after_all, _ago(days=44), "video-calls"),
    PlannedReferral(scenarios.passed_over, _ago(days=19), "lonely"),
    PlannedReferral(scenarios.with_many_notes, _ago(days=11), "no-recourse"),
    PlannedReferral(scenarios.helped_by_coordinator(scenarios.rejected_by_all), _ago(days=24), "unpaid-wages"),
    PlannedReferral(
        scenarios.helped_by_coordinator(scenarios.waiting), _ago(days=8), "hospital-lift", to_coordinator=True
    ),
    PlannedReferral(scenarios.given_up(scenarios.rejected_by_all), _ago(days=40), "fare"),
    PlannedReferral(scenarios.let_through, _ago(days=10), "rent-rise", is_held=True),
    PlannedReferral(scenarios.closed_as_spam, _ago(days=10), "widowed", is_held=True),
    PlannedReferral(scenarios.accepted, _ago(days=17), "eviction-hearing"),
    PlannedReferral(scenarios.accepted, _ago(days=30), "asylum"),
    PlannedReferral(scenarios.accepted, _ago(days=45), "abuse-leave-tonight"),
)
# By twos: the same person, referred twice.
_TWICE = (
    PlannedReferral(scenarios.accepted, _ago(days=6), "cold-flat"),
    PlannedReferral(scenarios.accepted, _ago(days=4), "council-tax-arrears", again=True),
    PlannedReferral(scenarios.accepted, _ago(hours=7), "looking-for-work"),
    PlannedReferral(scenarios.waiting, _ago(minutes=35), "lonely", again=True),
    PlannedReferral(scenarios.accepted, _ago(days=17), "grab-rails"),
    PlannedReferral(scenarios.accepted, _ago(days=15), "garden", again=True, compared=Compared.SAME),
    PlannedReferral(scenarios.accepted, _ago(days=20), "looking-for-work"),
    PlannedReferral(scenarios.accepted, _ago(days=19), "english", again=True, compared=Compared.DIFFERENT),
    PlannedReferral(scenarios.accepted, _ago(days=23), "meter-pensioner"),
    PlannedReferral(scenarios.accepted, _ago(days=22), "video-calls", again=True, compared=Compared.MERGED),
    PlannedReferral(scenarios.accepted, _ago(days=28), "pantry-low-wage"),
    PlannedReferral(scenarios.accepted, _ago(days=26), "uniform", again=True, compared=Compared.MERGED_AND_UNDONE),
)
REQUIRED_REFERRALS = (*_WAITING, *_WITH_COORDINATOR, *_REJECTIONS, *_OUTCOMES, *_OTHER_TURNS, *_TWICE)

_USUAL: tuple[tuple[Scenario, int], ...] = (
    (scenarios.accepted, 50),
    (scenarios.closed(Outcome.SUPPORTED), 16),
    (scenarios.closed(Outcome.NO_LONGER_NEEDED), 4),
    (scenarios.closed(Outcome.NOT_REACHED), 4),
    (scenarios.rejected(RejectReason.NO_ROOM), 9),
    (scenarios.rejected(RejectReason.NOT_ELIGIBLE), 5),
    (scenarios.rejected(RejectReason.NO_ROOM, RejectReason.NOT_OFFERED), 4),
    (scenarios.rejected(RejectReason.PERSON_DECLINED), 2),
    (scenarios.helped_by_coordinator(scenarios.unanswered), 2),
    (scenarios.split(scenarios.accepted), 8),
    (scenarios.referred_on, 4),
)


def plan_referrals(count: int, random: Random) -> Iterator[PlannedReferral]:
    """Yield the required referrals, then usual ones spread over HISTORY, more of them recent."""
    yield from REQUIRED_REFERRALS[:count]
    usual, weights = zip(*_USUAL, strict=True)
    for _ in range(count - len(REQUIRED_REFERRALS)):
        scenario = random.choices(usual, weights)[0]
        yield PlannedReferral(scenario, ago=HISTORY * random.random() ** 1.4)
