from django.core.management.base import BaseCommand, CommandError, CommandParser
from wagtail.models import Site

from directory_site.seed import make_site, translate_site


class Command(BaseCommand):
    help = (
        "Makes a new public site: pages, guidance, menus, urgent help, search words. Run again, it makes "
        "what is new in this version, and leaves alone whatever editors have changed or deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="", help="of the site, if it has none of its own yet")
        parser.add_argument("--host", help="of a further site, which has been set up in the CMS with a front page")

    def handle(self, *args: object, name: str, host: str | None, **options: object) -> None:
        site = Site.objects.filter(hostname=host).select_related("root_page").first() if host else None
        if host and site is None:
            raise CommandError(f"The CMS knows no site called {host}. Add it there under Settings, Sites.")
        made = [*make_site(site, name=name), *translate_site(site)]
        if options["verbosity"] > 0:
            self.stdout.write("".join(f"Made: {thing}\n" for thing in made) or "Nothing was missing.\n")
