"""Reads the pages, settings and search words of a new site from the files in this folder."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    return tomllib.loads((FOLDER / "pages" / f"{name}.toml").read_text())


def read_settings() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "site.toml").read_text())


def read_synonyms() -> list[str]:
    """Return groups of words, with commas between them."""
    return [line for line in (FOLDER / "synonyms.txt").read_text().splitlines() if line.strip()]


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
