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


def drop_empty_catalogues() -> None:
    """Forget the English catalogues without a message that libraries bring along.

    gettext asks each of them for every text that is English already: 7 of them were a tenth of the time of a page.
    """
    from django.utils.translation import trans_real  # reads the settings, which this module is imported by

    catalogue = trans_real.translation(OWN[0])
    while following := catalogue._fallback:
        if len(following._catalog) <= 1:  # its header alone
            catalogue._fallback = following._fallback
        else:
            catalogue = following
