"""Reads fixtures/. fixtures/README.md describes the files."""

import csv
import json
import re
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon

from referrals.catchments import circle
from referrals.enums import Weekday
from referrals.hours import ExceptionalDays, WeeklyOpening

FOLDER = settings.BASE_DIR / "fixtures"

_DAYS = {day.name[:3].lower(): day.value for day in Weekday}
_HOURS = re.compile(r"(?P<days>[a-z,-]+) (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class FixturePlace:
    """A postcode and roughly where it is; `locality` is empty for places from the table of postcodes."""

    postcode: str
    longitude: float
    latitude: float
    locality: str = ""

    @property
    def point(self) -> Point:
        return Point(self.longitude, self.latitude, srid=4326)


@dataclass(frozen=True)
class Fixtures:
    """Every file of the demonstration, read once."""

    folder: Path = FOLDER

    @cached_property
    def networks(self) -> list[dict[str, Any]]:
        return self._read("networks.json")

    @cached_property
    def organisations(self) -> list[dict[str, Any]]:
        return [_read_json(path) for path in sorted(self.folder.glob("organisations/*.json"))]

    @cached_property
    def users(self) -> dict[str, Any]:
        return self._read("users.json")

    @cached_property
    def people(self) -> dict[str, Any]:
        return self._read("people.json")

    @cached_property
    def situations(self) -> list[dict[str, Any]]:
        return self._read("situations.json")

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        return self._read("messages.json")

    @cached_property
    def pictures(self) -> list[dict[str, Any]]:
        folder = self.folder / "pictures"
        return [row | {"path": folder / f"{row['slug']}.jpg"} for row in self._read("pictures/pictures.json")]

    @cached_property
    def area(self) -> dict[str, Any]:
        feature = self._read("area.geojson")["features"][0]
        return feature["properties"] | {"boundary": multipolygon(_geometry(feature))}

    @cached_property
    def localities(self) -> dict[str, GEOSGeometry]:
        features = self._read("localities.geojson")["features"]
        return {feature["properties"]["name"]: _geometry(feature) for feature in features}

    @cached_property
    def places(self) -> list[FixturePlace]:
        with (self.folder / "postcodes.csv").open(encoding="utf-8", newline="") as file:
            return [
                FixturePlace(row["postcode"], float(row["longitude"]), float(row["latitude"]), row["locality"])
                for row in csv.DictReader(file)
            ]

    @cached_property
    def translations(self) -> dict[str, dict[str, str]]:
        """By language and English text."""
        return {path.stem: _read_json(path) for path in sorted(self.folder.glob("translations/*.json"))}

    def translate(self, row: dict[str, Any], *names: str) -> dict[str, dict[str, str]]:
        """Return what the texts of these names are in each language, as rows keep it."""
        texts = [(name, row[name]) for name in names if row.get(name)]
        return {code: {name: known[text] for name, text in texts} for code, known in self.translations.items()}

    def of_network(self, slug: str, name: str) -> list[dict[str, Any]]:
        return self._read(f"{slug}/{name}.json")

    def catchment(self, description: dict[str, Any] | None) -> MultiPolygon | None:
        """Return the shape of {"localities": [...]}, {"polygon": [[longitude, latitude], ...]} or
        {"circle": [longitude, latitude, miles]}; None, the whole area, for null."""
        if description is None:
            return None
        ((kind, value),) = description.items()
        if kind == "localities":
            return multipolygon(MultiPolygon([self.localities[name] for name in value], srid=4326).unary_union)
        if kind == "polygon":
            return multipolygon(Polygon([*value, value[0]], srid=4326))
        if kind == "circle":
            longitude, latitude, miles = value
            return multipolygon(circle(Point(longitude, latitude), miles))
        raise ValueError(f"A catchment cannot be a {kind}.")

    def _read(self, name: str) -> Any:
        return _read_json(self.folder / name)


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _geometry(feature: dict[str, Any]) -> GEOSGeometry:
    return GEOSGeometry(json.dumps(feature["geometry"]), srid=4326)


def multipolygon(shape: GEOSGeometry) -> MultiPolygon:
    return shape if isinstance(shape, MultiPolygon) else MultiPolygon(shape, srid=4326)


def weekly_openings(hours: list[str], *, season: list[str] | None = None, today: date) -> list[WeeklyOpening]:
    """Read ["mon-fri 10:00-16:00", "sat,sun 22:00-02:00"].

    `season` is like ["11-01", "03-31"]: the current one, or the next.
    """
    valid_from, valid_to = _next_dates(season, today) if season else (None, None)
    found = []
    for text in hours:
        match = _HOURS.fullmatch(text)
        if match is None:
            raise ValueError(f'Hours are written as "mon-fri 10:00-16:00", not as "{text}".')
        opens, closes = time.fromisoformat(match["opens"]), time.fromisoformat(match["closes"])
        found += [WeeklyOpening(day, opens, closes, valid_from, valid_to) for day in _weekdays(match["days"])]
    return found


def exceptions(rows: list[dict[str, Any]], *, today: date) -> list[ExceptionalDays]:
    """Read [{"days": ["12-25", "12-26"], "note": "Christmas"}]: the current or next such days.

    Closed, or open at "hours": ["10:00-12:00", ...]. A single day is ["12-24"].
    """
    found = []
    for row in rows:
        first_day, last_day = _next_dates([row["days"][0], row["days"][-1]], today)
        spans = [[time.fromisoformat(end) for end in hours.split("-")] for hours in row.get("hours", [])]
        found += [ExceptionalDays(first_day, last_day, *times, note=row["note"]) for times in spans or [[None, None]]]
    return found


def _weekdays(text: str) -> list[int]:
    """Return [0, 1, 2] for "mon-wed", [0, 2] for "mon,wed"."""
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        days += range(_DAYS[first], _DAYS[last or first] + 1)
    return days


def _next_dates(dates: list[str], today: date) -> tuple[date, date]:
    first, last = ([int(part) for part in end.split("-")] for end in dates)
    ends = [date(today.year + years, *last) for years in (0, 1)]
    end = next(end for end in ends if end >= today)
    start = date(end.year, *first)
    return (start if start <= end else date(end.year - 1, *first)), end


def answers_to(situation: dict[str, Any], question_id: str) -> list[str]:
    answer = situation["answers"].get(question_id, [])
    return [answer] if isinstance(answer, str) else list(answer)
