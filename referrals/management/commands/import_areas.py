from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from referrals.importers.boundaries import AreaFields, import_areas
from referrals.importers.errors import ImportRefusedError
from referrals.importers.progress import progress_for


class Command(BaseCommand):
    help = (
        "Load boundaries from GeoJSON, GeoPackage or Shapefile (also zipped). Areas are identified by their code: an "
        "area that exists is updated, and networks that use it keep it. Any error leaves everything unchanged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="PATH")
        parser.add_argument("--code", required=True, metavar="FIELD", help="The field with each area's code: LAD25CD.")
        parser.add_argument("--name", required=True, metavar="FIELD", help="The field with each area's name: LAD25NM.")
        parser.add_argument("--population", metavar="FIELD", help="The field with how many people live there.")
        parser.add_argument("--layer", metavar="NAME", help="Which layer, when the file has several.")
        parser.add_argument("--source", default="", metavar="TEXT", help="Their source and licence.")
        parser.add_argument("--simplified", action="store_true", help="The shapes are simplified: not for legal use.")

    def handle(self, *args: str, path: str, verbosity: int, **options: str) -> None:
        try:
            report = import_areas(
                path,
                AreaFields(**{field: options[field] for field in ("code", "name", "population", "layer")}),
                source=options["source"],
                is_simplified=bool(options["simplified"]),
                progress=progress_for(verbosity=verbosity),
            )
        except ImportRefusedError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        if verbosity == 0:
            return
        self.stdout.write(f"{len(report.created)} areas created, {len(report.updated)} updated.")
        for code, fault in report.mended.items():
            self.stdout.write(f"Mended the shape of {code}: {fault}.")
