"""A world: services, organisations, and the people who arrive with what they would be answered.

Everything random follows from the world's seed and the numbers of the person and the service, never from the order of
events: so a rule that asks an organisation later, or not at all, changes nothing else.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from referrals.bench.matching.parameters import Parameters

Point = tuple[float, float]  # longitude, latitude
KM_PER_DEGREE = 111.32
NOT_KNOWN_KM = 2.0  # what rules that count distance take a secret one for, as ours does


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldService:
    """`key` and the other keys are primary keys in the scratch database. `true_capacity` is known to it alone."""

    key: int
    organisation: int
    categories: frozenset[int]
    capacity: int
    true_capacity: int
    point: Point | None
    is_confidential: bool = False
    catchment: str | None = None  # WKT; None = the network's area
    options: frozenset[int] = frozenset()
    ages: tuple[int | None, int | None] | None = None
    weekly_hours: tuple[tuple[int, str, str], ...] = ()  # weekday, opens, closes
    by_appointment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOrganisation:
    """`answer` is the median of its answering times; `away` are days from and to which it answers nothing."""

    key: int
    willingness: float
    answer: float
    joins: float = 0.0
    away: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldPerson:
    """`options` and `age` are true; `told_options` and `told_age` are what the form was told."""

    key: int
    arrives: float
    point: Point | None
    needs: frozenset[int]
    options: frozenset[int] = frozenset()
    age: int | None = None
    told_options: frozenset[int] = frozenset()
    told_age: int | None = None
    patience: float = 14.0
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suitable:
    """A service that may be suggested to a person, as far as the form was told. `km` is the true distance."""

    service: WorldService
    needs: frozenset[int]
    made_for: frozenset[str]  # gender, language, age: restrictions that an answer meets
    km: float
    truly_suits: bool
    speaks: bool  # the person's language, or the person speaks English

    @property
    def known_km(self) -> float:
        return NOT_KNOWN_KM if self.service.is_confidential or self.service.point is None else self.km


@dataclass(frozen=True, slots=True)
class Answer:
    """What an organisation would say to one person: after `delay` days (infinite: never), unless it is away.

    It accepts if `luck` is below its probability of accepting, which depends on how full it is by then.
    """

    delay: float
    luck: float
    stay: float


@dataclass(frozen=True, slots=True)
class PastOffer:
    """One from before the first day, which is what the ranking knows of the organisation then. `delay` None: lapsed."""

    service: WorldService
    day: float
    delay: float | None
    is_yes: bool
    lapse: float


@dataclass(kw_only=True)
class World:
    seed: str
    parameters: Parameters
    services: Sequence[WorldService]
    organisations: Mapping[int, WorldOrganisation]
    people: Sequence[WorldPerson]
    parents: Mapping[int, int | None]  # of categories
    demographics: Mapping[int, Sequence[int]]  # and their options
    area: str  # WKT
    already_there: Mapping[int, Sequence[float]] = field(default_factory=dict)  # by service: when these cases end
    history: Sequence[PastOffer] = ()
    suitable: Mapping[int, Sequence[Suitable]] = field(default_factory=dict)  # by person
    weights: Mapping[str, int] = field(default_factory=dict)  # of the network; those left out have their defaults
    _answers: dict[tuple[int, int], Answer] = field(default_factory=dict)

    @cached_property
    def service_by_key(self) -> dict[int, WorldService]:
        return {service.key: service for service in self.services}

    def answer(self, person: int, service: WorldService) -> Answer:
        if found := self._answers.get((person, service.key)):
            return found
        drawn = Random(f"{self.seed} answer {person} {service.key}")
        parameters, organisation = self.parameters, self.organisations[service.organisation]
        delay = organisation.answer * math.exp(parameters.answer_variation * drawn.gauss())
        overlooked, rescued, luck = drawn.random(), drawn.random(), drawn.random()
        if overlooked < parameters.overlooked:
            delay = parameters.reminder + delay if rescued < parameters.rescued else math.inf
        # The same length of the case wherever the person goes, or hindsight could choose short ones.
        stay = Random(f"{self.seed} stay {person}").expovariate(1 / parameters.stay)
        self._answers[person, service.key] = answer = Answer(delay, luck, stay)
        return answer

    def probability(self, suitable: Suitable, *, taken: int, is_late: bool) -> float:
        """Return how likely the organisation is to accept while `taken` of its places are taken."""
        service, parameters = suitable.service, self.parameters
        if not suitable.truly_suits or taken >= service.true_capacity:
            return 0.0
        probability = self.organisations[service.organisation].willingness
        probability *= 0.5 ** (suitable.km / parameters.half_distance_km)
        if not suitable.speaks:
            probability *= parameters.misfit
        probability *= 1 - parameters.fullness * (taken / service.true_capacity) ** 2
        return probability * parameters.late_yes if is_late else probability


def distance_km(one: Point, other: Point) -> float:
    east = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return KM_PER_DEGREE * math.hypot(east, one[1] - other[1])
