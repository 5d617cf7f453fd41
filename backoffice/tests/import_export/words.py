"""Words that strain a table: signs of formulas, quotes, ends of lines, letters of any kind."""

import re

from hypothesis import strategies as st

BEGIN_GARBLED = "\u00c3\u00c2\u00e2\u00ef\u221a\u201a\u00ac"  # such pairs of letters a table refuses
NOT_TYPED = "\x00\ufffd" + BEGIN_GARBLED
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters=NOT_TYPED), max_size=60)
TELLING = st.one_of(TEXT, st.text(alphabet="='+-@ \t\r\n\"',;x", max_size=12))
# Written out once more, as the code that takes them out is what is tested.
NOT_IN_WORKBOOKS = {*range(32)} - {0x09, 0x0A, 0x0D}
UNSEEN = {0x200B, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070)}


def kept(text: str) -> str:
    """What a form keeps of it: trimmed, one kind of line end, nothing unseen or that no workbook can hold."""
    one_line_end = text.replace("\r\n", "\n").replace("\r", "\n")
    return one_line_end.translate(dict.fromkeys(NOT_IN_WORKBOOKS | UNSEEN)).strip()


def kept_on_one_line(text: str) -> str:
    """What it keeps where a text has one line, as a name has: a space for a tab, a line break and other controls."""
    return re.sub("[\t\n\x7f-\x9f\u2028\u2029]+", " ", kept(text)).strip()
