from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from referrals.workflow.time_limits import add_days

LONDON = ZoneInfo("Europe/London")


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
        ("2026-11-03 10:40", 0, "working", "ENG", "2026-11-03 10:40"),
    ],
)
def test_days_are_counted_as_the_network_counts_them(start, days, counting, country, expected):
    moment = datetime.fromisoformat(start).replace(tzinfo=LONDON)
    due = add_days(moment, days, counting=counting, country=country)
    assert due == datetime.fromisoformat(expected).replace(tzinfo=LONDON)
