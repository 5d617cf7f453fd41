"""What the address of the coverage screen asks: it holds everything, so that it can be sent on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.http import QueryDict

from referrals.catchments.reading import UNITED_KINGDOM
from referrals.enums import Weekday
from referrals.models import Category, Network, Service
from referrals.network.coverage import Change, Close, Grow, Moment, Open, PartOfDay, SetCapacity

CHANGES_AT_MOST = 20
METRES_AT_MOST = 20_000
PLACES_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Question:
    """`best`: places and metres of the service whose best sites are asked for."""

    network: Network
    category: Category | None = None
    moment: Moment | None = None
    changes: tuple[Change, ...] = ()
    best: tuple[int, int] | None = None

    @property
    def query(self) -> str:
        """Return the canonical address of the question, after the path."""
        values = QueryDict(mutable=True)
        values["network"] = self.network.slug
        if self.category:
            values["category"] = self.category.pk
        if self.moment:
            values["day"], values["part"] = int(self.moment.weekday), self.moment.part
        for name, value in self.written_changes:
            values.appendlist(name, value)
        if self.best:
            values["best"] = ",".join(map(str, self.best))
        return f"?{values.urlencode(safe=':,')}"

    @property
    def written_changes(self) -> list[tuple[str, str]]:
        """Return the changes as names and values of the address."""
        return [_write(change) for change in self.changes]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return what the forms of the what-if carry along."""
        values = QueryDict(self.query[1:])
        return [(name, value) for name, several in values.lists() for value in several if name != "best"]

    def with_changes(self, changes: Iterable[Change]) -> "Question":
        """Add changes; one of the same kind to the same service replaces the earlier."""
        kept = {_key(change, number): change for number, change in enumerate((*self.changes, *changes))}
        return replace(self, changes=tuple(kept.values()), best=None)

    def without(self, change: Change) -> "Question":
        return replace(self, changes=tuple(one for one in self.changes if one != change), best=None)


def _key(change: Change, number: int) -> object:
    return number if isinstance(change, Open) else (type(change), change.service)


def _write(change: Change) -> tuple[str, str]:
    match change:
        case Grow(service, metres):
            return "grow", f"{service}:{metres}"
        case SetCapacity(service, places):
            return "places", f"{service}:{places}"
        case Close(service):
            return "close", str(service)
        case Open(longitude, latitude, metres, places):
            return "new", f"{longitude},{latitude},{metres},{places}"


def read_question(values: QueryDict, network: Network, services: Iterable[Service]) -> tuple[Question, list[str]]:
    """Return the question, and in words what of the address could not be used. Only `services` can be changed."""
    problems: list[str] = []
    keys = {service.pk for service in services}
    category = None
    if text := values.get("category"):
        category = Category.objects.filter(network=network, pk=_number(text, 2**62) or 0).first()
        if category is None:
            problems.append("That category is not in this network any more, so every category counts.")
    moment = _read_moment(values, problems)
    changes = list(_read_changes(values, keys, problems))
    if len(changes) > CHANGES_AT_MOST:
        problems.append(f"Only the first {CHANGES_AT_MOST} changes count.")
    best = None
    if text := values.get("best"):
        places, _, metres = text.partition(",")
        best = (_number(places, PLACES_AT_MOST), _number(metres, METRES_AT_MOST))
        if not all(best):
            best = None
            problems.append("Say how many places the new service has, and how far it reaches.")
    question = Question(network, category, moment).with_changes(changes[:CHANGES_AT_MOST])
    return replace(question, best=best), problems


def _read_moment(values: QueryDict, problems: list[str]) -> Moment | None:
    day, part = values.get("day", ""), values.get("part", "")
    if not day and not part:
        return None
    if day in map(str, Weekday.values) and part in PartOfDay.values:
        return Moment(Weekday(int(day)), PartOfDay(part))
    problems.append("Choose both a day and a part of the day. Until then, any time counts.")
    return None


def _read_changes(values: QueryDict, keys: set[int], problems: list[str]) -> Iterable[Change]:
    for kind, name, most in ((Grow, "grow", METRES_AT_MOST), (SetCapacity, "places", PLACES_AT_MOST)):
        for text in values.getlist(name):
            service, _, number = text.partition(":")
            key, amount = _number(service, 2**62), _number(number, most)
            if key not in keys or amount is None:
                problems.append(_NOT_FOUND)
            else:
                yield kind(key, amount)
    for text in values.getlist("close"):
        key = _number(text, 2**62)
        if key not in keys:
            problems.append(_NOT_FOUND)
        else:
            yield Close(key)
    for text in values.getlist("new"):
        longitude, latitude, metres, places = (text.split(",") + [""] * 4)[:4]
        at = read_coordinates(f"{longitude},{latitude}")
        reach, capacity = _number(metres, METRES_AT_MOST), _number(places, PLACES_AT_MOST)
        if at is None or not reach or not capacity:
            problems.append("A new service in this address has no place, reach or number of places that could be read.")
        else:
            yield Open(*at, reach, capacity)


_NOT_FOUND = "A change in this address is to a service that is not here any more, or is not complete. It is left out."


def read_coordinates(text: str) -> tuple[float, float] | None:
    """Return longitude and latitude of "-0.1435,51.5402", if that is in the United Kingdom."""
    try:
        longitude, latitude = (round(float(one), 5) for one in text.split(","))
    except ValueError:
        return None
    west, south, east, north = UNITED_KINGDOM
    return (longitude, latitude) if west <= longitude <= east and south <= latitude <= north else None


def _number(text: str, most: int) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_number and int(text) <= most else None


def describe_change(change: Change, services: dict[int, Service], *, place: str = "") -> str:
    """Return it as a sentence. `place`: what a new service's place is called."""
    match change:
        case Grow(service, metres):
            return f"{services[service]} reaches {metres:,} metres farther"
        case SetCapacity(service, places):
            row = services[service]
            return f"{row} has {places:,} place{'' if places == 1 else 's'} instead of {row.capacity:,}"
        case Close(service):
            return f"{services[service]} closes"
        case Open(longitude, latitude, metres, places):
            return (
                f"A new service opens in {place} ({latitude:.4f}, {longitude:.4f}), with {places:,} "
                f"place{'' if places == 1 else 's'} for people within {metres:,} metres"
            )
