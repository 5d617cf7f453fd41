"""Reads the pages, settings and search words of a new site from the files in this folder."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(__file__).parent
HOME = "home"
# Names of files, by which menus and articles link to these pages; in the order of the site.
PAGES = [
    HOME,
    "directory",
    "guidance",
    "no-food-today",
    "losing-your-home",
    "unsafe-at-home",
    "money-and-debt",
    "helping-a-neighbour",
    "after-a-referral",
    "about",
    "contact",
    "accessibility",
    "privacy",
]
_PAGE_LINK = re.compile(r'<a page="(?P<name>[\w-]+)">(?P<words>.*?)</a>', re.DOTALL)


def read_page(name: str) -> dict[str, Any]:
    return _read(FOLDER / "pages" / f"{name}.toml")


def read_settings() -> dict[str, Any]:
    return _read(FOLDER / "site.toml")


def languages_with_texts() -> list[str]:
    """Return the languages of the site, other than its own, in which these texts are here too."""
    return [code for code, _name in settings.LANGUAGES if (FOLDER / "pages" / code).is_dir()]


def read_translated_page(name: str, language: str) -> dict[str, Any]:
    return _read(FOLDER / "pages" / language / f"{name}.toml")


def read_translated_settings(language: str) -> dict[str, Any]:
    return _read(FOLDER / "pages" / language / "site.toml")


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_synonyms() -> list[str]:
    """Return groups of words, with commas between them."""
    return _read_lines("synonyms.txt")


def read_danger() -> dict[str, str]:
    """Return the words of each danger, with commas between them."""
    return dict(line.split(": ", 1) for line in _read_lines("danger.txt"))


def read_phrases() -> dict[str, str]:
    """Return the meaning of phrases; on both sides there are commas between several."""
    return dict(line.split(": ", 1) for line in _read_lines("phrases.txt"))


def _read_lines(name: str) -> list[str]:
    return [line for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def resolve_links(value: Any, find_key: Callable[[str], int | None]) -> Any:
    """Replace names of pages in a block's value by their keys. A link to a page that is missing becomes plain text."""
    if isinstance(value, str):
        return _PAGE_LINK.sub(lambda found: _link(find_key(found["name"]), found["words"]), value)
    if isinstance(value, list):
        return [resolve_links(item, find_key) for item in value]
    if isinstance(value, dict):
        return {
            key: find_key(item) if key == "page" and isinstance(item, str) else resolve_links(item, find_key)
            for key, item in value.items()
        }
    return value


def _link(key: int | None, words: str) -> str:
    return f'<a linktype="page" id="{key}">{words}</a>' if key else words
