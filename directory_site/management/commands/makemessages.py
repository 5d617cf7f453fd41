"""`manage.py makemessages`, which reads what visitors of the public site are told and nothing else.

Words of the back office and of the CMS are in English only, though some are marked for translation: a catalogue that
asked for them would ask a translator for hundreds of sentences that nobody would read in their language.
"""

from typing import Any

from django.core.management.commands import makemessages

NOT_FOR_VISITORS = (
    ".*",
    "var",
    "bin",
    "docs",
    "fixtures",
    "backoffice",
    "templates/admin",
    "templates/backoffice",
    "templates/wagtailadmin",
    "*/tests/*",
    "*/migrations/*",
    # what editors read
    "directory_site/blocks/*",
    "directory_site/models/*",
    "directory_site/theme.py",
    "directory_site/cms/*",
)


class Command(makemessages.Command):
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args: Any, **options: Any) -> None:
        """Without line numbers, guesses and leftovers, so that a changed catalogue shows what has changed in words."""
        ignored = [*options["ignore_patterns"], *NOT_FOR_VISITORS]
        settled = {"ignore_patterns": ignored, "add_location": "file", "no_obsolete": True, "no_wrap": True}
        super().handle(*args, **{**options, **settled})
