import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from referrals.bench import measuring, sample_network
from referrals.bench.matching.benchmark import (
    LOADS,
    PARTS,
    SEEDS,
    Plan,
    describe,
    run_benchmark,
    write_plots,
    write_results,
)
from referrals.bench.matching.finished_worlds import FinishedWorlds
from referrals.bench.matching.report import write_generated
from referrals.bench.matching.rules import rule_names
from referrals.bench.matching.running import count_processes
from referrals.bench.people import choose_people
from referrals.bench.places import fill_place_table
from referrals.bench.scratch_database import scratch_database
from referrals.importers.progress import progress_for
from referrals.models import Network

SIZES = (1_000, 10_000, 100_000)
MATCHING = "matching"


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(size) for size in text.split(",")}))


def parse_loads(text: str) -> tuple[float, ...]:
    return tuple(sorted({float(load) for load in text.split(",")}))


def parse_rules(text: str) -> tuple[str, ...]:
    return _chosen(text, rule_names())


def _parts(text: str) -> tuple[str, ...]:
    return _chosen(text, PARTS)


def _chosen(text: str, known: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(name.strip() for name in text.split(","))
    if unknown := [name for name in chosen if name not in known]:
        raise ArgumentTypeError(f"{unknown[0]!r} is none of: {', '.join(known)}")
    return chosen


class Command(BaseCommand):
    help = (
        "Measure how fast the installation is, in a separate database. "
        "Figures go to var/bench.json and, as a table, to the screen. "
        "`bench matching` simulates how good the ranking is: see docs/matching.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cases", nargs="*", metavar="CASE", help="The beginning of a case's name; none = all.")
        parser.add_argument("--sizes", type=_sizes, default=SIZES, help="Numbers of services: 1000,10000,100000.")
        parser.add_argument("--repeats", type=int, default=measuring.REPEATS, help="How often each way is timed.")
        parser.add_argument("--keep", action="store_true", help="Leave the benchmark's database there afterwards.")
        matching = parser.add_argument_group(MATCHING, "What only `bench matching` takes.")
        matching.add_argument(
            "--loads", type=parse_loads, default=LOADS, help="Of the networks, 1 = just enough places."
        )
        matching.add_argument("--seeds", type=int, default=SEEDS, help="How many worlds of each kind.")
        matching.add_argument("--rules", type=parse_rules, default=(), help="By name, with commas; none = all.")
        matching.add_argument("--parts", type=_parts, default=PARTS, help=f"Of {','.join(PARTS)}; none = all.")
        matching.add_argument("--tune", action="store_true", help="Draw the worlds that weights are tuned on.")
        matching.add_argument("--quick", action="store_true", help="Forty days instead of half a year.")
        matching.add_argument("--processes", type=int, default=count_processes())
        matching.add_argument("--resume", action="store_true", help="Go on with a run that was cut short.")
        matching.add_argument("--docs", action="store_true", help="Write tables and plots into docs/matching.")

    def handle(
        self, *args: str, cases: Sequence[str], sizes: Sequence[int], repeats: int, keep: bool, **options: Any
    ) -> None:
        if list(cases) == [MATCHING]:
            self.simulate(**options)
            return
        try:
            chosen = measuring.find_cases(cases)
            self.progress("creating a database")
            with scratch_database(keep=keep) as name, _bare_connection() as bare:
                results = self.measure(chosen, bare, sizes=sizes, repeats=repeats)
        except (LookupError, PermissionError) as error:
            raise CommandError(str(error)) from error
        results += measuring.compare_sizes(chosen, results)
        path = settings.VAR_DIR / "bench.json"
        path.write_text(json.dumps(measuring.as_json(results), indent=1) + "\n")
        self.stdout.write(measuring.as_table(results))
        if keep:
            self.progress(f"the database {name} is kept")

    def measure(
        self, cases: Sequence[measuring.Case], bare: psycopg.Connection, *, sizes: Sequence[int], repeats: int
    ) -> list[measuring.CaseResult]:
        results = [self.run(case, measuring.Sample(0, bare), repeats) for case in cases if not case.sized]
        sized = [case for case in cases if case.sized]
        if not sized:
            return results
        places, what = fill_place_table(settings.VAR_DIR / "postcodes")
        sample_network.reset()
        for size in sizes:
            self.progress(f"creating a network of {size:,} services on {what}")
            sample_network.grow(size, places=places)
            first = min(sample_network.WITHOUT_CATCHMENT + 1, sizes[0])
            grown = measuring.Sample(
                size=size,
                bare=bare,
                network=Network.objects.get(pk=sample_network.NETWORK),
                people=choose_people(repeats, first=first, last=sizes[0]),
                places=what,
            )
            results += [self.run(case, grown, repeats) for case in sized]
        return results

    def simulate(self, *, verbosity: int, processes: int, resume: bool, docs: bool, **options: Any) -> None:
        plan = Plan(
            loads=options["loads"],
            seeds=options["seeds"],
            rules=options["rules"],
            parts=options["parts"],
            is_tuning=options["tune"],
            is_quick=options["quick"],
        )
        try:
            results, places = run_benchmark(
                plan,
                postcodes=settings.VAR_DIR / "postcodes",
                processes=processes,
                progress=progress_for(verbosity=verbosity),
                finished=FinishedWorlds(settings.VAR_DIR / "matching-worlds.jsonl", resumes=resume),
            )
        except PermissionError as error:
            raise CommandError(str(error)) from error
        write_results(results, settings.VAR_DIR / "matching.json", places=places)
        lines = describe(results, places)
        self.stdout.write("\n".join(lines))
        if docs:
            folder = settings.BASE_DIR / "docs"
            plots = write_plots(results, folder / "matching")
            write_generated(folder / "matching.md", [*plots, "", *lines])

    def run(self, case: measuring.Case, grown: measuring.Sample, repeats: int) -> measuring.CaseResult:
        self.progress(f"{case.name}, {grown.size:,} services")
        return measuring.measure(case, grown, repeats=repeats)

    def progress(self, what: str) -> None:
        self.stderr.write(f"bench: {what}", self.style.NOTICE)


def _bare_connection() -> psycopg.Connection:
    # Binds parameters as Django does.
    settings = connection.get_connection_params()
    plain = {key: settings[key] for key in settings.keys() - {"context", "cursor_factory", "prepare_threshold"}}
    return psycopg.connect(**plain, autocommit=True, cursor_factory=psycopg.ClientCursor)
