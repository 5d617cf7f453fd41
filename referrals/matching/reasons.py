"""Why a service is suggested: sentences that name neither the person nor a secret place."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.text import capfirst

from referrals.hours import ExceptionalDays, Timetable, WeeklyOpening, open_now_in_words
from referrals.matching.facts import PersonFacts
from referrals.matching.rank_sql import RankedRow
from referrals.matching.wording import (
    FULL,
    UNKNOWN_PLACE,
    group_name,
    groups_in_words,
    inside_sentence,
    miles_in_words,
    only_for,
    years_in_words,
)
from referrals.words import join_in_words, number_in_words

_MOST_PARTS = 3  # more are counted


def reasons_for(row: RankedRow, person: PersonFacts, now: datetime) -> Iterator[str]:
    """Yield place, needs, restrictions, room, opening hours and answers, in this order; `now` is local time."""
    yield _place_reason(row, person)
    yield _needs_reason(row)
    if row.option_ids:
        yield from _restriction_reasons(row, person)
    yield room_reason(row)
    if hours := _hours_reason(row, now):
        yield hours
    if answers := answers_reason(row):
        yield answers


def _place_reason(row: RankedRow, person: PersonFacts) -> str:
    if person.point is None:
        return f"We do not know where {person.place} lies: please check" if person.place else UNKNOWN_PLACE
    covers = f"Covers {person.place or 'where they live'}"
    return covers if row.metres is None else f"{covers}, {miles_in_words(row.metres)} away"


def _needs_reason(row: RankedRow) -> str:
    needs = [(inside_sentence(name), _parts(row, key), int(key) in row.needs_met) for key, name in row.needs or ()]
    others = [name for name, _, is_met in needs if not is_met]
    met = [f"{name} ({parts})" if parts else name for name, parts, is_met in needs if is_met]
    match needs:
        case [(name, parts, True)]:
            return f"Helps with {parts}, part of {name}" if parts else f"Helps with {name}"
        case _ if others:
            return f"Meets {join_in_words(met)}, not {join_in_words(others, 'or')}"
        case _ if row.beneath:
            return f"Meets {join_in_words(met)}"
        case [_, _]:
            return "Meets both needs"
    return f"Meets all {number_in_words(len(met))} needs"


def _parts(row: RankedRow, need: str) -> str:
    """Name what the service does of a need that it is not listed at."""
    names = [inside_sentence(name) for key, name in row.beneath or () if key == need]
    return join_in_words(names if len(names) <= _MOST_PARTS else [*names[:2], f"{len(names) - 2} more"])


def _restriction_reasons(row: RankedRow, person: PersonFacts) -> Iterator[str]:
    # Services with an unmet restriction are not ranked, so each one is either met or still to be checked.
    groups: dict[int, list[str]] = {}
    met: set[int] = set()
    answers = zip(row.demographic_ids, row.option_ids, row.option_names, row.option_plurals, strict=True)
    for demographic, option, name, plural in sorted(answer for answer in answers if answer[1] is not None):
        groups.setdefault(demographic, []).append(group_name(name, plural))
        if option in person.option_ids:
            met.add(demographic)
    for demographic, names in groups.items():
        yield _for_whom(groups_in_words(names), is_met=demographic in met)
    if row.age_from is not None or row.age_to is not None:
        yield _for_whom(f"people {years_in_words(row.age_from, row.age_to)}", is_met=person.age is not None)


def _for_whom(whom: str, *, is_met: bool) -> str:
    return f"For {whom}" if is_met else only_for(whom)


def room_reason(row: RankedRow) -> str:
    if not row.has_room:
        return FULL
    if not row.live and row.capacity == 1:
        return "Has room: its one place is free"
    if not row.live:
        return f"Has room: all {row.capacity} places are free"
    return f"Has room: {row.live} of {row.capacity} places taken"


def answers_reason(row: RankedRow) -> str:
    return capfirst(row.answers.in_words) if row.answers.are_enough else ""


def _hours_reason(row: RankedRow, now: datetime) -> str:
    # The row leaves out past exceptions, which make no difference from now on.
    weekly = (row.weekdays, row.opens, row.closes, row.valid_from, row.valid_to)
    exceptions = (row.first_days, row.last_days, row.exceptional_opens, row.exceptional_closes, row.notes)
    timetable = Timetable(
        weekly=tuple(map(WeeklyOpening, *weekly)) if row.weekdays else (),
        exceptions=tuple(map(ExceptionalDays, *exceptions)) if row.first_days else (),
        bank_holidays_of=row.bank_holidays_of,
        by_appointment=row.by_appointment,
    )
    return open_now_in_words(timetable, now)
