"""What `manage.py bench matching` runs, and what it says and writes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from referrals.bench.matching import report
from referrals.bench.matching.finished_worlds import FinishedWorlds
from referrals.bench.matching.network_world import NetworkReader
from referrals.bench.matching.parameters import VARIED, Parameters
from referrals.bench.matching.rules import OURS, SORT_RULES, rule_names
from referrals.bench.matching.running import LIMITS, Job, JobResult, prepared_database, run_jobs
from referrals.bench.matching.stresses import STRESSES
from referrals.importers.progress import Progress
from referrals.models import Network

LOADS = (0.6, 0.9, 1.2)
SEEDS = 10
PARTS = ("main", "limits", "stresses", "variations")
_USUAL_LOAD = 0.9
# In how many worlds the limits are worked out: they take longer than all rules together, and differ less.
_WORLDS_WITH_LIMIT = {"limit of capacity": 2, "limit of known answers": 5}

_CAPTIONS = {
    "needs-met": "The share of needs that each rule meets, at each load",
    "differences": "How many more needs ours meets than each rule, with 95 % errors",
    "days": "How much sooner ours finds an organisation than each rule, with 95 % errors",
    "variations": "Ours beside the best other rule, with each parameter halved and doubled",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which worlds to run. `seeds` is how many; those to tune on are others than those to report."""

    loads: Sequence[float] = LOADS
    seeds: int = SEEDS
    rules: Sequence[str] = ()  # none = all
    parts: Sequence[str] = PARTS
    is_tuning: bool = False
    is_quick: bool = False

    @property
    def seed_names(self) -> list[str]:
        kind = "tune" if self.is_tuning else "report"
        return [f"{kind} {number}" for number in range(self.seeds)]


def make_jobs(plan: Plan) -> list[Job]:
    usual = Parameters(days=40) if plan.is_quick else Parameters()
    rules = tuple(plan.rules or rule_names())
    whole = tuple(rule for rule in rules if rule == OURS or rule in SORT_RULES)
    jobs: list[Job] = []
    if "main" in plan.parts:
        for load in plan.loads:
            for number, seed in enumerate(plan.seed_names):
                wanted = tuple(name for name in LIMITS if "limits" in plan.parts and number < _WORLDS_WITH_LIMIT[name])
                jobs.append(Job(report.MAIN, seed, load, usual, rules, limits=wanted))
    if "stresses" in plan.parts:
        jobs += [
            Job(f"stress {name}", seed, _USUAL_LOAD, usual, whole, stress=name)
            for name in STRESSES
            for seed in plan.seed_names
        ]
    if "variations" in plan.parts:
        for name in VARIED:
            for word, factor in (("halved", 0.5), ("doubled", 2)):
                changed = usual.change(name, factor)
                group = f"{name} {word}"
                jobs += [
                    Job(group, seed, _USUAL_LOAD, changed, whole) for seed in plan.seed_names[: plan.seeds // 2 or 1]
                ]
    return jobs


def run_benchmark(
    plan: Plan, *, postcodes: Path, processes: int, progress: Progress, finished: FinishedWorlds
) -> tuple[list[JobResult], str]:
    """Return the results, and a description of the places that people live at. What is finished is not run again."""
    jobs = make_jobs(plan)
    results = {number: result for number, job in enumerate(jobs) if (result := finished.find(job))}
    left = [number for number in range(len(jobs)) if number not in results]
    with prepared_database(postcodes) as places, progress.phase("Worlds", total=len(left), unit="world") as advance:

        def finish(result: JobResult) -> None:
            finished.add(result)
            advance(1)

        run = run_jobs([jobs[number] for number in left], processes=processes, finish=finish)
    results |= dict(zip(left, run, strict=True))
    return [results[number] for number in range(len(jobs))], places


def simulate_network(
    network: Network,
    *,
    loads: Sequence[float],
    seeds: int,
    rules: Sequence[str],
    processes: int,
    progress: Progress,
) -> list[JobResult]:
    """Simulate a network as it is. Raises TooFewReferrals."""
    reader = NetworkReader(network)
    chosen = tuple(rules or rule_names())
    names = [f"network {number}" for number in range(seeds)]
    jobs = [
        Job(report.MAIN, name, load, reader.parameters, chosen, world=reader.world(name, load=load))
        for load in loads
        for name in names
    ]
    with prepared_database(None), progress.phase("Worlds", total=len(jobs), unit="world") as advance:
        return run_jobs(jobs, processes=processes, finish=lambda _: advance(1))


def describe(results: Sequence[JobResult], places: str) -> list[str]:
    """Return the report as Markdown lines."""
    main = [result for result in results if result.job.group == report.MAIN]
    stresses = [result for result in results if result.job.stress]
    varied = [result for result in results if result.job.group != report.MAIN and not result.job.stress]
    lines = []
    for load in sorted({result.job.load for result in main}):
        found = [result for result in main if result.job.load == load]
        people = sum(result.referrals for result in found) // len(found)
        intervals = "± is half of the 95 % interval of a difference, paired world by world."
        lines += [f"### Load {load:g}", ""]
        if len(found) == 1:
            lines += [
                f"One world on {places}, {people:,} referrals. Only several say how much is chance.",
                "",
            ]
        else:
            lines += [f"{len(found)} worlds on {places}, {people:,} referrals in each. {intervals}", ""]
        lines += [*report.main_table(found), ""]
        if OURS in found[0].measures:
            lines += [*report.verdict(found), ""]
    if stresses and OURS in stresses[0].measures:
        lines += ["### When something goes wrong", "", *report.stress_table(stresses), ""]
    if varied and OURS in varied[0].measures:
        lines += ["### Each parameter halved and doubled", "", *report.variation_table(varied), ""]
    return lines


def write_results(results: Sequence[JobResult], path: Path, *, places: str) -> None:
    document = {"places": places, "worlds": report.as_json(results)}
    path.write_text(json.dumps(document, indent=1) + "\n")


def write_plots(results: Sequence[JobResult], folder: Path) -> list[str]:
    """Write what the results allow, and return Markdown lines that show it in a page beside the folder."""
    main = [result for result in results if result.job.group == report.MAIN and OURS in result.measures]
    varied = [result for result in results if result.job.group != report.MAIN and not result.job.stress]
    plots = {}
    if main:
        days = "Ours minus the rule, days to acceptance (90th percentile): left is better"
        needs = "Ours minus the rule, share of needs met: right is better"
        plots["needs-met"] = report.draw_rules(main)
        plots["differences"] = report.draw_differences(main, "needs_met", needs, 2)
        plots["days"] = report.draw_differences(main, "days_p90", days, 1)
    if varied:
        plots["variations"] = report.draw_variations(varied)
    folder.mkdir(parents=True, exist_ok=True)
    for name, plot in plots.items():
        (folder / f"{name}.svg").write_text(plot)
    return [f"![{_CAPTIONS[name]}]({folder.name}/{name}.svg)" for name in plots]
