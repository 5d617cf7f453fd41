"""Puts a world into the scratch database, where the ranking reads it, and keeps its offers up to date there."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.contrib.gis.geos import GEOSGeometry
from django.contrib.gis.geos import Point as GeosPoint
from django.db import connection, transaction
from psycopg import Cursor

from referrals import models
from referrals.bench.matching.simulator import Offer, SimulatedStrand
from referrals.bench.matching.world import PastOffer, Suitable, World, WorldPerson, WorldService, distance_km
from referrals.enums import LIVE_ASSIGNMENT, AssignmentStatus, MembershipStatus, Outcome, RejectReason
from referrals.hours import LONDON
from referrals.matching import refresh_track_records

NETWORK = 1
START = datetime(2026, 3, 2, 9, tzinfo=LONDON)  # day 0: a Monday
# In an order in which they can be emptied.
_TABLES = (
    *("referrals_publiclisting", "referrals_restriction", "referrals_openinghours", "referrals_service_categories"),
    *("referrals_service", "referrals_venue", "referrals_activity", "referrals_networkmembership"),
    *("referrals_demographicoption", "referrals_demographic", "referrals_category", "referrals_organisation"),
    *("referrals_network", "referrals_area"),
)
_OFFER_TABLES = ("referrals_assignment", "referrals_strand", "referrals_need", "referrals_trackrecord")

# In this database alone, offers are written without what keeps them safe elsewhere: only the ranking reads them.
_UNPROTECT = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype = 'f' AND (conrelid = ANY (%(tables)s::regclass[]) OR confrelid = ANY (%(tables)s::regclass[]))
"""
_COVERED = """
SELECT person.key, service.id FROM unnest(%(keys)s::int[], %(xs)s::float8[], %(ys)s::float8[]) person (key, x, y)
JOIN referrals_service service
    ON ST_Covers(coalesce(service.catchment, (SELECT boundary FROM referrals_area)),
                 ST_SetSRID(ST_MakePoint(person.x, person.y), 4326))
ORDER BY 1, 2
"""

_HISTORY, _OLD_CASES = 10_000_000, 20_000_000  # where the keys of offers from before the first day begin
_LONG_AGO = 720  # days
_RECORDS_EVERY = 2.0  # days


def day_to_time(day: float) -> datetime:
    return START + timedelta(days=day)


def prepare_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(_TABLES)} CASCADE")
        cursor.execute(_UNPROTECT, {"tables": list(_OFFER_TABLES)})
        for table, constraint in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
        for table in _OFFER_TABLES:
            cursor.execute(f"ALTER TABLE {table} SET UNLOGGED")


def store_world(world: World) -> models.Network:
    """Replace what the database holds, find out who suits whom, and return the world's network."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(_OFFER_TABLES)}")
        for table in _TABLES:
            cursor.execute(f"DELETE FROM {table}")
        network = _store_network(world)
        _store_organisations(world)
        _store_services(world)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(_TABLES)}")
    world.suitable = _find_suitable(world)
    return network


def _store_network(world: World) -> models.Network:
    area = models.Area.objects.create(pk=1, code="WORLD", name="World", boundary=GEOSGeometry(world.area, srid=4326))
    network = models.Network(pk=NETWORK, name="World", slug="world", email="world@example.org", area=area)
    network.suggestion_count = world.parameters.suggestions
    for name, value in world.weights.items():
        setattr(network, name, value)
    network.save(force_insert=True)
    # Parents come first, as their keys are lower or they have been stored before.
    for key in sorted(world.parents, key=lambda key: (world.parents[key] is not None, key)):
        models.Category.objects.create(
            pk=key, network=network, parent_id=world.parents[key], name=f"Need {key}", slug=f"need-{key}", position=key
        )
    for demographic, options in world.demographics.items():
        models.Demographic.objects.create(pk=demographic, network=network, name=f"Demographic {demographic}")
        models.DemographicOption.objects.bulk_create(
            models.DemographicOption(pk=option, demographic_id=demographic, name=f"Option {option}")
            for option in options
        )
    return network


def _store_organisations(world: World) -> None:
    keys = sorted(world.organisations)
    models.Organisation.objects.bulk_create(
        models.Organisation(pk=key, name=f"Organisation {key}", slug=f"organisation-{key}", email="o@example.org")
        for key in keys
    )
    models.NetworkMembership.objects.bulk_create(
        models.NetworkMembership(network_id=NETWORK, organisation_id=key, status=MembershipStatus.ACTIVE)
        for key in keys
    )


def _store_services(world: World) -> None:
    services = world.services
    models.Activity.objects.bulk_create(
        models.Activity(pk=service.key, organisation_id=service.organisation, name=f"Activity {service.key}")
        for service in services
    )
    models.Venue.objects.bulk_create(
        models.Venue(
            pk=service.key,
            organisation_id=service.organisation,
            name=f"Venue {service.key}",
            point=GeosPoint(*service.point, srid=4326),
            is_confidential=service.is_confidential,
        )
        for service in services
        if service.point
    )
    models.Service.objects.bulk_create(
        models.Service(
            pk=service.key,
            organisation_id=service.organisation,
            network_id=NETWORK,
            activity_id=service.key,
            venue_id=service.key if service.point else None,
            catchment=GEOSGeometry(service.catchment, srid=4326) if service.catchment else None,
            by_appointment=service.by_appointment,
            capacity=service.capacity,
        )
        for service in services
    )
    models.Service.categories.through.objects.bulk_create(
        models.Service.categories.through(service_id=service.key, category_id=category)
        for service in services
        for category in service.categories
    )
    models.Restriction.objects.bulk_create(row for service in services for row in _restrictions(service))
    models.OpeningHours.objects.bulk_create(
        models.OpeningHours(
            service_id=service.key,
            weekday=weekday,
            opens=time.fromisoformat(opens),
            closes=time.fromisoformat(closes),
        )
        for service in services
        for weekday, opens, closes in service.weekly_hours
    )


def _restrictions(service: WorldService) -> Iterable[models.Restriction]:
    for option in sorted(service.options):
        yield models.Restriction(service_id=service.key, option_id=option)
    if service.ages:
        yield models.Restriction(service_id=service.key, age_from=service.ages[0], age_to=service.ages[1])


def _find_suitable(world: World) -> dict[int, list[Suitable]]:
    """Return the suitable services by person. Shapes are compared by the database, as the ranking does it."""
    placed = [person for person in world.people if person.point]
    parameters = {
        "keys": [person.key for person in placed],
        "xs": [person.point[0] for person in placed],
        "ys": [person.point[1] for person in placed],
    }
    by_key = {person.key: person for person in world.people}
    found: dict[int, list[Suitable]] = {key: [] for key in by_key}
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, parameters)
        pairs = cursor.fetchall()
    # Without a postcode, only the services of the whole area.
    pairs += [
        (person.key, service.key)
        for person in world.people
        if person.point is None
        for service in world.services
        if service.catchment is None
    ]
    families = _families(world)
    for key, service_key in pairs:
        if suitable := _match(world, by_key[key], world.service_by_key[service_key], families):
            found[key].append(suitable)
    return found


def _families(world: World) -> dict[int, frozenset[int]]:
    """Return each category with all above it and all beneath it: services listed under any of them meet it."""
    above = {}
    for key in world.parents:
        line, parent = {key}, world.parents[key]
        while parent is not None:
            line.add(parent)
            parent = world.parents[parent]
        above[key] = line
    return {key: frozenset(above[key] | {other for other in above if key in above[other]}) for key in above}


def _match(
    world: World, person: WorldPerson, service: WorldService, families: dict[int, frozenset[int]]
) -> Suitable | None:
    needs = frozenset(need for need in person.needs if families[need] & service.categories)
    if not needs or not _fits(world, service, person.told_options, person.told_age):
        return None
    made_for: set[int | str] = {
        demographic
        for demographic, options in world.demographics.items()
        if service.options.intersection(options) & person.told_options
    }
    if service.ages and person.told_age is not None:
        made_for.add("age")
    languages = person.options & world.other_languages
    point = person.point if service.point else None
    return Suitable(
        service=service,
        needs=needs,
        made_for=frozenset(made_for),
        km=distance_km(point, service.point) if point else 2.0,
        truly_suits=_fits(world, service, person.options, person.age),
        speaks=not languages or bool(languages & service.options),
    )


def _fits(world: World, service: WorldService, options: frozenset[int], age: int | None) -> bool:
    for alternatives in world.demographics.values():
        supported, given = service.options.intersection(alternatives), options.intersection(alternatives)
        if supported and given and not supported & given:
            return False
    if service.ages and age is not None:
        lowest, highest = service.ages
        return (lowest is None or age >= lowest) and (highest is None or age <= highest)
    return True


class OfferTable:
    """Writes what changed since the last time in one statement, just before the ranking reads it."""

    _COLUMNS = (
        ("id", "int"),
        ("strand_id", "int"),
        ("service_id", "int"),
        ("organisation_id", "int"),
        ("position", "int"),
        ("status", "text"),
        ("offered_at", "timestamptz"),
        ("lapsed_at", "timestamptz"),
        ("accepted_at", "timestamptz"),
        ("ended_at", "timestamptz"),
        ("reject_reason", "text"),
        ("outcome", "text"),
    )
    _NAMES = ", ".join(name for name, _ in _COLUMNS)
    _ARRAYS = ", ".join(f"%s::{kind}[]" for _, kind in _COLUMNS)
    _CHANGES = ", ".join(f"{name} = excluded.{name}" for name, _ in _COLUMNS if name != "id")
    _WRITE = f"""
        INSERT INTO referrals_assignment ({_NAMES}, reasons, note_for_next)
        SELECT *, '[]', '' FROM unnest({_ARRAYS})
        ON CONFLICT (id) DO UPDATE SET {_CHANGES}
    """
    _STRANDS = """
        INSERT INTO referrals_strand (id, referral_id, network_id, status, why_coordinator, outcome, created_at)
        SELECT id, referral, %s, 'seeking', '', '', created FROM unnest(%s::int[], %s::int[], %s::timestamptz[])
            strand (id, referral, created)
    """
    _NEEDS = """
        INSERT INTO referrals_need (referral_id, category_id, strand_id)
        SELECT * FROM unnest(%s::int[], %s::int[], %s::int[])
        ON CONFLICT (referral_id, category_id) DO UPDATE SET strand_id = excluded.strand_id
    """

    def __init__(self, world: World) -> None:
        self._changed: dict[int, tuple] = {}
        self._strands: list[tuple] = []
        self._needs: dict[tuple[int, int], int] = {}  # strand by person and need: a split moves it
        self._next_records = 0.0
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(_OFFER_TABLES)}")
        for number, offer in enumerate(world.history, start=1):
            self._add_past_offer(_HISTORY + number, offer)

    def add_strand(self, strand: SimulatedStrand, day: float) -> None:
        self._strands.append((strand.key, strand.person.key, day_to_time(day)))
        self._needs |= {(strand.person.key, need): strand.key for need in strand.needs}

    def change(self, offer: Offer) -> None:
        service, status = offer.suitable.service, offer.status
        self._changed[offer.key] = (
            *(offer.key, offer.strand.key, service.key, service.organisation, offer.position, str(status)),
            *(None if day is None else day_to_time(day) for day in (offer.offered, offer.lapsed)),
            *(None if day is None else day_to_time(day) for day in (offer.accepted, offer.ended)),
            RejectReason.OTHER.value if status == AssignmentStatus.REJECTED else "",
            Outcome.SUPPORTED.value if status == AssignmentStatus.CLOSED else "",
        )

    def begin_old_case(self, number: int, service: WorldService) -> None:
        self._write_old_case(number, service, None)

    def end_old_case(self, number: int, service: WorldService, day: float) -> None:
        self._write_old_case(number, service, day)

    def write(self, cursor: Cursor, day: float) -> None:
        """Write what changed, and every other day what the schedule makes of it (in truth every hour)."""
        if self._changed:
            # Ended ones first: a strand has at most one that is live.
            rows = sorted(self._changed.values(), key=lambda row: row[5] in LIVE_ASSIGNMENT)
            cursor.execute(self._WRITE, [*map(list, zip(*rows, strict=True))])
            self._changed = {}
        if day < self._next_records or not self._strands:
            return
        cursor.execute(self._STRANDS, [NETWORK, *map(list, zip(*self._strands, strict=True))])
        needs = [(person, need, strand) for (person, need), strand in self._needs.items()]
        cursor.execute(self._NEEDS, [*map(list, zip(*needs, strict=True))])
        self._strands.clear()
        self._needs.clear()
        refresh_track_records(now=day_to_time(day))
        cursor.execute(f"VACUUM (ANALYZE) {_OFFER_TABLES[0]}")
        self._next_records = day + _RECORDS_EVERY

    def _write_old_case(self, number: int, service: WorldService, ended: float | None) -> None:
        # So long ago that it says nothing of how the organisation answers now.
        key, began = _OLD_CASES + number, day_to_time(-_LONG_AGO)
        status = AssignmentStatus.ACCEPTED if ended is None else AssignmentStatus.CLOSED
        self._changed[key] = (
            *(key, key, service.key, service.organisation, 1, status.value, began, None, began),
            *(None if ended is None else day_to_time(ended), "", "" if ended is None else Outcome.SUPPORTED.value),
        )

    def _add_past_offer(self, key: int, offer: PastOffer) -> None:
        answered = None if offer.delay is None else day_to_time(offer.day + offer.delay)
        if answered is None:
            status, lapsed = AssignmentStatus.LAPSED, day_to_time(offer.day + offer.lapse)
            ended = lapsed
        else:
            status = AssignmentStatus.CLOSED if offer.is_yes else AssignmentStatus.REJECTED
            lapsed, ended = None, answered
        self._strands.append((key, key, day_to_time(offer.day)))
        self._needs |= {(key, need): key for need in offer.service.categories}
        self._changed[key] = (
            *(key, key, offer.service.key, offer.service.organisation, 1, status.value, day_to_time(offer.day)),
            *(lapsed, answered if offer.is_yes else None, ended),
            RejectReason.OTHER.value if status == AssignmentStatus.REJECTED else "",
            Outcome.SUPPORTED.value if status == AssignmentStatus.CLOSED else "",
        )
