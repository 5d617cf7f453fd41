"""What a case of the benchmark is, how it is timed, and what is reported of it.

A case measures our way and a bare way of doing the same work, in turn, so that a busy machine is busy for both. Figures
are medians after a warm-up in which everything is done once. The garbage collector stays on: it is part of the work.
"""

import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter

from django.contrib.gis.geos import Point
from django.utils.module_loading import autodiscover_modules
from psycopg import Connection

from referrals.matching import PersonFacts
from referrals.models import Network

REPEATS = 60


@dataclass(frozen=True, slots=True)
class Probe:
    """One person to find help for; the same ones at every size."""

    postcode: str
    point: Point
    age: int
    option_ids: frozenset[int]
    need_ids: tuple[int, ...]

    @property
    def facts(self) -> PersonFacts:
        return PersonFacts(point=self.point, place="ZZ1 1", age=self.age, option_ids=self.option_ids)


@dataclass(frozen=True, slots=True)
class World:
    """What cases stand on. `bare` is a connection of psycopg's own to the same database; a world of size 0 is empty."""

    size: int
    bare: Connection
    network: Network | None = None
    probes: Sequence[Probe] = ()
    places: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same work twice; each way is called with the number of the repeat. `note` says what the bare way is."""

    ours: Callable[[int], object]
    bare: Callable[[int], object]
    note: str
    size: int | None = None


class Skip(Exception):  # noqa: N818 - it is no fault
    """Raised by a case that cannot be measured here; says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """`target` is the highest ratio to aim for, `growth_target` that of the largest world's time to the smallest's.

    A case that is not `sized` runs once, without services. One with a single repeat has no warm-up.
    """

    name: str
    prepare: Callable[[World], Pair]
    target: float | None = None
    growth_target: float | None = None
    sized: bool = True
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A row of the report. Nothing is measured of a case that was skipped; the note says why."""

    case: str
    size: int
    ms: float | None
    bare_ms: float | None
    ratio: float | None
    target: float | None
    holds: bool | None
    note: str


_cases: dict[str, Case] = {}


def case(name: str, **options: object) -> Callable[[Callable[[World], Pair]], Callable[[World], Pair]]:
    """Register a function that prepares the case `name`; `options` are the fields of Case."""

    def register(prepare: Callable[[World], Pair]) -> Callable[[World], Pair]:
        _cases[name] = Case(name, prepare, **options)
        return prepare

    return register


def find_cases(prefixes: Sequence[str]) -> list[Case]:
    """Return the cases whose names begin with one of `prefixes`, or all. Raises LookupError for one that fits none."""
    autodiscover_modules("bench.cases")
    for prefix in prefixes:
        if not any(name.startswith(prefix) for name in _cases):
            raise LookupError(f"There is no case {prefix}. There are: {', '.join(_cases)}.")
    return [found for name, found in _cases.items() if not prefixes or name.startswith(tuple(prefixes))]


def measure(measured: Case, world: World, *, repeats: int) -> CaseResult:
    """Time one case in one world."""
    try:
        pair = measured.prepare(world)
    except Skip as skipped:
        return _result(measured.name, world.size, None, None, measured.target, f"skipped: {skipped}")
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
    size = world.size if pair.size is None else pair.size
    return _result(measured.name, size, statistics.median(ours), statistics.median(bare), measured.target, note)


def compare_sizes(measured: Sequence[Case], results: Sequence[CaseResult]) -> list[CaseResult]:
    """Return a row for each case that has a growth target and was measured at several sizes."""
    rows = []
    for one in measured:
        times = {result.size: result.ms for result in results if result.case == one.name and result.ms}
        if one.growth_target and len(times) > 1:
            smallest, largest = min(times), max(times)
            note = f"bare: the same at {smallest:,} services"
            rows.append(
                _result(f"{one.name}.growth", largest, times[largest], times[smallest], one.growth_target, note)
            )
    return rows


def as_json(results: Sequence[CaseResult]) -> list[dict]:
    return [asdict(result) for result in results]


def as_table(results: Sequence[CaseResult]) -> str:
    """Return the rows in columns, with the notes below one another at the end."""
    heading = ["case", "size", "ms", "bare ms", "ratio", "target", "", "note"]
    rows = [heading] + [
        [
            result.case,
            f"{result.size:,}",
            _figure(result.ms),
            _figure(result.bare_ms),
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


def _figure(ms: float | None) -> str:
    return "" if ms is None else f"{ms:,.0f}" if ms >= 1000 else f"{ms:.3g}"


def _result(
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
