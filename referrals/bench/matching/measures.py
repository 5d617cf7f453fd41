"""What a run amounts to, and how two rules compare over many worlds."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from referrals.bench.matching.simulator import PersonEnd, Run

_FEWEST_IN_GROUP = 50  # of fewer people, a share would be chance
_MONTH = 30


@dataclass(frozen=True, slots=True)
class Measures:
    """`days` are from arriving to an acceptance, of those for whom there was one; shares are of all who arrived."""

    needs_met: float
    helped: float
    gave_up: float
    exhausted: float
    nobody: float
    within_week: float  # helped within seven days
    days_median: float
    days_p90: float
    offers_per_placement: float
    jain: float  # 1 if every organisation has the same work for its capacity, 1/n if one has all of it
    km: float
    worst_group: float  # share of needs met in the demographic group that has the lowest
    never_asked: float  # organisations that suited somebody while they had room, and were never asked
    asked_within_month: float  # share of organisations asked within 30 days of first suiting somebody
    late_share: float  # acceptances after the time for them
    wasted_yes: float  # late acceptances that somebody else had come before, for each acceptance
    occupied: float  # share of places taken, by those who came in this run


# Whether more is better; the rest of the measures only describe.
BETTER = {"needs_met": 1, "within_week": 1, "days_median": -1, "days_p90": -1, "worst_group": 1, "jain": 1}


def measure_run(run: Run) -> Measures:
    people, placements = run.world.people, run.placements
    wanted = sum(len(person.needs) for person in people)
    ends = Counter(run.end_of(person) for person in people)
    first: dict[int, float] = {}
    for placement in placements:
        first.setdefault(placement.person.key, placement.day - placement.person.arrives)
    days = sorted(first.values())
    suited = {key: day for key, day in run.first_suited.items() if day <= run.world.parameters.days - _MONTH}
    prompt = sum(run.first_asked.get(key, math.inf) - day <= _MONTH for key, day in suited.items())
    places = sum(service.true_capacity for service in run.world.services)
    count = max(len(placements), 1)
    return Measures(
        needs_met=sum(len(placement.needs) for placement in placements) / wanted,
        **{end.name.lower(): ends[end] / len(people) for end in PersonEnd},
        within_week=sum(day <= 7 for day in days) / len(people),
        days_median=_quantile(days, 0.5),
        days_p90=_quantile(days, 0.9),
        offers_per_placement=len(run.offers) / count,
        jain=_jain(run),
        km=statistics.fmean([placement.suitable.km for placement in placements] or [0.0]),
        worst_group=min(_needs_met_by_group(run).values(), default=0.0),
        never_asked=len(run.first_suited.keys() - run.first_asked.keys()),
        asked_within_month=prompt / max(len(suited), 1),
        late_share=sum(placement.was_late for placement in placements) / count,
        wasted_yes=run.wasted / count,
        occupied=_work(run) / places / run.world.parameters.days,
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan


def _work(run: Run, organisation: int | None = None) -> float:
    """Return the days that places were taken during the run."""
    end = run.world.parameters.days
    return sum(
        max(0.0, min(placement.ends, end) - placement.day)
        for placement in run.placements
        if organisation in (None, placement.suitable.service.organisation)
    )


def _jain(run: Run) -> float:
    """Return Jain's index of the work of organisations for each of their places: (sum x)^2 / (n sum x^2)."""
    places: dict[int, int] = defaultdict(int)
    for service in run.world.services:
        places[service.organisation] += service.capacity
    shares = [_work(run, organisation) / places[organisation] for organisation in places]
    squares = sum(share**2 for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else math.nan


def _needs_met_by_group(run: Run) -> dict[str, float]:
    size, wanted, met = Counter(), Counter(), Counter()
    for person in run.world.people:
        for group in person.groups:
            size[group] += 1
            wanted[group] += len(person.needs)
    for placement in run.placements:
        for group in placement.person.groups:
            met[group] += len(placement.needs)
    return {group: met[group] / wanted[group] for group in size if size[group] >= _FEWEST_IN_GROUP}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over worlds; `error` is half the width of its 95 % confidence interval."""

    mean: float
    error: float

    @property
    def is_above_zero(self) -> bool:
        return self.mean > self.error

    @property
    def is_below_zero(self) -> bool:
        return self.mean < -self.error


# Student's t for 95 %, by degrees of freedom; more than 30 are as good as the normal distribution.
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09,
      2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04)  # fmt: skip


def estimate(values: Sequence[float]) -> Estimate:
    known = [value for value in values if not math.isnan(value)]
    if len(known) < 2:
        return Estimate(known[0] if known else math.nan, math.inf)
    t = _T[len(known) - 2] if len(known) - 2 < len(_T) else 1.96
    return Estimate(statistics.fmean(known), t * statistics.stdev(known) / math.sqrt(len(known)))


def summarise(runs: Mapping[str, Measures]) -> dict[str, Estimate]:
    """Return the mean of each measure over the worlds of one rule, which are the keys of `runs`."""
    return {
        field.name: estimate([getattr(measures, field.name) for measures in runs.values()])
        for field in fields(Measures)
    }


def compare(ours: Mapping[str, Measures], other: Mapping[str, Measures], measure: str) -> Estimate:
    """Return by how much ours exceeds the other rule, paired world by world."""
    return estimate([getattr(ours[key], measure) - getattr(other[key], measure) for key in sorted(ours)])


def as_figures(measures: Measures) -> dict[str, float]:
    return {name: round(value, 5) for name, value in asdict(measures).items()}
