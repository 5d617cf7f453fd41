"""The coming days, one by one, and those that depart from the usual."""

from datetime import date, time

from referrals.hours import (
    ExceptionalDays,
    Timetable,
    WeeklyOpening,
    coming_days,
    unusual_days,
    usual_week_in_words,
    week_in_words,
)
from referrals.hours.bank_holidays import bank_holiday_name

TUESDAY = date(2026, 11, 24)
CHRISTMAS_EVE = date(2026, 12, 24)  # a Thursday
TUESDAYS = WeeklyOpening(1, time(10), time(13))
EVERY_DAY = tuple(WeeklyOpening(day, time(9), time(17)) for day in range(7))


class TestComingDays:
    def test_seven_days_beginning_today(self):
        days = coming_days(Timetable(weekly=(TUESDAYS,)), TUESDAY)
        assert [(one.name, one.day.day, one.hours) for one in days] == [
            ("Tuesday", 24, "10:00 to 13:00"),
            ("Wednesday", 25, ""),
            ("Thursday", 26, ""),
            ("Friday", 27, ""),
            ("Saturday", 28, ""),
            ("Sunday", 29, ""),
            ("Monday", 30, ""),
        ]

    def test_several_openings_and_those_past_midnight_are_shown_whole(self):
        openings = (TUESDAYS, WeeklyOpening(1, time(20), time(2)), WeeklyOpening(2, time(), time()))
        days = coming_days(Timetable(weekly=openings), TUESDAY, count=2)
        assert [one.hours for one in days] == ["10:00 to 13:00 and 20:00 to 02:00 the next day", "all day"]

    def test_a_season_that_has_not_begun_opens_nothing(self):
        winter = TUESDAYS._replace(valid_from=date(2026, 12, 1))
        assert coming_days(Timetable(weekly=(winter,)), TUESDAY)[0].hours == ""

    def test_exceptions_and_bank_holidays_say_why(self):
        fair = ExceptionalDays(date(2026, 12, 27), date(2026, 12, 27), time(14), time(16), " Winter  fair ")
        timetable = Timetable(weekly=EVERY_DAY, exceptions=(fair,), bank_holidays_of="ENG")
        days = coming_days(timetable, CHRISTMAS_EVE, count=5)
        assert [(one.hours, one.note) for one in days] == [
            ("09:00 to 17:00", ""),
            ("", "Christmas Day"),
            ("", "Boxing Day"),
            ("14:00 to 16:00", "Winter fair"),
            ("", "Boxing Day (substitute day)"),
        ]

    def test_a_bank_holiday_on_which_it_is_never_open_is_just_closed(self):
        (day,) = coming_days(Timetable(weekly=(TUESDAYS,), bank_holidays_of="ENG"), date(2026, 12, 25), count=1)
        assert (day.hours, day.note) == ("", "")

    def test_without_any_hours_there_is_no_table(self):
        assert coming_days(Timetable(by_appointment=True), TUESDAY) == []
        later = ExceptionalDays(date(2027, 5, 1), date(2027, 5, 1), time(10), time(12))
        assert coming_days(Timetable(exceptions=(later,)), TUESDAY) == []
        today = ExceptionalDays(TUESDAY, TUESDAY, time(10), time(12))
        assert coming_days(Timetable(exceptions=(today,)), TUESDAY)[0].hours == "10:00 to 12:00"


class TestAhead:
    def test_in_order_with_the_day_of_the_week(self):
        closed = ExceptionalDays(date(2026, 12, 29), date(2027, 1, 1), note="Stocktaking")
        timetable = Timetable(weekly=EVERY_DAY, exceptions=(closed,), bank_holidays_of="ENG")
        assert [(one.days, one.words) for one in unusual_days(timetable, TUESDAY)] == [
            ("Friday 25 December", "closed (Christmas Day)"),
            ("Saturday 26 December", "closed (Boxing Day)"),
            ("Monday 28 December", "closed (Boxing Day (substitute day))"),
            ("Tuesday 29 December to Friday 1 January 2027", "closed (Stocktaking)"),
        ]

    def test_a_current_exception_starts_today_and_a_past_one_is_left_out(self):
        over = ExceptionalDays(date(2026, 11, 1), date(2026, 11, 23))
        begun = ExceptionalDays(date(2026, 11, 20), date(2026, 11, 25), note="Holiday")
        assert [one.days for one in unusual_days(Timetable(exceptions=(over, begun)), TUESDAY)] == [
            "Tuesday 24 November and Wednesday 25 November"
        ]

    def test_exceptions_are_listed_at_any_distance_and_bank_holidays_only_soon(self):
        far = ExceptionalDays(date(2027, 8, 1), date(2027, 8, 31), note="Summer")
        timetable = Timetable(weekly=(TUESDAYS,), exceptions=(far,), bank_holidays_of="ENG")
        assert [one.days for one in unusual_days(timetable, date(2026, 2, 1))] == [
            "Sunday 1 August 2027 to Tuesday 31 August 2027"
        ]

    def test_a_service_open_on_bank_holidays_lists_none(self):
        assert unusual_days(Timetable(weekly=EVERY_DAY), TUESDAY) == []

    def test_a_service_by_appointment_lists_bank_holidays(self):
        timetable = Timetable(by_appointment=True, bank_holidays_of="SCT")
        assert unusual_days(timetable, TUESDAY)[0].words == "closed (Saint Andrew's Day)"


def test_the_usual_week_leaves_out_single_days():
    closed = ExceptionalDays(date(2026, 12, 24), date(2026, 12, 31))
    timetable = Timetable(weekly=(TUESDAYS,), exceptions=(closed,), bank_holidays_of="ENG", by_appointment=True)
    usual = usual_week_in_words(timetable, TUESDAY)
    assert usual == ["Tuesday 10:00 to 13:00", "Closed on bank holidays", "By appointment"]
    assert week_in_words(timetable, TUESDAY) == [*usual[:2], "24 to 31 December 2026: closed", usual[2]]


def test_bank_holidays_have_names():
    assert bank_holiday_name(date(2026, 12, 28), "ENG") == "Boxing Day (substitute day)"
    assert bank_holiday_name(date(2026, 11, 30), "SCT") == "Saint Andrew's Day"
    assert bank_holiday_name(date(2026, 11, 30), "ENG") == ""
