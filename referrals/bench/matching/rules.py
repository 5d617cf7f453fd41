"""The rules that are compared: ours, which is the database's statement, and others, of which each is a sort key."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from random import Random

import psycopg
from django.contrib.gis.geos import Point
from django.db import connection

from referrals.bench.matching.simulator import Run
from referrals.bench.matching.storing import OfferTable, day_to_time
from referrals.bench.matching.world import Suitable, World, WorldPerson
from referrals.hours import local_time
from referrals.matching import PersonFacts
from referrals.matching.rank_sql import STATEMENT, RankedRow, statement_parameters
from referrals.models import Network

Key = Callable[[Run, WorldPerson, Suitable], tuple]
OURS = "ours"
WITHOUT = "without "
_WEIGHT = "weight_"


@dataclass(frozen=True)
class SortRule:
    """Asks in the order of `key`, the lowest first; only those with room, if `only_with_room`."""

    key: Key
    only_with_room: bool = False

    def rank(self, run: Run, person: WorldPerson, needs: frozenset[int], excluded: Collection[int]) -> list[Suitable]:
        keyed = [
            (self.key(run, person, suitable), suitable.service.key, suitable)
            for suitable in run.world.suitable[person.key]
            if suitable.needs & needs
            and suitable.service.organisation not in excluded
            and run.is_member(suitable.service.organisation)
            and not (self.only_with_room and run.live[suitable.service.key] >= suitable.service.capacity)
        ]
        best: dict[int, Suitable] = {}
        for *_, suitable in sorted(keyed, key=lambda entry: entry[:2]):
            best.setdefault(suitable.service.organisation, suitable)
        return [*best.values()][: run.world.parameters.suggestions]


def _by_chance(run: Run, person: WorldPerson, suitable: Suitable) -> tuple:
    return (Random(f"{run.world.seed} chance {person.key} {suitable.service.key}").random(),)


def _nearest(run: Run, person: WorldPerson, suitable: Suitable) -> tuple:
    return (suitable.known_km,)


def _least_recently_asked(run: Run, person: WorldPerson, suitable: Suitable) -> tuple:
    return (run.last_asked.get(suitable.service.organisation, -1.0),)


def _most_free_places(run: Run, person: WorldPerson, suitable: Suitable) -> tuple:
    return (run.live[suitable.service.key] - suitable.service.capacity, *_by_chance(run, person, suitable))


def _lowest_load(run: Run, person: WorldPerson, suitable: Suitable) -> tuple:
    return (run.live[suitable.service.key] / suitable.service.capacity, *_by_chance(run, person, suitable))


def _most_specific(run: Run, person: WorldPerson, suitable: Suitable) -> tuple:
    """The published rule of referralsystem.app: issue, gender, local authority, age; specific above "everybody"."""
    gender = run.world.gender
    return (
        len(suitable.service.categories) > 1,
        not (suitable.made_for - {"age"} if gender is None else suitable.made_for & {gender}),
        suitable.service.catchment is None,
        "age" not in suitable.made_for,
        *_by_chance(run, person, suitable),
    )


SORT_RULES = {
    "random": SortRule(_by_chance),
    "nearest first": SortRule(_nearest),
    "round robin": SortRule(_least_recently_asked),
    "most free places": SortRule(_most_free_places),
    "lowest load": SortRule(_lowest_load),
    "referralsystem.app": SortRule(_most_specific, only_with_room=True),
}


class StatementRule:
    """The ranking itself, on the offers that this run has written. `weights` replace the network's."""

    def __init__(self, world: World, network: Network, *, weights: Mapping[str, int] | None = None) -> None:
        self.network = network
        self.weights = {name: getattr(network, name) for name in factor_fields().values()} | (weights or {})
        self.table = OfferTable(world)
        # A plan for each person would take longer than the search among so few services: prepare it once.
        bare: psycopg.Connection = connection.connection
        bare.prepare_threshold = 0
        self.cursor = psycopg.Cursor(bare)
        self.cursor.execute("SET plan_cache_mode = force_generic_plan")

    def rank(self, run: Run, person: WorldPerson, needs: frozenset[int], excluded: Collection[int]) -> list[Suitable]:
        self.table.write(self.cursor, run.now)
        absent = [key for key in run.world.organisations if not run.is_member(key)]
        facts = PersonFacts(
            point=Point(*person.point, srid=4326) if person.point else None,
            age=person.told_age,
            option_ids=person.told_options,
        )
        parameters = statement_parameters(
            self.network,
            needs,
            facts,
            local_time(day_to_time(run.now)),
            exclude_organisation_ids=[*excluded, *absent],
        )
        rows = self.cursor.execute(STATEMENT, parameters | self.weights).fetchall()
        suitable = {each.service.key: each for each in run.world.suitable[person.key]}
        return [suitable[RankedRow._make(row).service_id] for row in rows]


def factor_fields() -> dict[str, str]:
    """Return the network's fields of weights by the factor's name, so that a new factor is compared at once."""
    names = [field.name for field in Network._meta.get_fields() if field.name.startswith(_WEIGHT)]
    return {name.removeprefix(_WEIGHT).replace("_", " "): name for name in names}


def rule_names() -> list[str]:
    return [OURS, *SORT_RULES, *(WITHOUT + factor for factor in factor_fields())]


def simulate_rule(name: str, world: World, network: Network) -> Run:
    if name in SORT_RULES:
        return Run(world, SORT_RULES[name]).simulate()
    weights = {factor_fields()[name.removeprefix(WITHOUT)]: 0} if name.startswith(WITHOUT) else {}
    rule = StatementRule(world, network, weights=weights)
    return Run(world, rule, table=rule.table).simulate()
