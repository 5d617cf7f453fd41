import json
from argparse import ArgumentParser
from collections.abc import Sequence

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from referrals.bench import measuring, sample_network
from referrals.bench.people import choose_people
from referrals.bench.places import fill_place_table
from referrals.bench.scratch_database import scratch_database
from referrals.models import Network

SIZES = (1_000, 10_000, 100_000)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(size) for size in text.split(",")}))


class Command(BaseCommand):
    help = (
        "Measure how fast the installation is, in a separate database. "
        "Figures go to var/bench.json and, as a table, to the screen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cases", nargs="*", metavar="CASE", help="The beginning of a case's name; none = all.")
        parser.add_argument("--sizes", type=_sizes, default=SIZES, help="Numbers of services: 1000,10000,100000.")
        parser.add_argument("--repeats", type=int, default=measuring.REPEATS, help="How often each way is timed.")
        parser.add_argument("--keep", action="store_true", help="Leave the benchmark's database there afterwards.")

    def handle(
        self, *args: str, cases: Sequence[str], sizes: Sequence[int], repeats: int, keep: bool, **options: object
    ) -> None:
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
