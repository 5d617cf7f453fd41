"""What each table says, in a sentence. It is made from the figures as shown, so it reveals no more than they do."""

from collections.abc import Callable
from datetime import date

from referrals.network.figures import FigureTable, Row, is_known
from referrals.network.figures.rows import time_in_words
from referrals.words import join_in_words

NOTHING = "Nothing was counted in this period."
NOTHING_OR_FEW = "There were none, or too few to show, in this period."
TOO_FEW = "The numbers are too small to compare."
UNTIMED = "Too few were answered to say how long it took."


def caption_of(table: FigureTable, *, places: int, today: date) -> str:
    """`places` are those that the services have now. Only whole months are compared, so not the running one."""
    if table.slug == "load":
        return _of_load(table, places, today)
    if all(cell.is_nothing for row in table.rows for cell in row.cells):
        if table.total and not all(cell.is_nothing for cell in table.total.cells):
            return TOO_FEW
        return NOTHING_OR_FEW if table.is_protected else NOTHING
    if table.slug in _OVER_TIME:
        return _OVER_TIME[table.slug](table, today)
    return _SENTENCES[table.slug](table)


def _of_months(table: FigureTable, today: date) -> str:
    whole = _whole_rows(table, today)
    if len(whole) > 1:
        return f"Referrals {_change(whole, at=0)}."
    row, when = (whole[0], f" in {whole[0].label}") if whole else (table.total, "")
    return f"{row.cells[0]} {_referrals(row.cells[0].value)}{when}, {row.cells[1]} of them urgent."


def _of_load(table: FigureTable, places: int, today: date) -> str:
    whole = _whole_rows(table, today)
    now = f"Services taking people now have {places:,} place{'' if places == 1 else 's'}."
    if len(whole) > 1:
        return f"Open cases {_change(whole, at=0)}. {now}"
    row = whole[0] if whole else table.rows[-1]
    when = "now" if row.key == f"{today:%Y-%m}" else f"at the end of {row.label}"
    return f"Open cases {when}: {row.cells[0]}. {now}"


def _whole_rows(table: FigureTable, today: date) -> list[Row]:
    whole = table.period.whole_months(today)
    return [row for row in table.rows if row.key in whole]


def _change(rows: list[Row], *, at: int) -> str:
    first, last = rows[0], rows[-1]
    return change_in_words(first.cells[at].value, last.cells[at].value, first.label, last.label)


def change_in_words(before: float, after: float, first: str, last: str) -> str:
    if before == after:
        return f"were {after:,} in {last}, as many as in {first}"
    return f"{'rose' if after > before else 'fell'} from {before:,} in {first} to {after:,} in {last}"


def _of_needs_by_month(table: FigureTable, today: date) -> str:
    row = _largest(table.rows, at=-1)
    if not row.cells[-1].value:
        return TOO_FEW
    most = f"{row.label} is asked for most: {_out_of_all(table, row, at=-1)} referrals{_ties(table.rows, row, at=-1)}."
    whole = _whole_columns(table, today)
    if len(whole) < 2:
        return most
    (before, first), (after, last) = ((row.cells[at].value, table.columns[at]) for at in (whole[0], whole[-1]))
    return f"{most} Referrals for it {change_in_words(before, after, first, last)}."


def _of_open_by_organisation(table: FigureTable, today: date) -> str:
    at = (_whole_columns(table, today) or [len(table.keys) - 1])[-1]
    when = "now" if table.keys[at] == f"{today:%Y-%m}" else f"at the end of {table.columns[at]}"
    row = _largest(table.rows, at=at)
    if not row.cells[at].value:
        return f"No cases were open {when}."
    return f"Most open cases {when}: {row.cells[at]}, of {row.label}{_ties(table.rows, row, at=at)}."


def _whole_columns(table: FigureTable, today: date) -> list[int]:
    whole = table.period.whole_months(today)
    return [number for number, key in enumerate(table.keys) if key in whole]


def _of_needs(table: FigureTable) -> str:
    rows = _tops(table)
    row = _largest(rows)
    if not row.cells[0].value:
        return TOO_FEW
    return f"{row.label} is asked for most: {_out_of_all(table, row)} referrals{_ties(rows, row)}."


def _most_from(table: FigureTable) -> str:
    rows = [row for row in table.rows if is_known(row.key)] or table.rows
    row = _largest(rows)
    return f"Most come from {_as_place(row)}: {_out_of_all(table, row)}{_ties(rows, row)}."


def _through(table: FigureTable) -> str:
    row = _largest(table.rows)
    return f"Most came through “{row.label}”: {_out_of_all(table, row)}{_ties(table.rows, row)}."


def _by_district_and_need(table: FigureTable) -> str:
    return _of_largest_cell(table, "Most from one district: {cell} from {place}, for {column}.")


def _by_district_and_month(table: FigureTable) -> str:
    return _of_largest_cell(table, "Most from one district in a month: {cell} from {place} in {column}.")


def _of_statuses(table: FigureTable) -> str:
    parts = [f"{row.cells[-1]} “{row.label}”" for row in table.rows if row.cells[-1].value]
    return f"Of {table.total.cells[-1]} referrals, {', '.join(parts)}." if parts else TOO_FEW


def _of_times(table: FigureTable) -> str:
    median, most = table.total.cells[0], table.total.cells[1]
    if median.value is None:
        return UNTIMED
    within = f"Half were answered within {_time(median.value)}"
    return f"{within}, 9 of 10 within {_time(most.value)}." if most.value is not None else f"{within}."


def _of_times_by_need(table: FigureTable) -> str:
    timed = [row for row in table.rows if row.cells[0].value is not None]
    if not timed:
        return UNTIMED
    slowest = max(timed, key=lambda row: row.cells[0].value)
    return (
        f"Referrals for {slowest.label} wait longest for an answer: half have one within "
        f"{_time(slowest.cells[0].value)}."
    )


def _of_rejections(table: FigureTable) -> str:
    row = _largest(table.rows)
    of = f"{_out_of_all(table, row)} rejected referrals"
    return f"The most frequent reason is “{row.label}”: {of}{_ties(table.rows, row)}."


def _of_rejections_by_need(table: FigureTable) -> str:
    return _of_largest_cell(table, "The most frequent reason for one need is “{row}”, for {column}: {cell}.")


def _of_unmet(table: FigureTable) -> str:
    rows = _tops(table)
    for at, said in ((0, "No organisation suited or was left to ask"), (1, "Cases were closed as not supported")):
        row = _largest(rows, at=at)
        if row.cells[at].value:
            number = f"{row.cells[at]} {_referrals(row.cells[at].value)}"
            return f"{said}, most often for {_as_place(row)}: {number}{_ties(rows, row, at=at)}."
    return TOO_FEW


def _of_organisations(table: FigureTable) -> str:
    row = _largest(table.rows)
    asked, accepted = row.cells[0], row.cells[1]
    return f"{row.label} was asked most: {asked} {_referrals(asked.value)}, and accepted {accepted}."


def _of_senders(table: FigureTable) -> str:
    named = [row for row in table.rows if is_known(row.key)]
    if not named:
        return "Nobody wrote which organisation they were referring for."
    row = _largest(named)
    return f"“{row.label}” referred most: {_out_of_all(table, row)}{_ties(named, row)}."


_OVER_TIME: dict[str, Callable[[FigureTable, date], str]] = {
    "months": _of_months,
    "needs-by-month": _of_needs_by_month,
    "load-by-organisation": _of_open_by_organisation,
}
_SENTENCES: dict[str, Callable[[FigureTable], str]] = {
    "times": _of_times,
    "times-by-need": _of_times_by_need,
    "needs": _of_needs,
    "needs-by-district": _by_district_and_need,
    "districts": _most_from,
    "districts-by-month": _by_district_and_month,
    "wards": _most_from,
    "sources": _through,
    "statuses": _of_statuses,
    "rejections": _of_rejections,
    "rejections-by-need": _of_rejections_by_need,
    "unmet": _of_unmet,
    "unmet-by-district": _of_unmet,
    "organisations": _of_organisations,
    "source-organisations": _of_senders,
}


def _largest(rows: list[Row], *, at: int = 0) -> Row:
    return max(rows, key=lambda row: row.cells[at].value or 0)


def _ties(rows: list[Row], largest: Row, *, at: int = 0) -> str:
    """Return ", as many as Housing" of rows that share the largest figure: after rounding, the first is no winner."""
    equal = [row.label for row in rows if row is not largest and row.cells[at].value == largest.cells[at].value]
    if len(equal) > 2:
        return f", as many as each of {len(equal)} others"
    return f", as many as {join_in_words(equal)}" if equal else ""


def _out_of_all(table: FigureTable, row: Row, *, at: int = 0) -> str:
    """Return "5 of 20"; "5" alone where protection made a part larger than its total."""
    part, whole = row.cells[at], table.total.cells[at]
    return f"{part} of {whole}" if part.value <= whole.value else str(part)


def _of_largest_cell(table: FigureTable, sentence: str) -> str:
    """Fill the sentence with the largest figure of a table with two dimensions, and say what it is of."""
    cells = [(row.cells[at], row, table.columns[at]) for row in table.rows for at in range(len(table.keys))]
    cell, row, column = max(cells, key=lambda found: found[0].value or 0, default=(None, None, ""))
    if not cell or not cell.value:
        return TOO_FEW
    return sentence.format(cell=cell, row=row.label, place=_as_place(row), column=column)


def _tops(table: FigureTable) -> list[Row]:
    """Return the needs at the top of the tree; of other rows, all."""
    return [row for row in table.rows if not row.depth]


def _as_place(row: Row) -> str:
    return row.label if is_known(row.key) else "a district that is not known"


def _time(seconds: float) -> str:
    return time_in_words(seconds).removeprefix("under ")


def _referrals(number: float) -> str:
    return "referral" if number == 1 else "referrals"
