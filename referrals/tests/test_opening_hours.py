from datetime import UTC, date, datetime, time, timedelta

import pytest

from referrals.hours import Opening, Timetable, WeeklyOpening, current_or_next, local_time, open_now_in_words, openings

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
at = datetime.fromisoformat
NOON = at("2026-05-13 12:00")  # a Wednesday


def words_of(hours, now, **others):
    return open_now_in_words(Timetable(tuple(hours), **others), now)


def weekly(weekday, opens, closes, valid_from=None, valid_to=None):
    return WeeklyOpening(weekday, time.fromisoformat(opens), time.fromisoformat(closes), valid_from, valid_to)


@pytest.mark.parametrize(
    ("hours", "now", "words"),
    [
        ([weekly(WEDNESDAY, "10:00", "17:00")], NOON, "Open today until 17:00"),
        ([weekly(WEDNESDAY, "13:00", "17:00")], NOON, "Opens today at 13:00"),
        ([weekly(THURSDAY, "10:00", "17:00")], NOON, "Opens tomorrow at 10:00"),
        ([weekly(SATURDAY, "10:00", "17:00")], NOON, "Opens Saturday at 10:00"),
        ([weekly(WEDNESDAY, "09:00", "11:00")], NOON, "Opens Wednesday next week at 09:00"),
        ([weekly(WEDNESDAY, "09:00", "12:00")], NOON, "Opens Wednesday next week at 09:00"),
        ([weekly(WEDNESDAY, "12:00", "12:30")], NOON, "Open today until 12:30"),
        ([weekly(WEDNESDAY, "09:00", "11:00"), weekly(WEDNESDAY, "14:00", "16:00")], NOON, "Opens today at 14:00"),
        ([weekly(WEDNESDAY, "09:00", "13:00"), weekly(WEDNESDAY, "13:00", "16:00")], NOON, "Open today until 16:00"),
    ],
)
def test_says_when_it_is_or_will_be_open(hours, now, words):
    assert words_of(hours, now) == words


@pytest.mark.parametrize(
    ("hours", "now", "words"),
    [
        ([weekly(WEDNESDAY, "09:00", "00:00")], NOON, "Open today until midnight"),
        ([weekly(WEDNESDAY, "09:00", "02:00")], NOON, "Open until 02:00 tomorrow"),
        ([weekly(TUESDAY, "22:00", "02:00")], at("2026-05-13 01:59"), "Open today until 02:00"),
        ([weekly(TUESDAY, "22:00", "02:00")], at("2026-05-13 02:00"), "Opens Tuesday at 22:00"),
        ([weekly(WEDNESDAY, "12:00", "12:00")], at("2026-05-14 11:59"), "Open today until 12:00"),
        ([weekly(day, "00:00", "00:00") for day in range(7)], NOON, "Open day and night"),
        ([weekly(day, "00:00", "00:00") for day in (WEDNESDAY, THURSDAY)], NOON, "Open until 00:00 Friday"),
    ],
)
def test_an_opening_that_closes_no_later_than_it_opens_ends_the_next_day(hours, now, words):
    assert words_of(hours, now) == words


def test_seasons_include_their_first_and_last_day():
    summer = [weekly(day, "10:00", "17:00", date(2026, 4, 1), date(2026, 9, 30)) for day in range(7)]
    assert words_of(summer, at("2026-03-31 12:00")) == "Opens tomorrow at 10:00"
    assert words_of(summer, at("2026-09-30 12:00")) == "Open today until 17:00"
    assert words_of(summer, at("2026-09-30 18:00")) == "Closed for the next seven days"
    assert words_of(summer, at("2026-03-20 12:00")) == "Closed for the next seven days"


def test_a_night_that_began_in_season_ends_after_it():
    nights = [weekly(WEDNESDAY, "22:00", "02:00", None, date(2026, 9, 30))]
    assert words_of(nights, at("2026-10-01 01:00")) == "Open today until 02:00"


def test_by_appointment_is_shown_alone_or_appended():
    assert words_of([], NOON, by_appointment=True) == "By appointment"
    assert words_of([weekly(THURSDAY, "10:00", "17:00")], NOON, by_appointment=True) == (
        "Opens tomorrow at 10:00, by appointment"
    )
    assert words_of([], NOON) == ""


def test_the_wall_clock_counts_when_the_clocks_change():
    sundays = [weekly(SUNDAY, "10:00", "17:00")]
    spring, autumn = datetime(2026, 3, 29, 9, 30, tzinfo=UTC), datetime(2026, 10, 25, 9, 30, tzinfo=UTC)
    assert words_of(sundays, local_time(spring)) == "Open today until 17:00"
    assert words_of(sundays, local_time(autumn)) == "Opens today at 10:00"


def test_the_next_opening_is_looked_for_within_seven_days():
    wednesdays = (weekly(WEDNESDAY, "12:00", "13:00"),)
    assert current_or_next(Timetable(wednesdays), NOON + timedelta(hours=1)) == Opening(
        NOON + timedelta(days=7), NOON + timedelta(days=7, hours=1)
    )
    assert current_or_next(Timetable(wednesdays), NOON + timedelta(hours=1), within=timedelta(days=6)) is None


def test_openings_lists_a_stretch_of_days_in_order_and_joins_what_meets():
    hours = (
        weekly(FRIDAY, "14:00", "16:00"),
        weekly(WEDNESDAY, "10:00", "12:00"),
        weekly(WEDNESDAY, "11:00", "15:00"),
        weekly(MONDAY, "10:00", "12:00"),
    )
    assert openings(Timetable(hours), date(2026, 5, 13), date(2026, 5, 17)) == [
        Opening(at("2026-05-13 10:00"), at("2026-05-13 15:00")),
        Opening(at("2026-05-15 14:00"), at("2026-05-15 16:00")),
    ]
