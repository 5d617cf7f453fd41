"""Services are found as a slow reading of each would find them, and the numbers beside choices are what these leave.

The reference asks the models of each service, one after the other, what the filter asks in SQL.
"""

import random
from collections import Counter
from datetime import datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.utils import timezone

from referrals.enums import AssignmentStatus
from referrals.filters import ServiceFilter
from referrals.hours import Timetable
from referrals.models import (
    Assignment,
    Category,
    Network,
    OpeningException,
    OpeningHours,
    Restriction,
    Service,
    Strand,
    User,
)
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 10, 30)  # noqa: DTZ001 - a Tuesday, local time
SEEDS = range(gate_or_all(2, 25))
WORDS = ("advice", "food", "kettle")


class MadeWorld:
    """A network with a tree of categories, and services of every kind."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.network = f.NetworkFactory()
        food = f.CategoryFactory(network=self.network, name="Food")
        parcels = f.CategoryFactory(network=self.network, name="Parcels", parent=food)
        # Retired, but still on services, and in links that were sent on.
        meals = f.CategoryFactory(network=self.network, name="Meals", parent=food, retired_at=timezone.now())
        self.categories = [food, parcels, meals, f.CategoryFactory(network=self.network, name="Debt")]
        self.organisations = [f.OrganisationFactory(network=self.network) for _ in range(3)]
        self.demographics = [f.DemographicFactory(network=self.network) for _ in range(2)]
        self.options = [f.DemographicOptionFactory(demographic=one) for one in self.demographics for _ in range(2)]
        self.stranger = f.OrganisationMemberFactory(organisation=self.organisations[0]).user
        self.commissioner = f.NetworkRoleFactory(network=self.network, role="commissioner").user
        for _ in range(12):
            self._add_service()

    def _add_service(self) -> None:
        draw = self.draw
        service = f.ServiceFactory(
            network=self.network,
            organisation=draw.choice(self.organisations),
            summary=" ".join(draw.sample(WORDS, 2)),
            capacity=draw.randrange(3),
            categories=draw.sample(self.categories, draw.randrange(3)),
            paused_at=draw.choice([None, None, None, timezone.now()]),
        )
        for weekday in draw.sample(range(7), draw.randrange(4)):
            opens, closes = draw.choice([(time(9), time(12)), (time(22), time(11)), (time(11), time(17))])
            from_day = draw.choice([None, None, NOW.date() - timedelta(days=9), NOW.date() + timedelta(days=9)])
            OpeningHours.objects.create(
                service=service, weekday=weekday, opens=opens, closes=closes, valid_from=from_day
            )
        if draw.random() < 0.3:
            OpeningException.objects.create(service=service, first_day=NOW.date(), last_day=NOW.date())
        for option in draw.sample(self.options, draw.randrange(3)):
            Restriction.objects.create(service=service, option=option)
        for status in draw.sample([AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED], draw.randrange(3)):
            self._assign(service, status)

    def _assign(self, service: Service, status: AssignmentStatus) -> None:
        referral = f.ReferralFactory(network=self.network)
        strand = Strand.objects.create(referral=referral, network=self.network)
        now = timezone.now()
        Assignment.objects.create(
            strand=strand,
            service=service,
            organisation=service.organisation,
            position=1,
            status=status,
            offered_at=now,
            accepted_at=now if status == AssignmentStatus.ACCEPTED else None,
        )

    def filter(self, user: User, query: dict[str, object]) -> ServiceFilter:
        given = QueryDict(mutable=True)
        given.update({name: str(value) for name, value in query.items()})
        services = Service.objects.filter(network=self.network)
        request = SimpleNamespace(user=user)
        local = timezone.make_aware(NOW)
        return ServiceFilter(given, services, networks=[self.network], request=request, now=local)

    def queries(self) -> list[dict[str, object]]:
        """Return one choice of each filter, none, and some drawn combinations."""
        choices = {
            "q": [*WORDS, "food advice"],
            "category": [one.pk for one in self.categories],
            "organisation": [*{one.organisation_id for one in Service.objects.filter(network=self.network)}],
            "day": range(7),
            "suits": [one.pk for one in self.options],
            "open_now": ["on"],
            "has_room": ["on"],
        }
        singly = [{name: self.draw.choice(values)} for name, values in choices.items()]
        drawn = [self.draw.sample(sorted(choices), 2) for _ in range(3)]
        return [{}, *singly, *({name: self.draw.choice(choices[name]) for name in names} for names in drawn)]


def is_found(service: Service, query: dict[str, object], *, knows_load: bool) -> bool:
    return all(_RULES[name](service, value, knows_load) for name, value in query.items())


def _has_words(service: Service, words: str, knows_load: bool) -> bool:
    texts = (service.activity.name, service.organisation.name, service.summary, service.description)
    return all(any(word in text.lower() for text in texts) for word in words.split())


def _can_help(service: Service, key: int, knows_load: bool) -> bool:
    above = {key, Category.objects.get(pk=key).parent_id}
    return any(one.pk in above or one.parent_id == key for one in service.categories.all())


def _opens_on(service: Service, weekday: int, knows_load: bool) -> bool:
    begun = [row for row in service.opening_hours.all() if row.valid_from is None or row.valid_from <= NOW.date()]
    return weekday in {row.weekday for row in begun}


def _suits(service: Service, key: int, knows_load: bool) -> bool:
    asked = {row.option_id: row.option.demographic_id for row in service.restrictions.select_related("option")}
    demographic = f.models.DemographicOption.objects.get(pk=key).demographic_id
    return demographic not in asked.values() or key in asked


def _is_open(service: Service, value: str, knows_load: bool) -> bool:
    days = [NOW.date() - timedelta(days=1), NOW.date()]
    found = [one for day in days for one in Timetable.of(service).openings_on(day)]
    return any(one.starts <= NOW < one.ends for one in found)


def _has_room(service: Service, value: str, knows_load: bool) -> bool:
    live = service.assignments.filter(status__in=("offered", "accepted")).count()
    return knows_load and service.paused_at is None and service.capacity > live


_RULES = {
    "q": _has_words,
    "category": _can_help,
    "organisation": lambda service, key, knows_load: service.organisation_id == key,
    "day": _opens_on,
    "suits": _suits,
    "open_now": _is_open,
    "has_room": _has_room,
}


@pytest.mark.parametrize("seed", SEEDS)
def test_it_finds_and_counts_what_a_slow_reading_does(seed):
    world = MadeWorld(seed)
    services = list(Service.objects.filter(network=world.network).select_related("activity", "organisation"))
    choices = {
        "category": [one.pk for one in world.categories],
        "organisation": [one.pk for one in world.organisations],
        "day": range(7),
        "suits": [one.pk for one in world.options],
        "open_now": [True],
        "has_room": [True],
    }
    for query in world.queries():
        filtered = world.filter(world.commissioner, query)
        expected = {one for one in services if is_found(one, query, knows_load=True)}
        assert set(filtered.qs) == expected, query
        counts = filtered.counts()
        assert set(counts) == set(choices)
        for name, values in choices.items():
            others = {other: value for other, value in query.items() if other != name}
            slow = Counter(
                value for value in values for one in services if is_found(one, {**others, name: value}, knows_load=True)
            )
            assert {value: counts[name].get(value, 0) for value in values} == {v: slow[v] for v in values}, query


def test_has_room_tells_nobody_what_is_not_shared():
    world = MadeWorld(1)
    Network.objects.update(shares_load=False)
    own = world.organisations[0]
    services = Service.objects.filter(network=world.network)
    expected = {one for one in services if is_found(one, {"has_room": "on"}, knows_load=one.organisation_id == own.pk)}
    filtered = world.filter(world.stranger, {"has_room": "on"})
    assert set(filtered.qs) == expected
    assert filtered.counts()["has_room"] == {True: len(expected)}


def test_what_is_not_offered_is_no_choice_and_filters_nothing():
    world = MadeWorld(2)
    elsewhere = f.CategoryFactory()
    stranger = f.OrganisationFactory(network=f.NetworkFactory())
    for query in ({"category": elsewhere.pk}, {"organisation": stranger.pk}, {"day": 8}, {"suits": 0}):
        filtered = world.filter(world.stranger, query)
        assert filtered.qs.count() == 12, query
        assert not filtered.form.is_valid()
