"""What each table says, in a sentence. It is said of figures as they are shown, so nobody is told more than those."""

from collections.abc import Callable
from datetime import date

from referrals.network.figures import Cell, FigureTable, Row, is_known
from referrals.network.figures.rows import time_in_words
from referrals.words import join_in_words

NOTHING = "Nothing was counted in this time."
TOO_FEW = "Too few were counted to tell them apart."


def caption_of(table: FigureTable, *, places: int, today: date) -> str:
    """`places` are those that the services have now. The running month is compared with nothing."""
    if table.slug == "load":
        return _of_load(table, places, today)
    if all(cell.is_nothing for row in table.rows for cell in row.cells):
        is_all_nothing = table.total is None or all(cell.is_nothing for cell in table.total.cells)
        return NOTHING if is_all_nothing else TOO_FEW
    return _SENTENCES[table.slug](table) if table.slug in _SENTENCES else _of_months(table, today)


def whole_months(table: FigureTable, today: date) -> list[Row]:
    """Return the rows of months that are over, or the only one there is."""
    running = f"{today:%Y-%m}"
    return [row for row in table.rows if row.key < running] or table.rows[-1:]


def _of_months(table: FigureTable, today: date) -> str:
    rows = whole_months(table, today)
    if len(rows) == 1:
        sent, urgent = rows[0].cells[0], rows[0].cells[1]
        return f"{sent} {_referrals(sent.value)} in {rows[0].label}, {urgent} of them urgent."
    return (
        f"Referrals {change_in_words(rows[0].cells[0].value, rows[-1].cells[0].value, rows[0].label, rows[-1].label)}."
    )


def change_in_words(before: float, after: float, first: str, last: str) -> str:
    if before == after:
        return f"were {after:,} in {last}, as many as in {first}"
    return f"{'rose' if after > before else 'fell'} from {before:,} in {first} to {after:,} in {last}"


def _of_load(table: FigureTable, places: int, today: date) -> str:
    rows = whole_months(table, today)
    end = rows[-1].cells[0]
    now = f"Services that take people now have {places:,} places."
    if len(rows) == 1:
        return f"{end} cases were open at the end of {rows[0].label}. {now}"
    change = change_in_words(rows[0].cells[0].value or 0, end.value or 0, rows[0].label, rows[-1].label)
    return f"Open cases {change}. {now}"


def _of_needs(table: FigureTable) -> str:
    rows = [row for row in table.rows if not row.depth] or table.rows
    row = _largest(rows)
    return f"{row.label} is asked for most: {row.cells[0]} of {table.total.cells[0]} referrals{_ties(rows, row)}."


def _of_needs_by_month(table: FigureTable) -> str:
    row = _largest(table.rows, at=-1)
    months = [month for month in table.columns if month != "All"]
    if len(months) < 2:
        ties = _ties(table.rows, row, at=-1)
        return f"{row.label} is asked for most: {row.cells[-1]} of {table.total.cells[-1]} referrals{ties}."
    change = change_in_words(row.cells[0].value, row.cells[len(months) - 1].value, months[0], months[-1])
    return f"Of {row.label}, which is asked for most, referrals {change}."


def _most_from(table: FigureTable) -> str:
    rows = [row for row in table.rows if is_known(row.key)] or table.rows
    row = _largest(rows)
    return f"Most come from {_as_place(row)}: {row.cells[0]} of {table.total.cells[0]}{_ties(rows, row)}."


def _through(table: FigureTable) -> str:
    row = _largest(table.rows)
    return f"Most came through “{row.label}”: {row.cells[0]} of {table.total.cells[0]}{_ties(table.rows, row)}."


def _across(table: FigureTable) -> str:
    row, cell, column = _peak(table)
    return f"Most from one district: {cell} from {_as_place(row)}, for {column}." if column else TOO_FEW


def _by_district_and_month(table: FigureTable) -> str:
    row, cell, column = _peak(table)
    return f"Most from one district in a month: {cell} from {_as_place(row)} in {column}." if column else TOO_FEW


def _of_statuses(table: FigureTable) -> str:
    parts = [f"{row.cells[-1]} “{row.label}”" for row in table.rows if row.cells[-1].value]
    return f"Of {table.total.cells[-1]} referrals, {', '.join(parts)}."


def _of_times(table: FigureTable) -> str:
    half, most = table.total.cells[0], table.total.cells[1]
    if half.value is None:
        return "Too few were answered to say how long it took."
    within = f"Half were answered within {_time(half.value)}"
    return f"{within}, 9 of 10 within {_time(most.value)}." if most.value is not None else f"{within}."


def _of_times_by_need(table: FigureTable) -> str:
    timed = [row for row in table.rows if row.cells[0].value is not None]
    if not timed:
        return "Too few were answered to say how long it took."
    slowest = max(timed, key=lambda row: row.cells[0].value)
    half = _time(slowest.cells[0].value)
    return f"Referrals for {slowest.label} wait longest for an answer: half have one within {half}."


def _of_rejections(table: FigureTable) -> str:
    row = _largest(table.rows)
    of = f"{row.cells[0]} of {table.total.cells[0]} rejected referrals"
    return f"The most frequent reason is “{row.label}”: {of}{_ties(table.rows, row)}."


def _of_rejections_by_need(table: FigureTable) -> str:
    row, cell, column = _peak(table)
    return f"“{row.label}” is said most often of {column}: {cell} referrals." if column else TOO_FEW


def _of_unmet(table: FigureTable) -> str:
    rows = [row for row in table.rows if not row.depth] or table.rows
    row = _largest(rows)
    if not row.cells[0].value:
        row = max(table.rows, key=lambda row: row.cells[1].value or 0)
        return f"Most were closed as not supported for {_as_place(row)}: {row.cells[1]} referrals."
    return (
        f"Nobody suited or was left to ask most often for {_as_place(row)}: {row.cells[0]} referrals{_ties(rows, row)}."
    )


def _of_organisations(table: FigureTable) -> str:
    row = _largest(table.rows)
    return f"{row.label} was asked most: {row.cells[0]} referrals, of which it accepted {row.cells[1]}."


def _of_open_by_organisation(table: FigureTable) -> str:
    row = _largest(table.rows, at=-1)
    ties = _ties(table.rows, row, at=-1)
    return f"{row.label} had the most open cases at the end of {table.columns[-1]}: {row.cells[-1]}{ties}."


def _of_senders(table: FigureTable) -> str:
    named = [row for row in table.rows if is_known(row.key)]
    if not named:
        return "Nobody wrote for which organisation they were referring."
    row = _largest(named)
    return f"“{row.label}” referred most: {row.cells[0]} of {table.total.cells[0]}{_ties(named, row)}."


_SENTENCES: dict[str, Callable[[FigureTable], str]] = {
    "times": _of_times,
    "times-by-need": _of_times_by_need,
    "needs": _of_needs,
    "needs-by-month": _of_needs_by_month,
    "needs-by-district": _across,
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
    "load-by-organisation": _of_open_by_organisation,
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


def _peak(table: FigureTable) -> tuple[Row, Cell, str]:
    """Return the largest figure of a table with two dimensions, with its row and its column; "" if all are 0."""
    columns = [column for column in table.columns if column != "All"]
    cells = [(row, cell, column) for row in table.rows for cell, column in zip(row.cells, columns, strict=False)]
    filled = [found for found in cells if found[1].value]
    return max(filled, key=lambda found: found[1].value, default=(table.rows[0], table.rows[0].cells[0], ""))


def _as_place(row: Row) -> str:
    return row.label if is_known(row.key) else "a district that is not known"


def _time(seconds: float) -> str:
    words = time_in_words(seconds)
    return words.removeprefix("under ")


def _referrals(number: float) -> str:
    return "referral" if number == 1 else "referrals"
