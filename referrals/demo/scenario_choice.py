"""Which stories the demonstration tells: some that must not be missing, then as many others as are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from referrals.demo import scenario_plots as plots
from referrals.demo.scenario_plots import Plot
from referrals.enums import Outcome, RejectReason

HISTORY = timedelta(days=60)


@dataclass(frozen=True)
class Scene:
    """A referral sent `ago`, and its plot; `case` names a case of cases.json, any when empty.

    elsewhere: what becomes of the strands in linked networks. again: it is the person of the scene before this one,
    referred by somebody who does not know of the other.
    """

    plot: Plot
    ago: timedelta
    case: str = ""
    elsewhere: Plot = plots.accepted
    to_coordinator: bool = False
    again: bool = False


def _ago(*, days: float = 0, hours: float = 0, minutes: float = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes)


# What waits for somebody now: the workspace of the first visit.
_NOW = (
    Scene(plots.waiting, _ago(minutes=12), "crisis"),
    Scene(plots.waiting, _ago(minutes=25), "lonely"),
    Scene(plots.waiting, _ago(minutes=48), "no-food-benefits-delayed"),
    Scene(plots.waiting, _ago(hours=1.5), "debts-and-bailiffs"),
    Scene(plots.waiting, _ago(hours=2.2), "eviction-hearing", elsewhere=plots.waiting),
    Scene(plots.waiting, _ago(hours=3.1), "new-baby"),
    Scene(plots.waiting, _ago(hours=4), "council-tax-arrears"),
    Scene(plots.waiting, _ago(hours=5.5), "looking-for-work"),
    Scene(plots.waiting, _ago(hours=8), "abuse-advice", elsewhere=plots.waiting),
    Scene(plots.waiting, _ago(hours=20), "carer-worn-out"),
    Scene(plots.waiting, _ago(hours=27), "sleeping-outside"),
    Scene(plots.waiting, _ago(days=1.4), "english"),
    Scene(plots.waiting, _ago(days=2.2), "home-from-hospital"),
    Scene(plots.waiting, _ago(days=2.6), "uniform"),
    Scene(plots.waiting, _ago(days=3.1), "volunteer"),
    Scene(plots.waiting, _ago(days=5), "pantry-low-wage"),
    Scene(plots.waiting, _ago(days=10), "benefit-stopped", elsewhere=plots.waiting),
    Scene(plots.rejected(RejectReason.NO_ROOM, then=plots.waiting), _ago(days=1.8), "anxious"),
    Scene(plots.split(plots.waiting), _ago(days=2.4), "garden"),
)
# What lies with the coordinator, for each reason there is.
_WITH_COORDINATOR = (
    Scene(plots.waiting, _ago(hours=1), "fare"),
    Scene(plots.waiting, _ago(days=1.2), "hate", to_coordinator=True),
    Scene(plots.rejected_by_all, _ago(days=9), "drinking-again"),
    Scene(plots.silence, _ago(days=32), "video-calls"),
    Scene(plots.handed_back, _ago(days=7), "long-covid"),
    Scene(plots.withdrawn, _ago(hours=30), "young-and-low"),
    Scene(plots.reopened, _ago(days=26), "empty-flat"),
)
_REJECTIONS = tuple(
    Scene(plots.rejected(reason), _ago(days=12 + 5 * number), case)
    for number, (reason, case) in enumerate(
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
_OUTCOMES = tuple(Scene(plots.closed(outcome), _ago(days=22 + 6 * number)) for number, outcome in enumerate(Outcome))
_TURNS = (
    Scene(plots.split(plots.accepted), _ago(days=15), "no-food-benefits-delayed"),
    Scene(plots.split(plots.rejected(RejectReason.NOT_OFFERED)), _ago(days=18), "cannot-collect-food"),
    Scene(plots.referred_on, _ago(days=16), "cuckooed"),
    Scene(plots.withdrawn_when_accepted, _ago(days=21), "play"),
    Scene(plots.reassigned, _ago(days=13), "grab-rails"),
    Scene(plots.passed_over, _ago(days=19), "lonely"),
    Scene(plots.lively, _ago(days=11), "no-recourse"),
    Scene(plots.helped_by_coordinator(plots.rejected_by_all), _ago(days=24), "unpaid-wages"),
    Scene(plots.helped_by_coordinator(plots.waiting), _ago(days=8), "hospital-lift", to_coordinator=True),
    Scene(plots.given_up(plots.rejected_by_all), _ago(days=40), "fare"),
    Scene(plots.accepted, _ago(days=6), "cold-flat"),
    Scene(plots.accepted, _ago(days=4), again=True),
    Scene(plots.accepted, _ago(days=17), "eviction-hearing"),
    Scene(plots.accepted, _ago(days=16), again=True),
    Scene(plots.accepted, _ago(days=30), "asylum"),
    Scene(plots.accepted, _ago(days=45), "abuse-leave-tonight"),
)
MUST_BE_TOLD = (*_NOW, *_WITH_COORDINATOR, *_REJECTIONS, *_OUTCOMES, *_TURNS)

_USUAL: tuple[tuple[Plot, int], ...] = (
    (plots.accepted, 50),
    (plots.closed(Outcome.SUPPORTED), 16),
    (plots.closed(Outcome.NO_LONGER_NEEDED), 4),
    (plots.closed(Outcome.NOT_REACHED), 4),
    (plots.rejected(RejectReason.NO_ROOM), 9),
    (plots.rejected(RejectReason.NOT_ELIGIBLE), 5),
    (plots.rejected(RejectReason.NO_ROOM, RejectReason.NOT_OFFERED), 4),
    (plots.rejected(RejectReason.PERSON_DECLINED), 2),
    (plots.helped_by_coordinator(plots.silence), 2),
    (plots.split(plots.accepted), 8),
    (plots.referred_on, 4),
)


def scenes(count: int, random: Random) -> Iterator[Scene]:
    """Yield `count` scenes: those that must be told, then usual ones spread over HISTORY, more of them lately."""
    yield from MUST_BE_TOLD[:count]
    usual, weights = zip(*_USUAL, strict=True)
    for _ in range(count - len(MUST_BE_TOLD)):
        plot = random.choices(usual, weights)[0]
        yield Scene(plot, ago=HISTORY * random.random() ** 1.4)
