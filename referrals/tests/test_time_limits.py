from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals import workflow
from referrals.enums import EventKind
from referrals.models import Assignment, Event, Notification
from referrals.tests.worlds import World
from referrals.workflow.time_limits import DAY_BEGINS, DAY_ENDS, AnswerCalendar

pytestmark = pytest.mark.real_hours

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("start", "days", "counting", "country", "expected"),
    [
        ("2026-11-03 10:40", 2, "calendar", "ENG", "2026-11-05 10:40"),
        ("2026-11-06 10:40", 2, "calendar", "ENG", "2026-11-08 10:40"),
        ("2026-11-06 10:40", 2, "working", "ENG", "2026-11-10 10:40"),  # Friday to Tuesday
        ("2026-11-07 10:40", 2, "working", "ENG", "2026-11-10 10:40"),  # Saturday to Tuesday
        ("2026-12-24 09:00", 1, "working", "ENG", "2026-12-29 09:00"),  # 28th: Boxing Day's substitute
        ("2026-11-27 09:00", 1, "working", "ENG", "2026-11-30 09:00"),
        ("2026-11-27 09:00", 1, "working", "SCT", "2026-12-01 09:00"),  # St Andrew's Day
        ("2026-07-10 09:00", 1, "working", "NIR", "2026-07-14 09:00"),  # Battle of the Boyne, 13th in place of 12th
        ("2026-10-24 10:00", 1, "calendar", "ENG", "2026-10-25 10:00"),  # 25 hours: the clocks go back
        ("2026-03-28 10:00", 1, "calendar", "ENG", "2026-03-29 10:00"),  # 23 hours: they go forward
        ("2026-03-28 01:30", 1, "calendar", "ENG", "2026-03-29 08:00"),  # half past one does not exist that night
        ("2026-11-03 10:40", 0, "working", "ENG", "2026-11-03 10:40"),
        # At night, it is the next morning on which somebody is there.
        ("2026-11-03 07:59", 2, "calendar", "ENG", "2026-11-05 08:00"),
        ("2026-11-03 18:00", 2, "calendar", "ENG", "2026-11-06 08:00"),
        ("2026-11-03 23:59", 2, "calendar", "ENG", "2026-11-06 08:00"),
        ("2026-11-05 22:00", 1, "working", "ENG", "2026-11-09 08:00"),  # Friday night: Monday
        ("2026-12-23 19:00", 1, "working", "ENG", "2026-12-29 08:00"),
        ("2026-11-07 10:40", 0, "working", "ENG", "2026-11-09 08:00"),
        # Christmas Eve and the days between are the network's own.
        ("2026-12-23 10:00", 1, "working", "WLS", "2027-01-04 10:00"),
    ],
)
def test_days_are_counted_as_the_network_counts_them(start, days, counting, country, expected):
    own = [date(2026, 12, 24), *(date(2026, 12, day) for day in (29, 30, 31))] if country == "WLS" else []
    assert AnswerCalendar(counting, country, own).add_days(at(start), days) == at(expected)


@given(
    minutes=st.integers(0, 2 * 365 * 24 * 60),
    days=st.integers(0, 10),
    counting=st.sampled_from(["calendar", "working"]),
    closed=st.sets(st.dates(date(2026, 1, 1), date(2028, 1, 1)), max_size=5),
)
def test_an_answer_is_due_by_day_never_early_and_not_much_later(minutes, days, counting, closed):
    start = at("2026-01-01 00:00") + timedelta(minutes=minutes)
    calendar = AnswerCalendar(counting, "ENG", closed)
    due = calendar.add_days(start, days)
    local = due.astimezone(LONDON)
    assert DAY_BEGINS <= local.time() < DAY_ENDS
    assert calendar.is_daytime(due)
    assert local.replace(tzinfo=None) >= start.replace(tzinfo=None)
    passed = [start.date() + timedelta(days=n + 1) for n in range((local.date() - start.date()).days)]
    counted = sum(map(calendar.counts, passed))
    assert days <= counted <= days + 1


@pytest.mark.django_db
def test_over_a_long_weekend_and_a_clock_change_nobody_is_reminded_too_early():
    """Easter 2026: Good Friday on 3 April, Easter Monday on 6 April. The clocks go forward on 29 March."""
    world = World(reminder_days=2, lapse_days=2, day_counting="working")
    (strand,) = world.submit(at=at("2026-04-01 20:30")).strands.all()  # Wednesday evening
    (offer,) = Assignment.objects.filter(strand=strand, status="offered")
    assert offer.remind_at == at("2026-04-08 08:00")
    quiet = [at("2026-04-03 10:00"), at("2026-04-05 09:00"), at("2026-04-07 23:00"), at("2026-04-08 07:59")]
    assert [workflow.due_reminders(at=moment) for moment in quiet] == [[]] * 4
    assert workflow.due_reminders(at=at("2026-04-08 08:00")) == [offer.pk]


@pytest.mark.django_db
def test_after_days_without_the_schedule_one_reminder_comes_by_day():
    world = World(reminder_days=2, lapse_days=2, day_counting="working")
    (strand,) = world.submit(at=at("2026-11-02 10:00")).strands.all()
    (offer,) = Assignment.objects.filter(strand=strand, status="offered")
    for back in ("2026-11-07 03:00", "2026-11-07 11:00", "2026-11-09 07:00"):  # Saturday, and early on Monday
        assert workflow.due_reminders(at=at(back)) == workflow.due_lapses(at=at(back)) == []
        assert not workflow.remind(offer.pk, at=at(back))
    assert [workflow.remind(offer.pk, at=at(f"2026-11-09 09:0{minute}")) for minute in range(3)] == [True, False, False]
    offer.refresh_from_db()
    assert offer.lapse_at == at("2026-11-11 09:00")
    assert not workflow.lapse(offer.pk, at=at("2026-11-11 22:00"))
    assert workflow.lapse(offer.pk, at=at("2026-11-12 08:00"))
    assert Event.objects.filter(kind=EventKind.REMINDED).count() == 1
    assert Notification.objects.filter(kind="organisation_reminded").count() == 1
