"""The languages of the public site: English, and each with a compiled catalogue under `locale/`."""

from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.text import capfirst

OWN = ("en-gb", "English")


def languages_with_a_catalogue(folder: Path) -> list[tuple[str, str]]:
    """Return codes and native names, in the form of LANGUAGES.

    `bin/catalogues` compiles the .mo files. Without one, a page would claim to be in Polish and be in English.
    """
    places = sorted(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/django.mo"))
    codes = [place.replace("_", "-").lower() for place in places]
    return [OWN, *((code, capfirst(LANG_INFO.get(code, {}).get("name_local", code))) for code in codes)]
