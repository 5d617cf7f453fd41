"""The figures as tables: for the screen, as JSON, and as the generated part of docs/matching.md."""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from referrals.bench.matching.measures import Estimate, Measures, as_figures, compare, estimate, summarise
from referrals.bench.matching.plots import Mark, Panel, draw_panels
from referrals.bench.matching.rules import OURS, SORT_RULES, WITHOUT
from referrals.bench.matching.running import LIMITS, JobResult
from referrals.bench.matching.stresses import STRESSES

MAIN = "main"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

ByRule = Mapping[str, Mapping[str, Measures]]  # rule -> world -> measures


def by_rule(results: Sequence[JobResult]) -> ByRule:
    found: dict[str, dict[str, Measures]] = defaultdict(dict)
    for result in results:
        for rule, measures in result.measures.items():
            found[rule][f"{result.job.seed} {result.job.load:g}"] = measures
    return found


def as_json(results: Sequence[JobResult]) -> list[dict]:
    return [
        {
            "group": result.job.group,
            "seed": result.job.seed,
            "load": result.job.load,
            "stress": result.job.stress,
            "parameters": asdict(result.job.parameters),
            "referrals": result.referrals,
            "rules": {
                rule: {"seconds": round(result.seconds[rule], 2), **as_figures(measures)}
                for rule, measures in result.measures.items()
            },
            "limits": {name: round(value, 5) for name, value in result.limits.items()},
            "notes": {rule: round(value, 5) for rule, value in result.notes.items()},
        }
        for result in results
    ]


_COLUMNS = (
    ("needs met", "needs_met", 3),
    ("in a week", "within_week", 3),
    ("days, median", "days_median", 2),
    ("days, p90", "days_p90", 2),
    ("gave up", "gave_up", 2),
    ("offers", "offers_per_placement", 2),
    ("Jain", "jain", 2),
    ("km", "km", 1),
    ("worst group", "worst_group", 3),
    ("never asked", "never_asked", 1),
    ("in 30 days", "asked_within_month", 3),
)


def main_table(results: Sequence[JobResult]) -> list[str]:
    """Return a Markdown table of every rule, ours first, with what ours does better by."""
    rules = by_rule(results)
    ours = rules.get(OURS)
    heading = ["rule", *(name for name, *_ in _COLUMNS)]
    if ours:
        heading[2:2] = ["ours better by"]
        heading.insert(heading.index("days, p90") + 1, "ours later by")
    rows = []
    for rule, worlds in rules.items():
        means = summarise(worlds)
        cells = [f"**{rule}**" if rule == OURS else rule]
        for _, measure, digits in _COLUMNS:
            cells.append(f"{means[measure].mean:.{digits}f}")
            if ours and measure in ("needs_met", "days_p90"):
                cells.append("" if rule == OURS else signed(compare(ours, worlds, measure), digits))
        rows.append(cells)
    rows += [[f"*{name}*", f"{limit:.3f}", *[""] * (len(heading) - 2)] for name, limit in mean_limits(results).items()]
    return markdown_table(heading, rows)


def mean_limits(results: Sequence[JobResult]) -> dict[str, float]:
    known = {name: [result.limits[name] for result in results if name in result.limits] for name in LIMITS}
    return {name: statistics.fmean(limits) for name, limits in known.items() if limits}


def share_of_limit(results: Sequence[JobResult], name: str) -> Estimate:
    """Return what ours reaches of a limit, world by world."""
    return estimate(
        [result.measures[OURS].needs_met / result.limits[name] for result in results if name in result.limits]
    )


def verdict(results: Sequence[JobResult]) -> list[str]:
    """Say in words where ours is ahead, where not, and by how much."""
    rules = by_rule(results)
    ours = rules[OURS]
    lines = []
    for measure, sign, name in (("needs_met", 1, "needs met"), ("days_p90", -1, "days to acceptance, 90th percentile")):
        ahead, level, behind = [], [], []
        for rule in [rule for rule in rules if rule in SORT_RULES]:
            difference = compare(ours, rules[rule], measure)
            gain = Estimate(sign * difference.mean, difference.error)
            (ahead if gain.is_above_zero else behind if gain.is_below_zero else level).append(
                f"{rule} ({signed(difference, 3 if sign > 0 else 2)})"
            )
        parts = [("ahead of", ahead), ("not told apart from", level), ("behind", behind)]
        lines.append(f"- {name}: ours is " + "; ".join(f"{how} {', '.join(which)}" for how, which in parts if which))
    worst = {rule: summarise(worlds)["worst_group"].mean for rule, worlds in rules.items() if not _is_part(rule)}
    best = max(worst, key=worst.get)
    lines.append(f"- worst group: ours {worst[OURS]:.3f}, the best rule ({best}) {worst[best]:.3f}")
    asked = summarise(ours)["asked_within_month"].mean
    lines.append(f"- eligible organisations that ours asked within 30 days: {asked:.1%}")
    for name in mean_limits(results):
        reached = share_of_limit(results, name)
        error = f" ± {reached.error:.0%}" if reached.error < reached.mean / 4 else ""  # hardly known from few worlds
        lines.append(f"- of the {name}, ours reaches {reached.mean:.0%}{error}")
    return lines


def _is_part(rule: str) -> bool:
    return rule.startswith(WITHOUT)


def best_other(rules: ByRule, measure: str = "needs_met") -> str:
    others = {rule: summarise(worlds)[measure].mean for rule, worlds in rules.items() if rule in SORT_RULES}
    return max(others, key=others.get)


def variation_table(results: Sequence[JobResult]) -> list[str]:
    """Return ours against the best other rule in each varied world."""
    rows = []
    for group, found in group_results(results).items():
        rules = by_rule(found)
        best = best_other(rules)
        needs, days = (compare(rules[OURS], rules[best], measure) for measure in ("needs_met", "days_p90"))
        ours = summarise(rules[OURS])["needs_met"].mean
        says = "ahead" if needs.is_above_zero else "behind" if needs.is_below_zero else "level"
        rows.append([group, f"{ours:.3f}", best, signed(needs, 3), says, signed(days, 2)])
    heading = ["the world's", "needs met", "best other rule", "ours better by", "", "ours later by (days, p90)"]
    return markdown_table(heading, rows)


def stress_table(results: Sequence[JobResult]) -> list[str]:
    rows = []
    for found in group_results(results).values():
        stress, rules = STRESSES[found[0].job.stress], by_rule(found)
        for number, rule in enumerate(rules):
            means = summarise(rules[rule])
            notes = [result.notes[rule] for result in found if rule in result.notes]
            better = "" if rule == OURS else signed(compare(rules[OURS], rules[rule], "needs_met"), 3)
            note = f"{estimate(notes).mean:.2f}" if notes else ""
            figures = [f"{means['needs_met'].mean:.3f}", better, f"{means['days_p90'].mean:.2f}", note]
            rows.append(["" if number else stress.title, rule, *figures, "" if number else stress.what])
    heading = ["what goes wrong", "rule", "needs met", "ours better by", "days, p90", "", ""]
    return markdown_table(heading, rows)


def group_results(results: Sequence[JobResult]) -> dict[str, list[JobResult]]:
    groups: dict[str, list[JobResult]] = defaultdict(list)
    for result in results:
        groups[result.job.group].append(result)
    return groups


def signed(value: Estimate, digits: int) -> str:
    mean = f"{value.mean:+.{digits}f}"
    return f"{mean} ± {value.error:.{digits}f}" if math.isfinite(value.error) else mean


def markdown_table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(heading, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [("-" * width) if number == 0 else "-" * (width - 1) + ":" for number, width in enumerate(widths)]
    return [line(heading), f"| {' | '.join(rule)} |", *map(line, rows)]


def draw_rules(results: Sequence[JobResult]) -> str:
    panels = []
    for load in sorted({result.job.load for result in results}):
        found = [result for result in results if result.job.load == load]
        rules = by_rule(found)
        marks = []
        for rule in [rule for rule in rules if not _is_part(rule)]:
            value = summarise(rules[rule])["needs_met"]
            marks.append(Mark(rule, value.mean, value.error, "ours" if rule == OURS else "mark"))
        marks += [Mark(name, limit, kind="limit") for name, limit in mean_limits(found).items()]
        panels.append(Panel(f"load {load:g}", marks))
    return draw_panels("Share of needs met, with 95 % error", panels)


def draw_differences(results: Sequence[JobResult], measure: str, title: str, digits: int) -> str:
    panels = []
    for load in sorted({result.job.load for result in results}):
        rules = by_rule([result for result in results if result.job.load == load])
        marks = []
        for rule in [rule for rule in rules if rule != OURS]:
            value = compare(rules[OURS], rules[rule], measure)
            marks.append(Mark(rule, value.mean, value.error, "ours" if _is_part(rule) else "mark"))
        panels.append(Panel(f"load {load:g}", marks))
    return draw_panels(title, panels, has_zero=True, digits=digits)


def draw_variations(results: Sequence[JobResult]) -> str:
    needs, days = [], []
    for group, found in group_results(results).items():
        rules = by_rule(found)
        best = best_other(rules)
        for marks, measure in ((needs, "needs_met"), (days, "days_p90")):
            value = compare(rules[OURS], rules[best], measure)
            marks.append(Mark(group, value.mean, value.error, "ours"))
    panels = [Panel("needs met: right is better", needs), Panel("days, p90: left is better", days)]
    return draw_panels("Ours minus the best other rule, each parameter halved and doubled", panels, has_zero=True)


def write_generated(path: Path, lines: Sequence[str]) -> None:
    """Replace what stands between the marks in the page."""
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text("\n".join([before + BEGIN, "", *lines, "", END + after]))
