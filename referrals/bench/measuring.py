"""What a case of the benchmark is, how it is timed, and what is reported.

A case times our way and a bare way of doing the same work, in turn, so that a busy machine slows both. Figures are
medians, after a warm-up in which everything is done once. The garbage collector stays on: it is part of the work.
"""

import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from time import perf_counter

from django.contrib.gis.geos import Point
from django.utils.module_loading import autodiscover_modules
from psycopg import Connection

from referrals.matching import PersonFacts
from referrals.models import Network

REPEATS = 60


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """A person to find help for; the same people at every size."""

    postcode: str
    point: Point
    age: int
    option_ids: frozenset[int]
    need_ids: tuple[int, ...]

    @property
    def facts(self) -> PersonFacts:
        return PersonFacts(point=self.point, place="ZZ1 1", age=self.age, option_ids=self.option_ids)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a case measures on. `bare` is a plain psycopg connection to the same database. Size 0 has no data."""

    size: int
    bare: Connection
    network: Network | None = None
    people: Sequence[SamplePerson] = ()
    places: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two ways of doing the same work, each called with the number of the repeat. `note` describes the bare way."""

    ours: Callable[[int], object]
    bare: Callable[[int], object]
    note: str
    size: int | None = None


class CaseSkipped(Exception):  # noqa: N818 - not a fault
    """Raised, with the reason, by a case that cannot be measured here."""


@dataclass(frozen=True, slots=True)
class Case:
    """`target` is the highest ratio of ours to bare that will do, `growth_target` of the largest size to the smallest,
    `ms_target` the most milliseconds.

    A case that is not `sized` runs once, without services. One with a single repeat has no warm-up.
    """

    name: str
    prepare: Callable[[Sample], Comparison]
    target: float | None = None
    growth_target: float | None = None
    ms_target: float | None = None
    sized: bool = True
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A row of the report. A skipped case has no figures; its note says why."""

    case: str
    size: int
    ms: float | None
    bare_ms: float | None
    ratio: float | None
    target: float | None
    holds: bool | None
    note: str


_cases: dict[str, Case] = {}


def case(name: str, **options: object) -> Callable[[Callable[[Sample], Comparison]], Callable[[Sample], Comparison]]:
    def register(prepare: Callable[[Sample], Comparison]) -> Callable[[Sample], Comparison]:
        _cases[name] = Case(name, prepare, **options)
        return prepare

    return register


def find_cases(prefixes: Sequence[str]) -> list[Case]:
    autodiscover_modules("bench.cases", "bench.form_journey", "bench.workers", "bench.referrals")
    for prefix in prefixes:
        if not any(name.startswith(prefix) for name in _cases):
            raise LookupError(f"There is no case {prefix}. There are: {', '.join(_cases)}.")
    return [found for name, found in _cases.items() if not prefixes or name.startswith(tuple(prefixes))]


def measure(measured: Case, sample: Sample, *, repeats: int) -> CaseResult:
    try:
        pair = measured.prepare(sample)
    except CaseSkipped as skipped:
        return _make_result(measured.name, sample.size, None, None, measured.target, f"skipped: {skipped}")
    repeats = measured.repeats or repeats
    if repeats > 1:
        for number in range(repeats):
            pair.bare(number)
            pair.ours(number)
    ours, bare = [], []
    for number in range(repeats):
        ways = [(pair.ours, ours), (pair.bare, bare)]
        for way, times in ways if number % 2 else reversed(ways):
            started = perf_counter()
            way(number)
            times.append((perf_counter() - started) * 1000)
    note = pair.note
    if repeats > 1:
        note += f"; slowest of {repeats}: {max(ours):.3g} ms"
    size = sample.size if pair.size is None else pair.size
    result = _make_result(measured.name, size, statistics.median(ours), statistics.median(bare), measured.target, note)
    if measured.ms_target is None:
        return result
    is_quick = result.ms <= measured.ms_target
    return replace(
        result,
        holds=is_quick and result.holds is not False,
        note=f"{note}; {measured.ms_target:g} ms {'hold' if is_quick else 'missed'}",
    )


def compare_sizes(cases: Sequence[Case], results: Sequence[CaseResult]) -> list[CaseResult]:
    rows = []
    for measured in cases:
        times = {result.size: result.ms for result in results if result.case == measured.name and result.ms}
        if measured.growth_target and len(times) > 1:
            smallest, largest = min(times), max(times)
            note = f"bare: the same at {smallest:,} services"
            rows.append(
                _make_result(
                    f"{measured.name}.growth", largest, times[largest], times[smallest], measured.growth_target, note
                )
            )
    return rows


def as_json(results: Sequence[CaseResult]) -> list[dict]:
    return [asdict(result) for result in results]


def as_table(results: Sequence[CaseResult]) -> str:
    heading = ["case", "size", "ms", "bare ms", "ratio", "target", "", "note"]
    rows = [heading] + [
        [
            result.case,
            f"{result.size:,}",
            _format_ms(result.ms),
            _format_ms(result.bare_ms),
            "" if result.ratio is None else f"{result.ratio:.2f}",
            "" if result.target is None else f"{result.target:g}",
            {True: "holds", False: "missed", None: ""}[result.holds],
            result.note,
        ]
        for result in results
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if 1 <= number <= 5 else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(re.sub(r"\s+$", "", "  ".join(cells)))
    return "\n".join(lines)


def _format_ms(ms: float | None) -> str:
    return "" if ms is None else f"{ms:,.0f}" if ms >= 1000 else f"{ms:.3g}"


def _make_result(
    name: str, size: int, ms: float | None, bare_ms: float | None, target: float | None, note: str
) -> CaseResult:
    ratio = ms / bare_ms if ms is not None and bare_ms else None
    return CaseResult(
        case=name,
        size=size,
        ms=None if ms is None else round(ms, 4),
        bare_ms=None if bare_ms is None else round(bare_ms, 4),
        ratio=None if ratio is None else round(ratio, 3),
        target=target,
        holds=None if target is None or ratio is None else ratio <= target,
        note=note,
    )
