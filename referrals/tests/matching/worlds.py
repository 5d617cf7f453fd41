"""Random small worlds: everything that the ranking looks at differs in them, and by so little that ties abound."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import cos, sin, tau
from random import Random

from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from referrals import models
from referrals.hours import LONDON
from referrals.matching import PersonFacts
from referrals.tests import factories

WEST, SOUTH, STEP, SIDE = -0.16, 51.50, 0.01, 8  # a grid of 8 x 8 points; shapes have their corners on it as well
OPTIONS_EACH = 3
# The clocks change on 29 March and 25 October 2026; the summer season ends with September. Mondays of the last line
# are mostly bank holidays, the 6th of April in England alone, the 30th of November in Scotland alone.
DAYS = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 5, 13), date(2026, 9, 30), date(2026, 10, 24)]
DAYS += [day + timedelta(days=1) for day in DAYS[-2:]]
DAYS += [date(2026, *day) for day in ((4, 6), (5, 4), (5, 18), (5, 25), (5, 25), (5, 26), (11, 30))]
WEIGHTS = [f"weight_{factor}" for factor in ("needs", "room", "made_for", "distance", "opening", "answers")]
OFFERED_AT = [datetime(2026, 1, day, 9, tzinfo=UTC) for day in (5, 6, 7)]


@dataclass
class World:
    network: models.Network
    categories: list[models.Category] = field(default_factory=list)
    options: list[models.DemographicOption] = field(default_factory=list)
    organisations: list[models.Organisation] = field(default_factory=list)
    services: list[models.Service] = field(default_factory=list)


def make_world(random: Random, *, services: int = 30) -> World:
    network = factories.NetworkFactory(
        area__boundary=MultiPolygon(_rectangle(1, 1, 6, 6), srid=4326), country=random.choice(["ENG", "SCT"])
    )
    elsewhere = factories.NetworkFactory(area=network.area)
    world = World(network)
    for depth in (0, 3, 6):  # three roots, then children of any category there is
        for _ in range(3):
            parent = random.choice(world.categories) if depth else None
            world.categories.append(factories.CategoryFactory(network=network, parent=parent))
    for _ in range(2):
        demographic = factories.DemographicFactory(network=network)
        world.options += factories.DemographicOptionFactory.create_batch(OPTIONS_EACH, demographic=demographic)
    for _ in range(9):
        organisation = factories.OrganisationFactory()
        world.organisations.append(organisation)
        for joined, chances in ((network, ["active"] * 6 + ["suspended", "left"]), (elsewhere, ["active"])):
            organisation.memberships.create(network=joined, status=random.choice(chances))
    for _ in range(services):
        home = network if random.random() < 0.9 else elsewhere
        world.services.append(_make_service(random, world, home))
    _make_assignments(random, world)
    _make_track_records(random, world)
    return world


def make_question(random: Random, world: World) -> dict:
    """Return the arguments of one `suggest` beside the network, whose weights and limit change as well."""
    world.network.suggestion_count = random.choice([3, 50])
    weights = random.choice([[0], [0, 0, 1, 100], [1, 40, 100]])  # with the first, nothing but ties
    for weight in WEIGHTS:
        setattr(world.network, weight, random.choice(weights))
    if random.random() < 0.5:  # of all factors it has the most rules
        world.network.weight_opening = 100
    person = PersonFacts(
        point=None if random.random() < 0.1 else _grid_point(random),
        place="NW5 2",
        age=random.choice([None, 17, 18, 25, 26, 60]),
        option_ids=frozenset(option.pk for option in world.options if random.random() < 0.3),
    )
    local = datetime.combine(
        random.choice(DAYS), time(random.choice([0, 1, 2, 8, 9, 12, 17, 18, 22]), random.choice([0, 0, 30]))
    )
    question = {
        "need_ids": [category.pk for category in random.sample(world.categories, random.choice([1, 2, 3]))],
        "person": person,
        "at": local.replace(tzinfo=LONDON) + timedelta(seconds=random.choice([0, 0, 59])),
    }
    if random.random() < 0.3:
        question["limit"] = random.randrange(5)
    if random.random() < 0.3:
        excluded = random.sample(world.organisations, random.choice([1, 1, 8]))
        question["exclude_organisation_ids"] = [organisation.pk for organisation in excluded]
    if random.random() < 0.3:
        question["service_ids"] = [service.pk for service in world.services if random.random() < 0.5]
    return question


def occupy(service: models.Service, status: str = "accepted", *, offered_at: datetime = OFFERED_AT[0]) -> None:
    """Give `service` one more open case, or an offer that it has not answered."""
    referral = factories.ReferralFactory(network=service.network)
    strand = models.Strand.objects.create(referral=referral, network=service.network, status="placed")
    models.Assignment.objects.create(
        strand=strand,
        service=service,
        organisation=service.organisation,
        position=0,
        status=status,
        offered_at=offered_at,
        accepted_at=offered_at if status == "accepted" else None,
    )


def _make_service(random: Random, world: World, network: models.Network) -> models.Service:
    organisation = random.choice(world.organisations)
    service = factories.ServiceFactory(
        network=network,
        organisation=organisation,
        venue=_make_venue(random, organisation),
        catchment=_make_catchment(random),
        capacity=random.choice([0, 1, 1, 2, 2, 4, 4, 4]),
        paused_at=OFFERED_AT[0] if random.random() < 0.05 else None,
        archived_at=OFFERED_AT[0] if random.random() < 0.05 else None,
        closed_on_bank_holidays=random.random() < 0.7,
        categories=random.sample(world.categories, random.choice([1, 2, 3])),
    )
    models.OpeningHours.objects.bulk_create(
        {
            (opening.weekday, opening.opens, opening.valid_from): opening for opening in _make_hours(random, service)
        }.values()
    )
    models.OpeningException.objects.bulk_create(
        {(row.first_day, row.last_day, row.opens or time()): row for row in _make_exceptions(random, service)}.values()
    )
    for option in random.sample(world.options, random.choice([0, 0, 0, 0, 1, 4])):
        factories.RestrictionFactory(service=service, option=option)
    if random.random() < 0.2:
        age_from, age_to = random.choice([(18, None), (None, 25), (18, 25), (60, None)])
        factories.RestrictionFactory(service=service, age_from=age_from, age_to=age_to)
    return service


def _make_venue(random: Random, organisation: models.Organisation) -> models.Venue | None:
    if random.random() < 0.3:
        return None
    point = None if random.random() < 0.1 else _grid_point(random)
    return factories.VenueFactory(organisation=organisation, point=point, is_confidential=random.random() < 0.2)


def _make_catchment(random: Random) -> MultiPolygon | None:
    """Return nothing, a square, two squares, a square with a hole, or a star with its corners anywhere."""
    kind = random.choice(["none", "none", "one", "two", "holed", "star"])
    if kind == "none":
        return None
    x, y, size = random.randrange(3), random.randrange(3), random.choice([3, 5, 7])
    polygons = [_rectangle(x, y, x + size, y + size)]
    if kind == "two":
        polygons.append(_rectangle(x + size + 1, y, x + size + 2, y + 1))
    elif kind == "holed":
        hole = _rectangle(x + 1, y + 1, x + 2, y + 2)
        polygons = [Polygon(polygons[0].exterior_ring, hole.exterior_ring, srid=4326)]
    elif kind == "star":
        polygons = [_star(random, WEST + (x + 2) * STEP, SOUTH + (y + 2) * STEP)]
    return MultiPolygon(polygons, srid=4326)


def _star(random: Random, longitude: float, latitude: float) -> Polygon:
    reaches = [STEP * (1 + 4 * random.random()) for _ in range(11)]
    corners = [
        (longitude + reach * cos(corner * tau / 11), latitude + reach * sin(corner * tau / 11))
        for corner, reach in enumerate(reaches)
    ]
    return Polygon([*corners, corners[0]], srid=4326)


def _make_hours(random: Random, service: models.Service) -> list[models.OpeningHours]:
    """Return openings by day, past midnight, right round the clock, and within seasons."""
    openings = []
    for _ in range(random.choice([0, 1, 1, 2, 3])):
        opens, closes = random.choice([(9, 17), (22, 2), (0, 0), (12, 12), (1, 2), (18, 0)])
        valid_from, valid_to = random.choice(
            [(None, None), (None, None), (date(2026, 4, 1), date(2026, 9, 30)), (date(2026, 10, 1), None)]
        )
        openings.append(
            models.OpeningHours(
                service=service,
                weekday=random.choice([day.weekday() for day in DAYS]),
                opens=time(opens),
                closes=time(closes),
                valid_from=valid_from,
                valid_to=valid_to,
            )
        )
    return openings


def _make_exceptions(random: Random, service: models.Service) -> list[models.OpeningException]:
    """Return days about those that are asked for, closed or with openings of their own, which may overlap."""
    rows = []
    for _ in range(random.choice([0, 0, 1, 3])):
        first_day = random.choice(DAYS) + timedelta(days=random.choice([-7, -1, 0, 0, 1, 6, 7]))
        opens, closes = random.choice([(None, None), (None, None), (9, 17), (10, 11), (22, 2), (0, 0), (18, 12)])
        rows.append(
            models.OpeningException(
                service=service,
                first_day=first_day,
                last_day=first_day + timedelta(days=random.choice([0, 0, 0, 0, 1, 8, 40])),
                opens=None if opens is None else time(opens),
                closes=None if closes is None else time(closes),
            )
        )
    return rows


def _make_assignments(random: Random, world: World) -> None:
    """Give services a history; every assignment has a strand of its own, since only one may live on each."""
    referral = factories.ReferralFactory(network=world.network, submission_key=uuid.UUID(int=random.getrandbits(128)))
    for service in world.services:
        for _ in range(random.choice([0, 1, 1, 2, 3, 4])):
            status = random.choice(["queued", "offered", "offered", "accepted", "accepted", "rejected", "closed"])
            offered = None if status == "queued" else random.choice(OFFERED_AT)
            waits = status == "offered" and offered.day % 2 == 1  # on a waiting list
            models.Assignment.objects.create(
                strand=models.Strand.objects.create(referral=referral, network=world.network, status="seeking"),
                service=service,
                organisation_id=service.organisation_id,
                position=0,
                status=status,
                offered_at=offered,
                remind_at=offered if waits else None,
                waitlisted_at=offered if waits else None,
                place_from=offered.date() if waits else None,
                accepted_at=offered if status in ("accepted", "closed") else None,
                ended_at=offered if status in ("rejected", "closed") else None,
                reject_reason="no_room" if status == "rejected" else "",
                outcome="supported" if status == "closed" else "",
            )


def _make_track_records(random: Random, world: World) -> None:
    memberships = models.NetworkMembership.objects.filter(organisation__in=world.organisations).order_by("pk")
    models.TrackRecord.objects.bulk_create(
        models.TrackRecord(
            network_id=membership.network_id,
            organisation_id=membership.organisation_id,
            category=category,
            offers=9,
            accepted=3,
            points=random.choice([2500, 5000, 10_000]),
        )
        for membership in memberships
        for category in [None, *world.categories]
        if random.random() < (0.2 if category else 0.6)
    )


def _grid_point(random: Random) -> Point:
    x, y = random.randrange(SIDE), random.randrange(SIDE)
    return Point(WEST + x * STEP, SOUTH + y * STEP, srid=4326)


def _rectangle(left: int, bottom: int, right: int, top: int) -> Polygon:
    west, south, east, north = (WEST + left * STEP, SOUTH + bottom * STEP, WEST + right * STEP, SOUTH + top * STEP)
    return Polygon(((west, south), (east, south), (east, north), (west, north), (west, south)), srid=4326)
