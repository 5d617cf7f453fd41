from datetime import date, time

import pytest

from referrals.hours import Timetable, week_in_words
from referrals.models import Service
from referrals.tests.factories import ServiceFactory
from referrals.tests.timetables import (
    ALL_DAYS,
    ALWAYS,
    CHRISTMAS,
    CHRISTMAS_BREAK,
    FRIDAY,
    MONDAY,
    OFFICE,
    SATURDAY,
    SHORT_DAY,
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    WORKING_DAYS,
    days,
    hours,
)

JUNE = date(2026, 6, 1)
WINTER_SUNDAYS = hours(SUNDAY, "11:00", "15:00", "2026-11-01", "2027-03-31")


@pytest.mark.parametrize(
    ("timetable", "lines"),
    [
        (Timetable(), []),
        (Timetable(by_appointment=True), ["By appointment"]),
        (Timetable(OFFICE), ["Monday to Friday 10:00 to 16:00"]),
        (Timetable(hours(ALL_DAYS, "10:00", "16:00")), ["Every day 10:00 to 16:00"]),
        (Timetable(ALWAYS), ["Every day all day"]),
        (Timetable(hours([TUESDAY, WEDNESDAY], "09:00", "12:00")), ["Tuesday and Wednesday 09:00 to 12:00"]),
        (
            Timetable(hours([MONDAY, WEDNESDAY, SUNDAY], "09:00", "12:00")),
            ["Monday 09:00 to 12:00", "Wednesday 09:00 to 12:00", "Sunday 09:00 to 12:00"],
        ),
        (
            Timetable(
                hours(MONDAY, "16:00", "17:00") + hours(MONDAY, "10:00", "11:00") + hours(MONDAY, "12:00", "14:00")
            ),
            ["Monday 10:00 to 11:00, 12:00 to 14:00 and 16:00 to 17:00"],
        ),
        (
            Timetable(
                hours(MONDAY, "10:00", "12:00") + hours(TUESDAY, "10:00", "13:00") + hours(WEDNESDAY, "10:00", "12:00")
            ),
            ["Monday 10:00 to 12:00", "Tuesday 10:00 to 13:00", "Wednesday 10:00 to 12:00"],
        ),
        (
            Timetable(
                hours(FRIDAY, "22:00", "02:00") + hours(SATURDAY, "18:00", "00:00") + hours(SUNDAY, "12:00", "12:00")
            ),
            ["Friday 22:00 to 02:00 the next day", "Saturday 18:00 to midnight", "Sunday 12:00 to 12:00 the next day"],
        ),
        (
            Timetable(
                WINTER_SUNDAYS + OFFICE + hours(SATURDAY, "10:00", "12:30") + hours(SATURDAY, "14:00", "16:00"),
                (CHRISTMAS,),
                "ENG",
                by_appointment=True,
            ),
            [
                "Monday to Friday 10:00 to 16:00",
                "Saturday 10:00 to 12:30 and 14:00 to 16:00",
                "From 1 November to 31 March: Sunday 11:00 to 15:00",
                "Closed on bank holidays",
                "25 and 26 December 2026: closed (Christmas)",
                "By appointment",
            ],
        ),
    ],
)
def test_the_week_reads_like_a_notice_on_the_door(timetable, lines):
    assert week_in_words(timetable, JUNE) == lines


@pytest.mark.parametrize(
    ("season", "today", "lines"),
    [
        (("2026-11-01", "2027-03-31"), "2027-03-31", ["From 1 November to 31 March: Sunday 10:00 to 12:00"]),
        (("2026-11-01", "2027-03-31"), "2027-04-01", []),
        (("2028-11-01", "2029-03-31"), "2026-06-01", ["From 1 November 2028 to 31 March 2029: Sunday 10:00 to 12:00"]),
        (("2026-11-01", None), "2026-10-31", ["From 1 November: Sunday 10:00 to 12:00"]),
        (("2026-11-01", None), "2026-11-01", ["Sunday 10:00 to 12:00"]),
        ((None, "2026-11-01"), "2026-11-01", ["Until 1 November: Sunday 10:00 to 12:00"]),
    ],
)
def test_a_season_is_shown_until_it_is_over(season, today, lines):
    assert week_in_words(Timetable(hours(SUNDAY, "10:00", "12:00", *season)), date.fromisoformat(today)) == lines


def test_a_season_has_one_line_for_all_its_days():
    summer = hours(WORKING_DAYS, "10:00", "16:00", "2026-04-01", "2026-09-30")
    summer += hours(SUNDAY, "11:00", "15:00", "2026-04-01", "2026-09-30")
    assert week_in_words(Timetable(summer), JUNE) == [
        "From 1 April to 30 September: Monday to Friday 10:00 to 16:00; Sunday 11:00 to 15:00"
    ]


@pytest.mark.parametrize(
    ("exceptions", "lines"),
    [
        ([days("2026-05-31")], []),
        ([days("2026-06-01")], ["1 June 2026: closed"]),
        ([days("2026-05-30", "2026-06-01")], ["30 May to 1 June 2026: closed"]),
        ([days("2026-08-01", "2026-08-03", note="Summer")], ["1 to 3 August 2026: closed (Summer)"]),
        ([CHRISTMAS_BREAK], ["24 December 2026 to 3 January 2027: closed (Christmas)"]),
        (SHORT_DAY, ["31 December 2026: 10:00 to 12:00 and 14:00 to 15:00 (short day)"]),
        (
            [days("2026-12-25", note="Christmas"), days("2026-12-26", note="Christmas")],
            ["25 and 26 December 2026: closed (Christmas)"],
        ),
        (
            [CHRISTMAS_BREAK, days("2026-12-29", None, "10:00", "12:00")],
            [
                "24 to 28 December 2026: closed (Christmas)",
                "29 December 2026: 10:00 to 12:00",
                "30 December 2026 to 3 January 2027: closed (Christmas)",
            ],
        ),
        ([days("9999-12-31", note="The\nend")], ["31 December 9999: closed (The end)"]),
    ],
)
def test_upcoming_exceptions_are_shown_with_their_days(exceptions, lines):
    assert week_in_words(Timetable(exceptions=tuple(exceptions)), JUNE) == lines


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_timetables_of_prefetched_services_need_no_query(count, django_assert_num_queries):
    for _ in range(count):
        service = ServiceFactory(network__country="SCT", closed_on_bank_holidays=True, by_appointment=True)
        service.opening_hours.create(weekday=SUNDAY, opens=time(11), closes=time(15), valid_from=date(2026, 11, 1))
        service.opening_exceptions.create(first_day=date(2026, 12, 25), last_day=date(2026, 12, 26), note="Christmas")
    with django_assert_num_queries(3):
        services = Service.objects.select_related("network").prefetch_related("opening_hours", "opening_exceptions")
        timetables = [Timetable.of(service) for service in services]
    sundays = hours(SUNDAY, "11:00", "15:00", "2026-11-01")
    assert timetables == [Timetable(sundays, (CHRISTMAS,), "SCT", by_appointment=True)] * count


@pytest.mark.django_db
def test_the_network_decides_whose_bank_holidays_count_only_when_they_do():
    assert Timetable.of(ServiceFactory(network__country="SCT")) == Timetable()
