"""The picture of a flow: columns by the longest path to a question, and a line for each answer that leads on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from referrals.questions import Box
from referrals.questions.paths import list_first, order_by_targets

BOX_WIDTH, BOX_HEIGHT = 164, 46
GAP = 92  # between columns, for the words of an answer
ROW = 54
MARGIN = 8
LETTERS, LINES = 26, 2  # of a question
ANSWER_LETTERS = 15


@dataclass(frozen=True, slots=True)
class DrawnBox:
    key: int
    x: int
    y: int
    lines: tuple[tuple[int, str], ...]  # the height of each, and its words
    note: str
    title: str
    is_active: bool
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """`path`: a curve from a question to the one that an answer leads to; `label`: the words beside its end."""

    path: str
    label: str
    label_x: int
    label_y: int
    title: str


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: list[DrawnBox]
    lines: list[DrawnLine]
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


def draw_flow(boxes: Sequence[Box]) -> Drawing:
    """Expects no loops, which the database refuses."""
    by_key = {box.id: box for box in boxes}
    leads = {
        box.id: list(dict.fromkeys(key for choice in box.choices for key in choice.reveals if key in by_key))
        for box in boxes
    }
    columns, rows = _find_columns(leads), _find_rows(boxes, leads)
    places = {key: (MARGIN + columns[key] * (BOX_WIDTH + GAP), MARGIN + rows[key] * ROW) for key in by_key}
    return Drawing(
        width=2 * MARGIN + BOX_WIDTH + max(columns.values(), default=0) * (BOX_WIDTH + GAP),
        height=2 * MARGIN + BOX_HEIGHT + max(rows.values(), default=0) * ROW,
        boxes=[_draw_box(box, places[box.id]) for box in boxes],
        lines=list(_draw_lines(boxes, places)),
    )


def _find_columns(leads: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """The longest way to each question, so that every line goes to the right."""
    columns = dict.fromkeys(leads, 0)
    for key in reversed(list(order_by_targets(leads))):
        for target in leads[key]:
            columns[target] = max(columns[target], columns[key] + 1)
    return columns


def _find_rows(boxes: Sequence[Box], leads: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """A first question begins a row; the first that it leads to stands beside it, each other one on a row below."""
    rows: dict[int, int] = {}
    row = 0
    for start in [*list_first(boxes), *leads]:
        waiting = [(start, False)]
        while waiting:
            key, is_beside = waiting.pop()
            if key in rows:
                continue
            rows[key] = row - 1 if is_beside and row else row
            row = max(row, rows[key] + 1)
            new = [target for target in leads[key] if target not in rows]
            waiting += reversed([(target, place == 0) for place, target in enumerate(new)])
    return rows


def _draw_box(box: Box, place: tuple[int, int]) -> DrawnBox:
    x, y = place
    words = list(_break(box.text, LETTERS, LINES))
    needs = len(frozenset().union(*(choice.needs for choice in box.choices)))
    is_urgent = any(choice.is_urgent for choice in box.choices)
    notes = [
        f"adds {needs} need{'s' if needs > 1 else ''}" if needs else "",
        "urgent" if is_urgent else "",
        "" if box.is_active else "switched off",
    ]
    note = ", ".join(filter(None, notes))
    top = y + BOX_HEIGHT // 2 - 7 * (len(words) + bool(note)) + 11
    return DrawnBox(
        key=box.id,
        x=x,
        y=y,
        lines=tuple((top + 14 * number, line) for number, line in enumerate([*words, *([note] if note else [])])),
        note=note,
        title=box.text,
        is_active=box.is_active,
        is_urgent=is_urgent,
    )


def _break(text: str, letters: int, lines: int) -> Iterator[str]:
    """Yield lines of at most so many letters; what does not fit ends in an ellipsis."""
    rest = text.split()
    for number in range(lines):
        line = ""
        while rest and len(f"{line} {rest[0]}".strip()) <= letters:
            line = f"{line} {rest.pop(0)}".strip()
        if rest and (number == lines - 1 or not line):
            yield shorten(f"{line} {' '.join(rest)}".strip(), letters)
            return
        if line:
            yield line


def shorten(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def _draw_lines(boxes: Sequence[Box], places: Mapping[int, tuple[int, int]]) -> Iterator[DrawnLine]:
    answers: dict[int, dict[int, list[str]]] = {}
    for box in boxes:
        for choice in box.choices:
            for target in choice.reveals:
                if target in places:
                    answers.setdefault(target, {}).setdefault(box.id, []).append(choice.text)
    titles = {box.id: box.text for box in boxes}
    for target, sources in answers.items():
        x, y = places[target]
        end = y + BOX_HEIGHT // 2
        together = " / ".join(dict.fromkeys(text for texts in sources.values() for text in texts))
        for number, (source, texts) in enumerate(sources.items()):
            start_x, start_y = places[source][0] + BOX_WIDTH, places[source][1] + BOX_HEIGHT // 2
            yield DrawnLine(
                path=f"M{start_x} {start_y} C{start_x + 40} {start_y} {x - 70} {end} {x - 2} {end}",
                label="" if number else shorten(together, ANSWER_LETTERS),
                label_x=x - 6,
                label_y=end - 5,
                title=f"“{' / '.join(texts)}” of “{titles[source]}” leads to “{titles[target]}”",
            )
