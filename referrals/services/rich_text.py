"""Descriptions of services: a small, safe subset of Markdown.

Paragraphs, line breaks, emphasis, lists and links. HTML is shown as typed, pictures become text, and a heading becomes
a bold line, because only the page knows its level.
"""

import re
from collections.abc import Iterator

from django.utils.html import linebreaks
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST = 20_000  # characters; a longer text is no description, and is shown without markup

_LINK = re.compile(r"(https?://|mailto:|tel:)\S", re.IGNORECASE)
_LINK_ATTRIBUTES = {"rel": "nofollow noopener ugc"}  # written by organisations, not checked by us


def as_html(text: str) -> SafeString:
    if len(text) > LONGEST:
        return SafeString(linebreaks(text, autoescape=True))
    return SafeString(_MARKDOWN.render(text))


def as_plain(text: str) -> str:
    """Return the words alone, one line for each paragraph and item, for messages, tables and search."""
    if len(text) > LONGEST:
        return text
    lines = ("".join(_pieces(block.children or [])).strip() for block in _MARKDOWN.parse(text))
    return "\n".join(filter(None, lines))


def _pieces(inline: list[Token]) -> Iterator[str]:
    for token in inline:
        yield " " if token.type in ("softbreak", "hardbreak") else token.content


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("zero", {"html": False, "breaks": True})
    markdown.enable(["list", "heading", "newline", "escape", "entity", "emphasis", "link", "autolink"])
    markdown.enable(["balance_pairs", "fragments_join"])
    markdown.validateLink = lambda address: bool(_LINK.match(address))
    markdown.add_render_rule("heading_open", lambda *args: "<p><strong>")
    markdown.add_render_rule("heading_close", lambda *args: "</strong></p>\n")
    markdown.add_render_rule("link_open", _link_open)
    return markdown


def _link_open(renderer, tokens: list[Token], index: int, options, env) -> str:
    tokens[index].attrs.update(_LINK_ATTRIBUTES)
    return renderer.renderToken(tokens, index, options, env)


_MARKDOWN = _markdown()
