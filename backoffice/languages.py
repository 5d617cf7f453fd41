"""Which languages the public site speaks: our own, and whatever has a finished catalogue under `locale/`."""

from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.text import capfirst

OWN = ("en-gb", "English")


def languages_with_a_catalogue(folder: Path) -> list[tuple[str, str]]:
    """Return codes, and names as those who speak it write them, as LANGUAGES has them.

    `bin/catalogues` makes the .mo files that count here: without one a page would call itself Polish and be English.
    """
    places = sorted(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/django.mo"))
    codes = [place.replace("_", "-").lower() for place in places]
    return [OWN, *((code, capfirst(LANG_INFO.get(code, {}).get("name_local", code))) for code in codes)]
