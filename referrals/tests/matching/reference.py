"""The rules of "Who is suggested" once more, slowly: every row in Python, shapely for shapes, pyproj for distances.

It shares no line with `referrals.matching` and asks the database for nothing but rows.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import shapely
from pyproj import Geod

from referrals.models import Assignment, Category, Service, TrackRecord

GEOD = Geod(ellps="WGS84")
BANK_HOLIDAYS = {  # of 2026 from March, as gov.uk lists them, with the Saturday for which 28 December stands
    "ENG": {
        *(date(2026, 4, day) for day in (3, 6)),
        *(date(2026, 5, day) for day in (4, 25)),
        date(2026, 8, 31),
        *(date(2026, 12, day) for day in (25, 26, 28)),
    },
    "SCT": {
        date(2026, 4, 3),
        *(date(2026, 5, day) for day in (4, 25)),
        date(2026, 6, 15),
        date(2026, 8, 3),
        date(2026, 11, 30),
        *(date(2026, 12, day) for day in (25, 26, 28)),
    },
}


def suggestions(network, need_ids, person, *, at, limit=None, exclude_organisation_ids=(), service_ids=None):
    """Return (service, organisation, needs met, score, has room) in the order in which they are to be suggested."""
    now = at.astimezone(ZoneInfo("Europe/London")).replace(tzinfo=None)
    needs = set(need_ids)
    rows = []
    services = (
        Service.objects.filter(network=network)
        .select_related("venue", "network")
        .prefetch_related("categories", "opening_hours", "opening_exceptions", "assignments")
        .prefetch_related("restrictions__option__demographic__options")
    )
    members = set(network.memberships.filter(status="active").values_list("organisation", flat=True))
    records = {
        (record.organisation_id, record.category_id): record.points
        for record in TrackRecord.objects.filter(network=network)
    }
    parents = dict(Category.objects.values_list("pk", "parent"))
    for service in services:
        if service_ids is not None and service.pk not in service_ids:
            continue
        if service.organisation_id in exclude_organisation_ids or service.organisation_id not in members:
            continue
        if not service.capacity or service.archived_at or service.paused_at:
            continue
        named, met = needs_met(service, needs, parents)
        if not met or not is_there_for(service, network, person) or not suits(service, person):
            continue
        live = sum(
            assignment.status in ("offered", "accepted") and not assignment.place_from
            for assignment in service.assignments.all()
        )
        points = (
            network.weight_needs * ((10_000 * len(named) + 9_000 * len(met - named)) // len(needs))
            + network.weight_room * (10_000 * max(service.capacity - live, 0) // service.capacity)
            + network.weight_made_for * fit(service, person)
            + network.weight_distance * nearness(service, person)
            + network.weight_opening * soonness(service, now)
            + network.weight_answers * record_points(service, met, records)
        )
        rows.append((live >= service.capacity, -points, service.pk, service.organisation_id, tuple(sorted(met))))
    best, offers = {}, last_offers()
    for row in sorted(rows):
        best.setdefault(row[3], row)
    ordered = sorted(best.values(), key=lambda row: (row[0], row[1], offers.get(row[3], (0, 0)), row[2]))
    return [
        (service, organisation, met, -points / 10_000, not full)
        for full, points, service, organisation, met in ordered[: network.suggestion_count if limit is None else limit]
    ]


def needs_met(service, needs, parents):
    """Return the needs that the service is listed at or above, and these with the needs that it is listed beneath."""
    offered = {category.pk for category in service.categories.all()}
    named = {need for need in needs if offered & set(lineage(need, parents))}
    return named, named | {need for need in needs if any(need in lineage(one, parents) for one in offered)}


def lineage(category_id, parents):
    while category_id is not None:
        yield category_id
        category_id = parents[category_id]


def is_there_for(service, network, person):
    if person.point is None:
        return service.catchment is None
    shape = service.catchment or network.area.boundary
    return shapely.from_wkb(bytes(shape.wkb)).covers(shapely.Point(person.point.x, person.point.y))


def suits(service, person):
    allowed = {}
    for restriction in service.restrictions.all():
        if restriction.option is None:
            years = range(restriction.age_from or 0, 1000 if restriction.age_to is None else restriction.age_to + 1)
            if person.age is not None and person.age not in years:
                return False
        else:
            allowed.setdefault(restriction.option.demographic, set()).add(restriction.option_id)
    for demographic, options in allowed.items():
        answers = {option.pk for option in demographic.options.all()} & person.option_ids
        if answers and not answers & options:
            return False
    return True


def fit(service, person):
    """Return 10,000 if all restrictions are met, 0 if one is not answered, and half without any. The service suits."""
    shown = [
        person.age is not None
        if restriction.option is None
        else any(option.pk in person.option_ids for option in restriction.option.demographic.options.all())
        for restriction in service.restrictions.all()
    ]
    return 0 if not all(shown) else 10_000 if shown else 5_000


def nearness(service, person):
    venue = service.venue
    if person.point is None or venue is None or venue.is_confidential or venue.point is None:
        return 5000
    metres = round(GEOD.inv(person.point.x, person.point.y, venue.point.x, venue.point.y)[2])
    return 20_000_000 // (2000 + metres)


def soonness(service, now):
    waits = []
    for offset in range(-1, 8):
        day = now.date() + timedelta(days=offset)
        for opens, closes in times_of(service, day):
            starts = datetime.combine(day, opens)
            ends = datetime.combine(day if closes > opens else day + timedelta(days=1), closes)
            if ends > now and starts - now <= timedelta(days=7):
                waits.append(max(0, int((starts - now).total_seconds())))
    if waits:
        return 10_000 * (604_800 - min(waits)) // 604_800
    return 0 if service.opening_hours.all() else 5000


def record_points(service, met, records):
    """Return the mean of the records of the needs that it meets, rounded down; else that of all; else half."""
    of_needs = [records[key] for need in met if (key := (service.organisation_id, need)) in records]
    return sum(of_needs) // len(of_needs) if of_needs else records.get((service.organisation_id, None), 5000)


def times_of(service, day):
    """Return (opens, closes) of what begins on the day."""
    exceptions = [row for row in service.opening_exceptions.all() if row.first_day <= day <= row.last_day]
    if exceptions:
        return [(row.opens, row.closes) for row in exceptions if row.opens is not None]
    if service.closed_on_bank_holidays and day in BANK_HOLIDAYS[service.network.country]:
        return []
    return [
        (row.opens, row.closes)
        for row in service.opening_hours.all()
        if row.weekday == day.weekday()
        and (row.valid_from is None or row.valid_from <= day)
        and (row.valid_to is None or day <= row.valid_to)
    ]


def last_offers():
    """Return a sort key by organisation: never comes first, and is not among them."""
    offered = Assignment.objects.filter(offered_at__isnull=False).order_by("offered_at")
    return {assignment.organisation_id: (1, assignment.offered_at.timestamp()) for assignment in offered}
