"""What a new site starts with, as it is written down in the files beside this one."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
HOME = "home"
# Whatever stands in a menu or an article leads to pages by the names of their files. The order is that of the site.
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


def page_written(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / "pages" / f"{name}.toml").read_text())


def settings_written() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "site.toml").read_text())


def synonyms_written() -> list[str]:
    """Return groups of words, with commas between them."""
    return [line for line in (FOLDER / "synonyms.txt").read_text().splitlines() if line.strip()]


def with_links(value: Any, key_of: Callable[[str], int | None]) -> Any:
    """Return a block's value with the keys of pages for their names; where there is no such page, the words alone."""
    if isinstance(value, str):
        return _PAGE_LINK.sub(lambda found: _link(key_of(found["name"]), found["words"]), value)
    if isinstance(value, list):
        return [with_links(item, key_of) for item in value]
    if isinstance(value, dict):
        return {key: _linked(key, item, key_of) for key, item in value.items()}
    return value


def _linked(key: str, item: Any, key_of: Callable[[str], int | None]) -> Any:
    return key_of(item) if key == "page" and isinstance(item, str) else with_links(item, key_of)


def _link(key: int | None, words: str) -> str:
    return f'<a linktype="page" id="{key}">{words}</a>' if key else words
