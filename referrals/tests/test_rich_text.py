"""Descriptions: what is taken of Markdown, and what hostile text becomes."""

import time
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.services.rich_text import LONGEST, as_html, as_plain

TAKEN = {"p", "br", "em", "strong", "ul", "ol", "li", "a"}


class Seen(HTMLParser):
    """What a browser would find in a page: tags, attributes and words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.addresses, self.words = set(), set(), [], ""
        self.feed(as_html(text))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.words += data


def test_paragraphs_lists_emphasis_and_links_are_taken():
    text = "Bring *nothing*.\nJust **come**.\n\n- soup\n- [menu](https://s.example/?a=1&b=2)\n\n1. first\n2. second"
    assert as_html(text) == (
        "<p>Bring <em>nothing</em>.<br>\nJust <strong>come</strong>.</p>\n"
        '<ul>\n<li>soup</li>\n<li><a href="https://s.example/?a=1&amp;b=2" rel="nofollow noopener ugc">menu</a></li>\n'
        "</ul>\n<ol>\n<li>first</li>\n<li>second</li>\n</ol>\n"
    )
    assert as_plain(text) == "Bring nothing. Just come.\nsoup\nmenu\nfirst\nsecond"


def test_a_heading_is_a_line_in_bold():
    assert as_html("## What we do\nWe cook.") == "<p><strong>What we do</strong></p>\n<p>We cook.</p>\n"


def test_empty_text_gives_empty_html():
    assert as_html("") == ""
    assert as_plain("") == ""


@pytest.mark.parametrize(
    "address",
    ["https://a.example", "http://a.example/b", "mailto:a@b.example", "tel:02079460000", "HTTPS://a.example"],
)
def test_links_lead_to_pages_mail_and_telephones(address):
    seen = Seen(f"[here]({address})")
    assert [found.lower() for found in seen.addresses] == [address.lower()]
    assert seen.words.strip() == "here"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "<javascript:alert(1)>",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "/backoffice/logout/",
        "//elsewhere.example",
        "\\\\elsewhere.example",
        "#part",
        "?a=1",
        "http:",
    ],
)
def test_other_links_are_removed(address):
    assert Seen(f"[here]({address})").addresses == []
    assert Seen(f"[here][1]\n\n[1]: {address}").addresses == []
    assert Seen(f"<{address}>").addresses == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![shown](https://elsewhere.example/track.png)",
        '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
        "<style>body{display:none}</style>",
        "&lt;b&gt;",
        "<!-- --><b>",
        "```html\n<b>\n```",
        "<a href='javascript:alert(1)'>x</a>",
    ],
)
def test_html_and_pictures_become_text(text):
    seen = Seen(text)
    assert seen.tags <= TAKEN
    assert seen.attributes <= {"href", "rel", "title"}


@given(st.text(st.sampled_from("ab \n\t<>[]()!*_`#-1.\\&;:/\"'=jx"), max_size=200))
def test_any_input_gives_only_allowed_markup(text):
    seen = Seen(text)
    assert seen.tags <= TAKEN
    assert seen.attributes <= {"href", "rel", "title", "start"}
    assert all(urlsplit(address).scheme in ("http", "https", "mailto", "tel") for address in seen.addresses)


@pytest.mark.parametrize("piece", ["[", "[a](", "![", "**", "*a_", "`", "<", "<http:", "&amp", "\\", "- ", "> ", "1. "])
@pytest.mark.parametrize("length", [LONGEST, 100_000])
def test_hostile_repetition_is_rendered_fast(piece, length):
    text = (piece * length)[:length]
    started = time.process_time()
    as_html(text)
    as_plain(text)
    assert time.process_time() - started < 5


def test_overlong_text_is_shown_without_markup():
    text = "<b>*a*\n" * LONGEST
    assert Seen(text).tags == {"p", "br"}
    assert "&lt;b&gt;*a*" in as_html(text)
    assert as_plain(text) == text
