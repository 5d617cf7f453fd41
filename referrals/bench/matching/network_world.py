"""Reads a network as a world: its services, people like those who came, organisations that answer as they do.

No name, address or reference leaves the database: of people only where they live, their age, answers and needs.
"""

import statistics
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.db.models import F, QuerySet
from django.utils import timezone

from referrals import models
from referrals.bench.matching.drawing import draw_history
from referrals.bench.matching.parameters import Parameters
from referrals.bench.matching.rules import factor_fields
from referrals.bench.matching.world import World, WorldOrganisation, WorldPerson, WorldService
from referrals.enums import AssignmentStatus, ReferralStatus

FEWEST = 30  # referrals to draw people from
SPAN = timedelta(days=365)
_DAY = 24 * 3600
_USUAL = 5  # offers answered as is usual, which each organisation's own are averaged with
# What distance and fullness leave of an organisation's willingness, on average in the drawn worlds. Its record counts
# only what is left.
_LEFT_OF_WILLINGNESS = 0.75


class TooFewReferrals(Exception):  # noqa: N818 - not a fault
    """The text says what is missing."""


class NetworkReader:
    """Reads once; `world` draws as many worlds from it as wanted. Raises TooFewReferrals."""

    def __init__(self, network: models.Network, *, now: datetime | None = None) -> None:
        self.network, self.now = network, now or timezone.now()
        self.services = [_read_service(service) for service in _services_of(network)]
        self.people = self._read_people()
        if not self.services:
            raise TooFewReferrals("The network has no services that take people.")
        if len(self.people) < FEWEST:
            raise TooFewReferrals(
                f"The network has had {len(self.people)} referrals in the last 12 months. "
                f"A simulation needs at least {FEWEST} to draw people from."
            )
        self.parameters = self._read_parameters()
        self.organisations = self._read_organisations()
        demographics: dict[int, list[int]] = defaultdict(list)
        for option, demographic in models.DemographicOption.objects.filter(demographic__network=network).values_list(
            "pk", "demographic"
        ):
            demographics[demographic].append(option)
        self.demographics = dict(demographics)
        self.parents = dict(network.categories.order_by().values_list("pk", "parent"))

    def world(self, seed: str, *, load: float) -> World:
        """Return a world in which people come `load` times as often as they did."""
        days = self.parameters.days
        rate = load * len(self.people) / self._days_of_referrals
        drawn, people, day = Random(f"{seed} arrivals"), [], 0.0
        while (day := day + drawn.expovariate(rate)) < days:
            person = Random(f"{seed} person {len(people)}").choice(self.people)
            people.append(replace(person, key=len(people) + 1, arrives=day))
        return World(
            seed=seed,
            parameters=self.parameters,
            services=self.services,
            organisations=self.organisations,
            people=people,
            parents=self.parents,
            demographics=self.demographics,
            area=self.network.area.boundary.wkt,
            already_there=self._draw_open_cases(seed),
            history=draw_history(seed, self.parameters, self.services, self.organisations),
            weights={name: getattr(self.network, name) for name in factor_fields().values()},
        )

    def _read_people(self) -> list[WorldPerson]:
        referrals = models.Referral.objects.filter(
            strands__network=self.network, created_at__gt=self.now - SPAN
        ).exclude(status=ReferralStatus.SPAM)
        known = [f"person__{name}" for name in ("point", "date_of_birth", "age_given", "age_given_on")]
        rows = referrals.distinct().order_by("pk").select_related("person").only("created_at", *known)
        rows = rows.prefetch_related("person__options", "needs")
        first = min((row.created_at for row in rows), default=self.now)
        self._days_of_referrals = max((self.now - first).total_seconds() / _DAY, 1.0)
        own = set(self.network.categories.values_list("pk", flat=True))
        people = []
        for row in rows:
            person = row.person
            needs = frozenset(need.category_id for need in row.needs.all()) & own
            options = frozenset(option.pk for option in person.options.all())
            age = person.age_on(timezone.localdate(row.created_at))
            groups = tuple(sorted(f"option {option}" for option in options))
            people.append(
                WorldPerson(
                    key=0,
                    arrives=0.0,
                    point=(person.point.x, person.point.y) if person.point else None,
                    needs=needs,
                    options=options,
                    age=age,
                    told_options=options,
                    told_age=age,
                    patience=Parameters().patience,
                    groups=groups,
                )
            )
        return [person for person in people if person.needs]

    def _read_parameters(self) -> Parameters:
        """Return the usual ones, but for what the network has of its own."""
        usual = Parameters()
        closed = models.Assignment.objects.filter(
            service__network=self.network, status=AssignmentStatus.CLOSED, ended_at__gt=self.now - SPAN
        )
        lengths = closed.order_by().values_list(F("ended_at") - F("accepted_at"), flat=True)
        stays = [length.total_seconds() / _DAY for length in lengths]
        reminder, lapse = self.network.answer_days(urgent=False)
        return replace(
            usual,
            stay=statistics.fmean(stays) if len(stays) >= FEWEST else usual.stay,
            reminder=usual.reminder if reminder is None else float(reminder),
            lapse=usual.lapse if lapse is None else float(lapse),
            suggestions=self.network.suggestion_count,
        )

    def _read_organisations(self) -> dict[int, WorldOrganisation]:
        records = {
            record.organisation_id: record
            for record in models.TrackRecord.objects.filter(network=self.network, category=None)
        }
        offers = sum(record.offers for record in records.values())
        usual = sum(record.accepted for record in records.values()) / offers if offers else None
        found = {}
        for key in {service.organisation for service in self.services}:
            record = records.get(key)
            willingness, answer = self.parameters.willingness, self.parameters.answer
            if record and usual is not None:
                share = (record.accepted + _USUAL * usual) / (record.offers + _USUAL)
                willingness = min(0.99, share / _LEFT_OF_WILLINGNESS)
            if record and record.offers:
                # Where most offers get no answer in time, half of them may as well come after it.
                silent = self.parameters.reminder + self.parameters.lapse
                answer = silent if record.seconds is None else max(record.seconds / _DAY, 0.01)
            found[key] = WorldOrganisation(key=key, willingness=willingness, answer=answer)
        return found

    def _draw_open_cases(self, seed: str) -> dict[int, list[float]]:
        rows = models.Assignment.objects.filter(service__network=self.network, status=AssignmentStatus.ACCEPTED)
        found: dict[int, list[float]] = defaultdict(list)
        drawn = Random(f"{seed} cases")
        for key in rows.order_by("service", "pk").values_list("service", flat=True):
            found[key].append(drawn.expovariate(1 / self.parameters.stay))
        places = {service.key: service.true_capacity for service in self.services}
        return {key: ends[: places[key]] for key, ends in found.items() if key in places}


def _services_of(network: models.Network) -> QuerySet[models.Service]:
    services = models.Service.objects.filter(network=network).taking_people().by_active_members().order_by("pk")
    return services.select_related("venue").prefetch_related("categories", "restrictions", "opening_hours")


def _read_service(service: models.Service) -> WorldService:
    ages = models.Restriction.ages_among(service.restrictions.all())
    point = service.venue.point if service.venue else None
    return WorldService(
        key=service.pk,
        organisation=service.organisation_id,
        categories=frozenset(category.pk for category in service.categories.all()),
        capacity=service.capacity,
        true_capacity=service.capacity,
        point=(point.x, point.y) if point else None,
        is_confidential=bool(service.venue and service.venue.is_confidential),
        catchment=service.catchment.wkt if service.catchment else None,
        options=frozenset(row.option_id for row in service.restrictions.all() if row.option_id),
        ages=(ages.age_from, ages.age_to) if ages else None,
        weekly_hours=tuple(
            {
                (row.weekday, row.opens): (row.weekday, f"{row.opens:%H:%M}", f"{row.closes:%H:%M}")
                for row in service.opening_hours.all()
            }.values()
        ),
        by_appointment=service.by_appointment,
    )
