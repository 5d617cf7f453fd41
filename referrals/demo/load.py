"""Loads the demonstration in one transaction: all of it or nothing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from referrals import digests, freshness, matching, notifications
from referrals.demo.clock import SimulatedClock
from referrals.demo.files import FixturePlace, Fixtures, multipolygon
from referrals.demo.generated_organisations import generate_organisations
from referrals.demo.networks import store_networks
from referrals.demo.organisations import LoadContext, Participants, store_organisations
from referrals.demo.pictures import store_stock_pictures
from referrals.demo.referral_plan import HISTORY
from referrals.demo.simulation import Simulation
from referrals.demo.strand_actions import SimulationContext
from referrals.demo.visitor_messages import store_visitor_messages
from referrals.importers.postcodes import import_postcodes
from referrals.importers.progress import Progress, SilentProgress
from referrals.locks import take_named_lock
from referrals.models import Area, Network, Organisation, Postcode, Referral, Service, User
from referrals.models.geography import format_postcode, parse_postcode
from referrals.places.districts import renew_districts
from referrals.services.pictures import files_removed_on_failure

# The words that the Open Government Licence of Code-Point Open asks for.
POSTCODE_ATTRIBUTION = (
    "Contains OS data © Crown copyright and database right; contains Royal Mail data © Royal Mail copyright and "
    "database right; contains National Statistics data © Crown copyright and database right."
)
SENT_BEFORE = timedelta(hours=6)  # older e-mails count as sent when they were due; newer ones are really sent

_AT_A_TIME = 500


class AlreadyLoadedError(Exception):
    """The database has something that would get mixed up with the demonstration."""


@dataclass(frozen=True, slots=True)
class Loaded:
    organisations: int
    services: int
    referrals: int
    seconds: float


def load_postcodes(folder: Path, *, progress: Progress | None = None) -> bool:
    """Import the postcode files of `folder` unless an import was done before; return whether it ran.

    The few postcodes of the fixtures do not count as an import.
    """
    few = len(Fixtures().places)
    if Postcode.objects.all()[: few + 1].count() > few or not any(folder.glob("*.csv*")):
        return False
    import_postcodes([folder], progress=progress)
    return True


def load_demo(
    *,
    services: int = 0,
    referrals: int = 210,
    seed: int = 1,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Store the fixtures, add organisations until there are `services`, and simulate `referrals`.

    The same seed at the same moment gives the same network and the same referrals, except for their secret references.
    Raises AlreadyLoadedError when there is already a network, or a user of the demonstration.
    """
    started = time.monotonic()
    end = now or timezone.now()
    with files_removed_on_failure() as files, transaction.atomic(), notifications.enqueueing_paused():
        take_named_lock("demonstration")  # a second load waits for the first
        refuse_if_loaded()
        fixtures = Fixtures()
        clock = SimulatedClock(now=end - HISTORY - timedelta(days=1), end=end)
        _store_places(fixtures.places)
        _store_localities(fixtures)
        password_hash = make_password(fixtures.users["password"])
        stored = store_networks(fixtures, password_hash=password_hash, began=clock.now, now=end)
        stock = store_stock_pictures(fixtures, files)
        context = LoadContext(stored, fixtures, password_hash, began=clock.now, now=end, stock=stock)
        places = _find_places(fixtures, wide=services > 0)
        participants = _store_all_organisations(context, services, places, Random(f"{seed} organisations"))
        simulation = Simulation(SimulationContext(clock, stored, fixtures, participants), places, seed)
        simulation.run(referrals, progress=progress or SilentProgress())
        store_visitor_messages(fixtures, now=end)
        for membership in freshness.due_confirmations(today=timezone.localdate(end)):
            freshness.ask_to_confirm(membership, at=end)
        monday = _monday_morning(end)
        for key in digests.due_for_organisations(at=monday):
            digests.send_to_organisation(key, at=monday)
        for key in digests.due_for_networks(at=monday):
            digests.send_to_network(key, at=monday)
        matching.refresh_track_records(now=end)
        notifications.mark_past_as_sent(before=end - SENT_BEFORE)
    return Loaded(
        organisations=Organisation.objects.count(),
        services=Service.objects.count(),
        referrals=Referral.objects.count(),
        seconds=time.monotonic() - started,
    )


def _monday_morning(end: datetime) -> datetime:
    """Return nine o'clock on the last Monday before `end` on which it was that late."""
    local = timezone.localtime(end - timedelta(hours=9))
    monday = local.date() - timedelta(days=local.weekday())
    return timezone.make_aware(datetime.combine(monday, time_of_day(9)))


def refuse_if_loaded() -> None:
    if Network.objects.exists():
        raise AlreadyLoadedError("There is a network in this database already.")
    fixtures = Fixtures()
    people = [*fixtures.users["people"], *(person for row in fixtures.organisations for person in row["people"])]
    if User.objects.filter(email__in=[person["email"] for person in people]).exists():
        raise AlreadyLoadedError("There are users with the demonstration's e-mail addresses already.")


def _store_places(places: Sequence[FixturePlace]) -> None:
    # The form then knows at least these postcodes when none have been imported.
    Postcode.objects.bulk_create(
        (Postcode(code=parse_postcode(place.postcode), point=place.point) for place in places), ignore_conflicts=True
    )
    with connection.cursor() as cursor:
        renew_districts(cursor)


def _store_localities(fixtures: Fixtures) -> None:
    # So that the public can search "in Kilburn".
    area = fixtures.area
    Area.objects.bulk_create(
        (
            Area(
                code=f"{area['code']}-{slugify(name)}",
                name=name,
                boundary=multipolygon(shape),
                source=area["source"],
                is_simplified=area["is_simplified"],
            )
            for name, shape in fixtures.localities.items()
        ),
        ignore_conflicts=True,
    )


def _find_places(fixtures: Fixtures, *, wide: bool) -> list[FixturePlace]:
    """Return where people live: the fixtures' places or, if `wide`, every postcode of the area."""
    if not wide:
        return fixtures.places
    rows = Postcode.objects.filter(point__coveredby=fixtures.area["boundary"], terminated="").order_by("code")
    return [FixturePlace(format_postcode(code), *point.coords) for code, point in rows.values_list("code", "point")]


def _store_all_organisations(
    context: LoadContext, services: int, places: Sequence[FixturePlace], random: Random
) -> Participants:
    participants = Participants()
    store_organisations(context, context.fixtures.organisations, participants)
    missing = services - Service.objects.count()
    more = list(generate_organisations(context.fixtures, services=missing, places=places, random=random))
    for first in range(0, len(more), _AT_A_TIME):
        store_organisations(context, more[first : first + _AT_A_TIME], participants)
    return participants
