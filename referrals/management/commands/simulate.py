from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from referrals.bench.matching.benchmark import describe, simulate_network, write_results
from referrals.bench.matching.network_world import TooFewReferrals
from referrals.bench.matching.running import count_processes
from referrals.importers.progress import progress_for
from referrals.management.commands.bench import parse_loads, parse_rules
from referrals.models import Network


class Command(BaseCommand):
    help = (
        "Simulate half a year of a network, as it is, under its own ranking and under others, in a separate database. "
        "Figures go to var/simulate-<network>.json and, as a table, to the screen: see docs/matching.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--network", required=True, metavar="SLUG")
        parser.add_argument(
            "--loads", type=parse_loads, default=(1.0,), help="1 = as many people as came; 1.5 = half more."
        )
        parser.add_argument("--seeds", type=int, default=5, help="How often, each time with other people and answers.")
        parser.add_argument("--rules", type=parse_rules, default=(), help="By name, with commas; none = all.")
        parser.add_argument("--processes", type=int, default=count_processes())

    def handle(self, *args: str, network: str, verbosity: int, **options: Any) -> None:
        found = Network.objects.select_related("area").filter(slug=network).first()
        if not found:
            raise CommandError(f"There is no network {network!r}.")
        try:
            results = simulate_network(
                found,
                loads=options["loads"],
                seeds=options["seeds"],
                rules=options["rules"],
                processes=options["processes"],
                progress=progress_for(verbosity=verbosity),
            )
        except (TooFewReferrals, PermissionError) as error:
            raise CommandError(str(error)) from error
        write_results(results, settings.VAR_DIR / f"simulate-{found.slug}.json", places=found.name)
        self.stdout.write("\n".join(describe(results, "the network's own services")))
