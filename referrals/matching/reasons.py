"""Why a service is suggested: sentences that name neither the person nor a secret place."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
        if not person.place:
            return str(UNKNOWN_PLACE)
        return _("We do not know where %(place)s lies: please check") % {"place": person.place}
    covers = _("Covers %(place)s") % {"place": person.place} if person.place else _("Covers where they live")
    if row.metres is None:
        return covers
    return _("%(covers)s, %(distance)s away") % {"covers": covers, "distance": miles_in_words(row.metres)}


def _needs_reason(row: RankedRow) -> str:
    needs = [(inside_sentence(name), _parts(row, key), int(key) in row.needs_met) for key, name in row.needs or ()]
    others = [name for name, _, is_met in needs if not is_met]
    met = [f"{name} ({parts})" if parts else name for name, parts, is_met in needs if is_met]
    match needs:
        case [(name, parts, True)]:
            words = _("Helps with %(parts)s, part of %(need)s") if parts else _("Helps with %(need)s")
            return words % {"parts": parts, "need": name}
        case _ if others:
            words = {"met": join_in_words(met), "others": join_in_words(others, "or")}
            return _("Meets %(met)s, not %(others)s") % words
        case _ if row.beneath:
            return _("Meets %(met)s") % {"met": join_in_words(met)}
        case [_, _]:
            return _("Meets both needs")
    number = len(met)
    return ngettext("Meets all %(number)s need", "Meets all %(number)s needs", number) % {
        "number": number_in_words(number)
    }


def _parts(row: RankedRow, need: str) -> str:
    """Name what the service does of a need that it is not listed at."""
    names = [inside_sentence(name) for key, name in row.beneath or () if key == need]
    more = _("%(number)s more") % {"number": len(names) - 2}
    return join_in_words(names if len(names) <= _MOST_PARTS else [*names[:2], more])


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
        people = _("people %(aged)s") % {"aged": years_in_words(row.age_from, row.age_to)}
        yield _for_whom(people, is_met=person.age is not None)


def _for_whom(whom: str, *, is_met: bool) -> str:
    return _("For %(whom)s") % {"whom": whom} if is_met else only_for(whom)


def room_reason(row: RankedRow) -> str:
    if not row.has_room:
        return str(FULL)
    if not row.live and row.capacity == 1:
        return _("Has room: its one place is free")
    places = {"capacity": row.capacity, "live": row.live}
    if not row.live:
        words = ngettext(
            "Has room: all %(capacity)s place is free", "Has room: all %(capacity)s places are free", row.capacity
        )
        return words % places
    return _("Has room: %(live)s of %(capacity)s places taken") % places


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
