"""Services drawn at random: as the database may hold them, and as a table may say them."""

from datetime import date, time, timedelta
from itertools import pairwise

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone
from hypothesis import strategies as st

from backoffice.tests.import_export.words import TELLING, TEXT, kept_on_one_line
from referrals.enums import Cost, ReferralPathway

DAY, WEEK = 24 * 60, 7 * 24 * 60  # minutes
LONGEST_NIGHT = 18 * 60
HOURS = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
DAYS = st.dates(date(2020, 1, 1), date(2039, 12, 31))
NOTE = st.one_of(TEXT, TELLING, st.text("()[]\\;,\n\"'=", max_size=12)).map(kept_on_one_line)


@st.composite
def any_opening(draw) -> dict:
    first, last = sorted([draw(DAYS), draw(DAYS)])
    season = draw(st.sampled_from([(None, None), (first, None), (None, last), (first, last)]))
    days = {"weekday": draw(st.integers(0, 6)), "opens": draw(HOURS), "closes": draw(HOURS)}
    return days | dict(zip(("valid_from", "valid_to"), season, strict=True))


@st.composite
def any_exception(draw) -> dict:
    first, last = sorted([draw(DAYS), draw(DAYS)])
    opens, closes = draw(st.one_of(st.just((None, None)), st.tuples(HOURS, HOURS)))
    return {"first_day": first, "last_day": last, "opens": opens, "closes": closes, "note": draw(NOTE)[:120].strip()}


any_openings = st.lists(
    any_opening(), max_size=6, unique_by=lambda row: (row["weekday"], row["opens"], row["valid_from"])
)
any_exceptions = st.lists(
    any_exception(), max_size=4, unique_by=lambda row: (row["first_day"], row["last_day"], row["opens"] or time())
)


def clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


@st.composite
def periods(draw, length: int) -> list[tuple[int, int]]:
    """Minutes from and to on a round of this length. They may touch, and none is longer than a night anybody means."""
    bounds = sorted(draw(st.sets(st.integers(0, length - 1), max_size=8)))
    begins = draw(st.integers(0, length - 1))
    chosen = [pair for pair in pairwise(bounds) if draw(st.booleans())]
    return [(begins + opens, begins + min(closes, opens + LONGEST_NIGHT)) for opens, closes in chosen]


@st.composite
def openings_apart(draw) -> list[dict]:
    """The openings of up to three seasons some days apart. In each, no two overlap."""
    first, last = sorted([draw(DAYS), draw(DAYS)])
    pause = timedelta(days=3)
    seasons = [(None, first - pause), (first, last), (last + pause, None)]
    rows = []
    for valid_from, valid_to in draw(st.sampled_from([[(None, None)], seasons, seasons[1:], seasons[:1]])):
        rows += [
            {
                "weekday": opens % WEEK // DAY,
                "opens": clock(opens),
                "closes": clock(closes),
                "valid_from": valid_from,
                "valid_to": valid_to,
            }
            for opens, closes in draw(periods(WEEK))
        ]
    return rows or [day_and_night(weekday) for weekday in draw(st.sets(st.integers(0, 6)))]


def day_and_night(weekday: int) -> dict:
    return {"weekday": weekday, "opens": time(), "closes": time(), "valid_from": None, "valid_to": None}


@st.composite
def exceptions_apart(draw) -> list[dict]:
    """Days that are closed, at any time since 2020, and before that days with hours that do not overlap."""
    notes = NOTE.map(lambda note: note[:120].strip())
    closed = draw(st.lists(any_exception(), max_size=2, unique_by=lambda row: (row["first_day"], row["last_day"])))
    rows = [row | {"opens": None, "closes": None} for row in closed]
    for number in draw(st.sets(st.integers(0, 90), max_size=2)):
        first = date(2019, 1, 1) + timedelta(days=4 * number)
        days = {"first_day": first, "last_day": first + timedelta(days=draw(st.integers(0, 1)))}
        times = draw(periods(DAY))
        rows += [days | {"opens": clock(a), "closes": clock(b), "note": draw(notes)} for a, b in times]
    return rows


FIGURES = st.text("0123456789", min_size=9, max_size=9)
# Ten figures after the 0, grouped in any way, and what people write behind them; some from abroad, and short ones.
PHONES = st.one_of(
    st.sampled_from(["", "116 123", "999", "0800 1111 (Sam)", "+48 601 234 567", "+44 20 7946 0011"]),
    st.builds(
        lambda area, rest, gap, more: f"0{area}{rest[:3]}{gap}{rest[3:]}{more}",
        st.sampled_from("1235789"),
        FIGURES,
        st.sampled_from(["", " ", "-"]),
        st.sampled_from(["", " ext 12", " (Mon-Fri 9-5)", ", ask for Sam"]),
    ),
)


@st.composite
def catchments(draw) -> MultiPolygon | None:
    """Squares side by side, some with a hole, within the area of a test's network."""
    x = st.floats(-0.19, -0.18)
    parts = []
    for n in range(draw(st.integers(0, 3))):
        west, south, size = draw(x) + n * 0.03, draw(st.floats(51.51, 51.52)), draw(st.floats(0.001, 0.02))
        ring = [(west, south), (west + size, south), (west + size, south + size), (west, south + size), (west, south)]
        hole = [(west + (a - west) / 2 + size / 4, south + (b - south) / 2 + size / 4) for a, b in ring]
        parts.append(Polygon(ring, hole) if draw(st.booleans()) else Polygon(ring))
    return MultiPolygon(parts, srid=4326) if parts else None


@st.composite
def services(draw, *, phones: st.SearchStrategy, hours: st.SearchStrategy, exceptions: st.SearchStrategy) -> dict:
    cost = draw(st.sampled_from(Cost.values))
    ages = draw(st.one_of(st.just((None, None)), st.tuples(st.integers(0, 50), st.integers(50, 32767))))
    return {
        "own": {
            "opening_note": draw(TELLING),
            "summary": draw(TEXT),
            "description": draw(TELLING),
            "phone": draw(phones),
            "email": draw(st.sampled_from(["", "a@b.example", "'=x@b.example"])),
            "website": draw(st.sampled_from(["", "https://example.org/?q=a;b,c"])),
            "pathways": draw(st.lists(st.sampled_from(ReferralPathway.values), unique=True)),
            "cost": cost,
            "cost_note": draw(TELLING) if cost else "",
            "by_appointment": draw(st.booleans()),
            "closed_on_bank_holidays": draw(st.booleans()),
            "is_public": draw(st.booleans()),
            "capacity": draw(st.integers(0, 2**31 - 1)),
            "last_confirmed_on": draw(st.dates(date(2020, 1, 1), date(2026, 1, 1))),
            "paused_at": draw(st.sampled_from([None, timezone.now()])),
            "catchment": draw(catchments()),
        },
        "activity": draw(TELLING.filter(kept_on_one_line)),
        "venue": draw(st.sampled_from(["", "first", "twin", "hidden"])),
        "categories": draw(st.sets(st.integers(0, 2))),
        "options": draw(st.sets(st.integers(0, 5))),
        "ages": ages,
        "hours": draw(hours),
        "exceptions": draw(exceptions),
    }


STORED = services(phones=TELLING.filter(lambda text: len(text) <= 40), hours=any_openings, exceptions=any_exceptions)
SAYABLE = services(phones=PHONES, hours=openings_apart(), exceptions=exceptions_apart())
