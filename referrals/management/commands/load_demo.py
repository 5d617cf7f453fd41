from argparse import ArgumentParser, ArgumentTypeError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from referrals.demo import POSTCODE_ATTRIBUTION, AlreadyLoadedError, load_demo, load_postcodes, refuse_if_loaded
from referrals.importers.errors import ImportRefusedError
from referrals.importers.progress import progress_for


def whole_number(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text} is not a whole number")
    return int(text)


class Command(BaseCommand):
    help = (
        "Load the demonstration network of fixtures/, or a larger network of the same kind, and simulate two months of "
        "referrals in it. If there are no postcodes yet, those of var/postcodes are imported first. All people and "
        "organisations are invented."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--services", type=whole_number, default=0, help="how many at least; default: those of fixtures/"
        )
        parser.add_argument("--referrals", type=whole_number, default=210, help="default: 210")
        parser.add_argument("--seed", type=int, default=1, help="another number gives other people")
        parser.add_argument("--if-empty", action="store_true", help="leave a database with a network as it is")
        parser.add_argument("--no-postcodes", action="store_true", help="do not import postcodes")

    def handle(self, *args: str, if_empty: bool, no_postcodes: bool, verbosity: int, **options: int) -> None:
        progress = progress_for(verbosity=verbosity)
        try:
            if not if_empty:
                refuse_if_loaded()
            if not no_postcodes and load_postcodes(settings.VAR_DIR / "postcodes", progress=progress):
                self.stdout.write(f"The postcodes of Great Britain are loaded. {POSTCODE_ATTRIBUTION}")
            loaded = load_demo(
                services=options["services"],
                referrals=options["referrals"],
                seed=options["seed"],
                progress=progress,
            )
        except AlreadyLoadedError as error:
            if not if_empty:
                raise CommandError(f"{error} The demonstration needs an empty one, so nothing was changed.") from error
            self.stdout.write("The demonstration was not loaded: there is already a network.")
        except ImportRefusedError as error:
            raise CommandError(f"The postcodes could not be loaded: {error}") from error
        else:
            self.stdout.write(
                f"The demonstration is loaded: {loaded.organisations:,} organisations, {loaded.services:,} services, "
                f"{loaded.referrals:,} referrals, in {loaded.seconds:.0f} seconds. Everybody in it is invented."
            )
