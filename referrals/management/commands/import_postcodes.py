from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from referrals.importers.errors import ImportRefusedError
from referrals.importers.postcodes import FileReport, describe_fault, import_postcodes
from referrals.importers.progress import progress_for


class Command(BaseCommand):
    help = (
        "Load postcodes from Code-Point Open or the ONS Postcode Directory (a zip, a folder or a CSV; any CSV may be "
        "gzipped). The kind of file is recognised by its content. Any error leaves the table unchanged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Make the files the whole table. Without it, postcodes that are not in the files stay.",
        )

    def handle(self, *args: str, paths: list[str], replace: bool, verbosity: int, **options: object) -> None:
        try:
            report = import_postcodes(paths, replace=replace, progress=progress_for(verbosity=verbosity))
        except ImportRefusedError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        except KeyboardInterrupt as interruption:
            raise CommandError("Stopped. Nothing was changed.", returncode=130) from interruption
        if verbosity == 0:
            return
        for part in report.parts:
            self.stdout.write(_describe_part(part))
        self.stdout.write(f"Postcodes now: {report.total:,}. Took {report.seconds:.1f} seconds.")


def _describe_part(part: FileReport) -> str:
    lines = [
        f"{part.title}, {part.rows:,} rows from {part.name}:",
        f"{part.loaded:>12,} loaded",
        f"{part.without_position:>12,} of these without a position: the source gives none",
        f"{part.terminated:>12,} of these terminated",
        f"{part.refused:>12,} refused",
        *(f"{'':>12} {describe_fault(fault)}" for fault in part.faults),
        f"{part.kept:>12,} other postcodes kept from before",
    ]
    if part.unknown_columns:
        lines.append(f"{'':>12} unknown columns, not read: {', '.join(part.unknown_columns)}")
    return "\n".join(lines)
