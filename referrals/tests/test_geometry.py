"""What is measured of pages: each fault is seen, and what only looks like one is not."""

import pytest

from referrals.tests.geometry import CLIPPED_OR_OVERLAPPING, COVERED_WITH_FOCUS

pytestmark = pytest.mark.browser

FAULTS = {
    "cut off on the right": (
        "clipped",
        '<p style="width: 4em; overflow: hidden; white-space: nowrap">Words words',
    ),
    "cut off below": ("clipped", '<div style="height: 1em; overflow: clip"><p>Words</p><p>more</p></div>'),
    "dots": ("clipped", '<p style="width: 4em; overflow: hidden; text-overflow: ellipsis">Wordswordswords'),
    "a choice": ("clipped", '<select style="width: 5em"><option>Words words words words</select>'),
    "a placeholder": ("clipped", '<input style="width: 5em" placeholder="Words words words words">'),
    "words over words": ("overlapping", '<p>Words<p style="margin-top: -1.8em">Others'),
    "words over a box": ("overlapping", '<div>Words</div><input style="display: block; margin-top: -1.2em">'),
    "under a bar": (
        "under",
        '<div style="position: fixed; inset: 0 0 auto; height: 90px">Bar</div><a href="#a">A</a>',
    ),
}
NO_FAULTS = {
    "words that can be scrolled to": '<pre style="width: 4em; overflow: auto">Words words words</pre>',
    "words for readers alone": '<p style="position: absolute; width: 1px; height: 1px; overflow: hidden">Words words',
    "words close to others": '<p style="line-height: 1; margin: 0">Words<p style="line-height: 1; margin: 0">Others',
    "folded words": "<details><summary>Words</summary><p>More words</details><p>Others",
    "a label of its box": '<label>Words <input style="opacity: 0"></label>',
    "a bar that leaves room": (
        "<style>html { scroll-padding-bottom: 90px }</style><p style='height: 1000px'>Words<p><a href='#a'>A</a>"
        "<div style='position: sticky; bottom: 0; height: 80px; background: white'>Bar</div>"
    ),
}


def measure(page, body: str) -> list[str]:
    page.set_content(f"<!doctype html><body>{body}")
    return page.evaluate(CLIPPED_OR_OVERLAPPING) + page.evaluate(COVERED_WITH_FOCUS)


def test_each_fault_is_seen(new_context):
    page = new_context(viewport={"width": 390, "height": 400}).new_page()
    for name, (words, body) in FAULTS.items():
        (found,) = measure(page, body)
        assert found.startswith(words), name


def test_what_only_looks_like_one_is_none(new_context):
    page = new_context(viewport={"width": 390, "height": 400}).new_page()
    for name, body in NO_FAULTS.items():
        assert measure(page, body) == [], name
