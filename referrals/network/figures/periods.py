"""The periods of figures. Days and months are those of London."""

from dataclasses import dataclass
from datetime import date, datetime, time

from referrals.hours import LONDON

LAST_YEAR = "months"  # the key of the last 12 whole months
EARLIEST = date(1900, 1, 1)  # no referral is older, and a year needs four digits to be a key


@dataclass(frozen=True, slots=True)
class Period:
    """From the day `first` to the day before `end`; `key` is used in addresses."""

    key: str
    name: str
    first: date
    end: date

    @property
    def months(self) -> list[date]:
        """The first day of each of its months. The first and the last month may be cut short."""
        count = _month_number(self.end) - _month_number(self.first) + (self.end.day > 1)
        return [_month(_month_number(self.first) + offset) for offset in range(count)]

    def whole_months(self, today: date) -> set[str]:
        """Return the keys of its months that are over and lie wholly within it."""
        over = min(self.end, today.replace(day=1))
        return {f"{month:%Y-%m}" for month in self.months if self.first <= month and next_month(month) <= over}

    @property
    def is_one_month(self) -> bool:
        return len(self.months) == 1


def month_name(month: date) -> str:
    return f"{month:%B %Y}"


def month_period(month: date) -> Period:
    return Period(f"{month:%Y-%m}", month_name(month), month, next_month(month))


def periods_of(first_year: int, today: date) -> list[Period]:
    """Return the periods that are published: the last 12 whole months, and each year since `first_year`, newest first.

    The running year ends with the last month that is over.
    """
    running = today.replace(day=1)
    last = Period(LAST_YEAR, "The last 12 whole months", _month(_month_number(running) - 12), running)
    years = (
        Period(str(year), str(year), date(year, 1, 1), min(date(year + 1, 1, 1), running))
        for year in range(today.year, first_year - 1, -1)
    )
    return [last, *(year for year in years if year.first < year.end)]


def read_month(text: str) -> date | None:
    """Return the first day of a month such as "2026-10"; None for anything else, and before EARLIEST."""
    try:
        month = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None
    return month if f"{month:%Y-%m}" == text and month >= EARLIEST else None


def next_month(month: date) -> date:
    return _month(_month_number(month) + 1)


def month_before(month: date) -> date:
    return _month(_month_number(month) - 1)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
