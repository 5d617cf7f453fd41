"""The calendar: a week or a day of the services found, their hours as bars, and how many are open hour by hour."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format

from backoffice.network.screen import NetworkScreen, network_screen
from backoffice.responses import render_page
from referrals.hours import Opening
from referrals.hours.bank_holidays import bank_holiday_name, is_bank_holiday
from referrals.hours.sql import openings_between
from referrals.hours.timetable import DAY
from referrals.models import Category, OpeningException, Service
from referrals.network.calendar import (
    HourCount,
    OpenHours,
    Openings,
    busiest_in_words,
    count_open_hours,
    gaps_in_words,
    shown_hours,
)
from referrals.network.load import HAS_ROOM
from referrals.words import join_in_words

PAGE_SIZE = 50
MOST_IN_GRID = 12  # services, each in a lane of its own: more would be too narrow to read
UNITS_PER_HOUR = 10
LANE_UNITS = 12
HEATS = 5  # classes of colour
FURTHEST = 3650  # days from today: nobody looks further, and dates have an end


@dataclass(frozen=True, slots=True)
class Bar:
    """A spell of a service on one day, in units of the drawing."""

    begin: float
    length: float
    title: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    begin: float
    heat: int  # 0 for none, up to HEATS for the most
    title: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Turns times into units: the hours of each day that are shown, one day after the other."""

    days: Sequence[date]
    first_hour: int
    last_hour: int
    knows_room: bool  # of all services found: otherwise nothing is said of how many have room

    @property
    def day_length(self) -> int:
        return (self.last_hour - self.first_hour) * UNITS_PER_HOUR

    @property
    def length(self) -> int:
        return len(self.days) * self.day_length

    @property
    def day_begins(self) -> list[int]:
        return [number * self.day_length for number in range(len(self.days))]

    @property
    def hours(self) -> list[tuple[str, int, float]]:
        """Return the labels of one day, every three hours, and where they stand: in units and in percent."""
        return [
            (f"{hour:02}:00", (hour - self.first_hour) * UNITS_PER_HOUR, self._percent(hour))
            for hour in range(self.first_hour, self.last_hour)
            if hour % 3 == 0
        ]

    def _percent(self, hour: int) -> float:
        return round(100 * (hour - self.first_hour) / (self.last_hour - self.first_hour), 1)

    def bars_on(self, number: int, openings: Sequence[Opening]) -> Iterator[Bar]:
        """Yield the bars of the day of that number, from the beginning of that day."""
        midnight = datetime.combine(self.days[number], time())
        for opening in openings:
            begin = max((opening.starts - midnight) / timedelta(hours=1), self.first_hour)
            end = min((opening.ends - midnight) / timedelta(hours=1), self.last_hour)
            if begin < end:
                yield Bar(
                    round((begin - self.first_hour) * UNITS_PER_HOUR, 1),
                    round((end - begin) * UNITS_PER_HOUR, 1),
                    _opening_in_words(opening),
                )

    def bars(self, openings: Sequence[Opening]) -> list[Bar]:
        return [
            Bar(begin + bar.begin, bar.length, bar.title)
            for number, begin in enumerate(self.day_begins)
            for bar in self.bars_on(number, openings)
        ]

    def heat(self, open_hours: OpenHours, most: int, *, with_room: bool = False) -> list[HeatCell]:
        return [
            HeatCell(
                day * self.day_length + hour * UNITS_PER_HOUR,
                _heat_of(count.with_room if with_room else count.number, most),
                self._count_in_words(count),
            )
            for day, of_day in enumerate(map(open_hours.of, self.days))
            for hour, count in enumerate(of_day[self.first_hour : self.last_hour])
        ]

    def _count_in_words(self, count: HourCount) -> str:
        with_room = f", {count.with_room} with room" if self.knows_room and count.number else ""
        return f"{WEEKDAYS[count.begins.weekday()]} {count.begins:%H:%M}: {count.number or 'none'} open{with_room}"


@dataclass(frozen=True, slots=True)
class ServiceRow:
    service: Service
    has_room: bool | None  # None: the user may not know
    hours: list[str]  # in words, a line a day
    note: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class CategoryRow:
    category: Category
    number: int  # of services
    cells: list[HeatCell]


@dataclass(frozen=True, slots=True)
class Lane:
    """A service on one day of the grid of hours, where it has a column of its own."""

    number: int
    begin: int
    row: ServiceRow
    bars: list[Bar]

    @property
    def middle(self) -> float:
        return self.begin + LANE_UNITS / 2


def calendar_view(request: HttpRequest) -> HttpResponse:
    screen = network_screen(request)
    return render_page(
        request, "backoffice/network/calendar.html", title="Calendar", screen=screen, **_calendar(screen)
    )


def _calendar(screen: NetworkScreen) -> dict[str, Any]:
    request, today = screen.request, timezone.localdate()
    day = _date_asked(request, "date", today)
    monday = _monday_of(day or _date_asked(request, "from", today) or today)
    days = [day] if day else [monday + offset * DAY for offset in range(7)]
    rooms = _find_rooms(screen)
    openings = openings_between(rooms, screen.networks, days[0], days[-1])
    open_hours = count_open_hours(openings, days, with_room={key for key, has_room in rooms.items() if has_room})
    knows_room = None not in rooms.values()
    axis = Axis(days, *shown_hours(open_hours), knows_room)
    most = max(count.number for count in open_hours.counts)
    by_category = request.GET.get("by") == "category"
    page = _page_of(screen)
    rows = [] if by_category else list(_service_rows(page, openings, rooms, axis))
    return {
        "axis": axis,
        "days": [_day_head(one, screen, today) for one in days],
        "day": day,
        "period": _period_in_words(days),
        "monday": monday,
        "previous": days[0] - (DAY if day else 7 * DAY),
        "next": days[-1] + DAY,
        "today": today,
        "is_now": days[0] <= today <= days[-1],
        "by_category": by_category,
        "heat": axis.heat(open_hours, most),
        "heat_with_room": axis.heat(open_hours, most, with_room=True) if knows_room else [],
        "legend": _legend(most),
        "busiest": busiest_in_words(open_hours),
        "gaps": gaps_in_words(open_hours) if most else [],
        "hours_table": _hours_table(open_hours, axis),
        "rows": rows,
        "category_rows": _category_rows(screen, openings, axis) if by_category else [],
        "grid": _grid(rows, openings, axis) if 0 < len(rooms) <= MOST_IN_GRID and rows else None,
        "page": page,
        "without_hours": len(rooms) - len(openings),
        "number": len(rooms),
    }


def _date_asked(request: HttpRequest, name: str, today: date) -> date | None:
    try:
        asked = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return asked if abs((asked - today).days) <= FURTHEST else None


def _monday_of(day: date) -> date:
    return day - day.weekday() * DAY


def _find_rooms(screen: NetworkScreen) -> dict[int, bool | None]:
    """Return for each service found whether it has room; None if the user may not know."""
    rows = screen.services.annotate(has_room=Case(When(HAS_ROOM, then=True), default=False)).order_by()
    return {
        key: has_room if is_known else None
        for key, is_known, has_room in rows.values_list("pk", "load_is_known", "has_room")
    }


def _page_of(screen: NetworkScreen) -> Page:
    ordered = screen.filter.qs.order_by("organisation__name", "activity__name", "pk")
    return Paginator(ordered.defer("catchment", "description"), PAGE_SIZE).get_page(screen.request.GET.get("page"))


def _service_rows(
    services: Sequence[Service], openings: Openings, rooms: Mapping[int, bool | None], axis: Axis
) -> Iterator[ServiceRow]:
    notes = _notes(services, axis.days)
    for service in services:
        spells = openings.get(service.pk, ())
        hours = [_opening_in_words(spell) for spell in spells]
        yield ServiceRow(service, rooms.get(service.pk), hours, notes.get(service.pk, ""), axis.bars(spells))


def _notes(services: Sequence[Service], days: Sequence[date]) -> dict[int, str]:
    """Return what services say of exceptional hours on these days."""
    rows = OpeningException.objects.filter(service__in=services, first_day__lte=days[-1], last_day__gte=days[0])
    found: dict[int, dict[str, None]] = {}
    for service, note in rows.order_by("first_day", "pk").values_list("service", "note"):
        found.setdefault(service, {})[note or "Other hours than usual"] = None
    return {service: ", ".join(notes) for service, notes in found.items()}


def _category_rows(screen: NetworkScreen, openings: Openings, axis: Axis) -> list[CategoryRow]:
    """Return the categories below the chosen one, or those at the top, with the services that can help with each."""
    tree = list(screen.filter.filters["category"].queryset)
    chosen = screen.filter.form.cleaned_data.get("category") if screen.filter.form.is_valid() else None
    paths = {one.pk: one.tree_path for one in tree}
    shown = {one.pk: one for one in tree if one.parent_id == (chosen.pk if chosen else None)}
    if not shown and chosen:
        shown = {chosen.pk: chosen}
    listed: dict[int, set[int]] = {}
    links = Service.categories.through.objects.filter(service__in=screen.filter.qs.order_by().values("pk"))
    for service, category in links.values_list("service", "category"):
        for key in shown:
            if key in paths.get(category, ()) or category in paths[key]:
                listed.setdefault(key, set()).add(service)
    counted = {
        key: count_open_hours({one: openings[one] for one in services if one in openings}, axis.days, with_room=())
        for key, services in listed.items()
    }
    most = max((count.number for hours in counted.values() for count in hours.counts), default=0)
    return [
        CategoryRow(category, len(listed[key]), axis.heat(counted[key], most))
        for key, category in shown.items()
        if key in listed
    ]


def _grid(rows: Sequence[ServiceRow], openings: Openings, axis: Axis) -> dict[str, Any]:
    """Return, for each day, the services that are open with their number and bars, beside each other."""
    return {
        "width": len(rows) * LANE_UNITS,
        "days": [
            [
                Lane(number, (number - 1) * LANE_UNITS, row, list(axis.bars_on(day, openings.get(row.service.pk, ()))))
                for number, row in enumerate(rows, 1)
            ]
            for day in range(len(axis.days))
        ],
    }


def _day_head(day: date, screen: NetworkScreen, today: date) -> dict[str, Any]:
    countries = {network.country for network in screen.networks if is_bank_holiday(day, network.country)}
    return {
        "date": day,
        "name": WEEKDAYS_ABBR[day.weekday()],
        "is_today": day == today,
        "holiday": join_in_words(sorted({bank_holiday_name(day, country) for country in countries})),
    }


def _period_in_words(days: Collection[date]) -> str:
    first, *_, last = days if len(days) > 1 else [*days, *days]
    if first == last:
        return date_format(first, "l j F Y")
    return f"{date_format(first, 'j F' if first.year == last.year else 'j F Y')} to {date_format(last, 'j F Y')}"


def _opening_in_words(opening: Opening) -> str:
    closes = f"{opening.ends:%H:%M}"
    if opening.ends.date() > opening.starts.date() and opening.ends.time() != time():
        closes = f"{closes} on {WEEKDAYS[opening.ends.weekday()]}"
    return f"{WEEKDAYS[opening.starts.weekday()]} {opening.starts:%H:%M} to {closes}"


def _heat_of(number: int, most: int) -> int:
    return -(-number * HEATS // most) if most else 0


def _legend(most: int) -> list[tuple[int, str]]:
    """Return the classes of colour that occur, and the numbers that each stands for."""
    found: dict[int, list[int]] = {}
    for number in range(most + 1):
        found.setdefault(_heat_of(number, most), []).append(number)
    return [(heat, f"{of[0]} to {of[-1]}" if of[0] != of[-1] else f"{of[0]}") for heat, of in found.items()]


def _hours_table(open_hours: OpenHours, axis: Axis) -> list[dict[str, Any]]:
    return [
        {"hour": f"{hour:02}:00", "counts": [open_hours.of(day)[hour] for day in axis.days]}
        for hour in range(axis.first_hour, axis.last_hour)
    ]
