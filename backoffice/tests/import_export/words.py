"""Words that strain a table: signs of formulas, quotes, ends of lines, letters of any kind."""

from hypothesis import strategies as st

from referrals.import_export.formulas import without_controls
from referrals.user_input.text import without_unseen

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\x00\ufffd"), max_size=60)
TELLING = st.one_of(TEXT, st.text(alphabet="='+-@ \t\r\n\"',;x", max_size=12))


def kept(text: str) -> str:
    """What a form keeps of it: trimmed, one kind of line end, nothing unseen or that no workbook can hold."""
    return without_unseen(without_controls(text.replace("\r\n", "\n")).replace("\r", "\n")).strip()
