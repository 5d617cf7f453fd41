"""`manage.py makemessages`, for the words that visitors of the public site read and no others.

The back office and the CMS are in English only, though some of their words are marked for translation: with them, a
catalogue would ask translators for hundreds of sentences that nobody would ever see translated.
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
    "templates/directory_site/cms",
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
        """Leave out line numbers, guesses and obsolete entries: a catalogue's diff then shows changed words only."""
        ignored = [*options["ignore_patterns"], *NOT_FOR_VISITORS]
        fixed = {"ignore_patterns": ignored, "add_location": "file", "no_obsolete": True, "no_wrap": True}
        super().handle(*args, **{**options, **fixed})
