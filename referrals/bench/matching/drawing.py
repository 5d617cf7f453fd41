"""Draws worlds from the parameters, in real towns where there are files of postcodes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from referrals.bench.matching.parameters import Parameters
from referrals.bench.matching.world import (
    KM_PER_DEGREE,
    PastOffer,
    Point,
    World,
    WorldOrganisation,
    WorldPerson,
    WorldService,
    distance_km,
)

GENDER, LANGUAGE = 1, 2
WOMAN, MAN, NON_BINARY = 1, 2, 3
ENGLISH, *OTHER_LANGUAGES = 4, 5, 6, 7, 8
DEMOGRAPHICS = {GENDER: (WOMAN, MAN, NON_BINARY), LANGUAGE: (ENGLISH, *OTHER_LANGUAGES)}
_AGES = ((16, 24), (55, None), (18, None))
_GROUPS = 3  # top categories of the tree
FIRST_NEED = _GROUPS + 1
_CORNERS = 24


@dataclass(frozen=True, slots=True)
class Surge:
    """People with one need who come on top of all others, `times` as many as usual, from one day to another."""

    category: int
    times: float
    first: float
    last: float


def draw_world(
    seed: str, parameters: Parameters, *, load: float, homes: Sequence[Point], surge: Surge | None = None
) -> World:
    """Return a world of the town whose postcodes are `homes`.

    At load 1, the places would just suffice if everybody took one of them, for as long as cases last.
    """
    centre = (sum(x for x, _ in homes) / len(homes), sum(y for _, y in homes) / len(homes))
    needs = _draw_need_weights(seed, parameters)
    services = _draw_services(seed, parameters, homes, needs)
    places = sum(service.capacity for service in services)
    rate = load * places / parameters.stay
    people = _draw_people(seed, parameters, homes, needs, rate=rate)
    if surge:
        weight = needs[surge.category] / sum(needs.values())
        extra = _draw_people(
            f"{seed} surge", parameters, homes, {surge.category: 1.0}, rate=rate * weight * surge.times
        )
        people += [person for person in extra if surge.first <= person.arrives < surge.last]
        people.sort(key=lambda person: person.arrives)
        people = [replace(person, key=key) for key, person in enumerate(people, start=1)]
    organisations = _draw_organisations(seed, parameters)
    return World(
        seed=seed,
        parameters=parameters,
        services=services,
        organisations=organisations,
        people=people,
        parents=_make_tree(parameters),
        demographics=DEMOGRAPHICS,
        area=_star(centre, [parameters.area_km * 1.2] * _CORNERS),
        already_there=_draw_cases(seed, parameters, services, load),
        history=draw_history(seed, parameters, services, organisations),
    )


def _make_tree(parameters: Parameters) -> dict[int, int | None]:
    tops = dict.fromkeys(range(1, _GROUPS + 1))
    return tops | {_GROUPS + key: 1 + key % _GROUPS for key in range(1, parameters.categories + 1)}


def _draw_need_weights(seed: str, parameters: Parameters) -> dict[int, float]:
    drawn = Random(f"{seed} needs")
    keys = range(_GROUPS + 1, _GROUPS + 1 + parameters.categories)
    return {key: math.exp(parameters.need_spread * drawn.gauss()) for key in keys}


def _draw_organisations(seed: str, parameters: Parameters) -> dict[int, WorldOrganisation]:
    odds = math.log(parameters.willingness / (1 - parameters.willingness))
    found = {}
    for key in range(1, parameters.organisations + 1):
        drawn = Random(f"{seed} organisation {key}")
        logit = odds + parameters.willingness_spread * drawn.gauss()
        answer = parameters.answer * math.exp(parameters.answer_spread * drawn.gauss())
        found[key] = WorldOrganisation(key=key, willingness=1 / (1 + math.exp(-logit)), answer=answer)
    return found


def _draw_services(
    seed: str, parameters: Parameters, homes: Sequence[Point], needs: dict[int, float]
) -> list[WorldService]:
    return [
        _draw_service(Random(f"{seed} service {key}"), key, parameters, homes, needs)
        for key in range(1, parameters.services + 1)
    ]


def _draw_service(
    drawn: Random, key: int, parameters: Parameters, homes: Sequence[Point], needs: dict[int, float]
) -> WorldService:
    # Everybody has one service; what is left goes to organisations by chance.
    count = parameters.organisations
    organisation = key if key <= count else drawn.randint(1, count)
    categories = {*_pick(drawn, needs)}
    while len(categories) < min(3, len(needs)) and drawn.random() < parameters.second_category:
        categories |= {*_pick(drawn, needs)}
    point = drawn.choice(homes)
    catchment = None
    if drawn.random() < parameters.drawn_share:
        reach = parameters.catchment_km * math.exp(parameters.catchment_spread * drawn.gauss())
        catchment = _star(point, [reach * drawn.uniform(0.7, 1) for _ in range(_CORNERS)])
    capacity = max(1, round(parameters.capacity * math.exp(parameters.capacity_spread * drawn.gauss())))
    days = sorted(drawn.sample(range(5), drawn.randint(2, 5))) if drawn.random() < 0.8 else ()
    is_confidential = drawn.random() < parameters.confidential_share
    options, ages = frozenset(), None
    if drawn.random() < parameters.restricted_share:
        kind = drawn.random()
        if kind < 0.4:
            options = frozenset({WOMAN if drawn.random() < 0.7 else MAN})
        elif kind < 0.8:
            ages = drawn.choice(_AGES)
        else:
            options = frozenset({drawn.choice(OTHER_LANGUAGES)})
    return WorldService(
        key=key,
        organisation=organisation,
        categories=frozenset(categories),
        capacity=capacity,
        true_capacity=capacity,
        point=point,
        is_confidential=is_confidential,
        catchment=catchment,
        options=options,
        ages=ages,
        weekly_hours=tuple((day, "09:00", "17:00") for day in days),
    )


def _pick(drawn: Random, needs: dict[int, float]) -> list[int]:
    return drawn.choices(list(needs), weights=list(needs.values()))


def _draw_people(
    seed: str, parameters: Parameters, homes: Sequence[Point], needs: dict[int, float], *, rate: float
) -> list[WorldPerson]:
    arrivals, people, day = Random(f"{seed} arrivals"), [], 0.0
    while (day := day + arrivals.expovariate(rate)) < parameters.days:
        key = len(people) + 1
        people.append(_draw_person(Random(f"{seed} person {key}"), key, day, parameters, homes, needs))
    return people


def _draw_person(
    drawn: Random, key: int, day: float, parameters: Parameters, homes: Sequence[Point], needs: dict[int, float]
) -> WorldPerson:
    wanted = {*_pick(drawn, needs)}
    if drawn.random() < parameters.second_need:
        wanted |= {*_pick(drawn, needs)}
        if drawn.random() < parameters.third_need:
            wanted |= {*_pick(drawn, needs)}
    parents = _make_tree(parameters)
    wanted = {parents[need] if drawn.random() < parameters.wide_need else need for need in sorted(wanted)}
    gender = drawn.choices((WOMAN, MAN, NON_BINARY), weights=(55, 44, 1))[0]
    language = drawn.choice(OTHER_LANGUAGES) if drawn.random() < parameters.other_language else ENGLISH
    age = round(drawn.triangular(16, 90, 35))
    told = {option for option in (gender, language) if drawn.random() >= parameters.unanswered}
    band = "under 25" if age < 25 else "25 to 54" if age < 55 else "55 and over"
    return WorldPerson(
        key=key,
        arrives=day,
        point=drawn.choice(homes),
        needs=frozenset(wanted),
        options=frozenset({gender, language}),
        age=age,
        told_options=frozenset(told),
        told_age=age if drawn.random() >= parameters.unanswered else None,
        patience=parameters.patience,
        groups=(
            {WOMAN: "women", MAN: "men", NON_BINARY: "non-binary people"}[gender],
            "English" if language == ENGLISH else "another language",
            band,
        ),
    )


def _draw_cases(
    seed: str, parameters: Parameters, services: Sequence[WorldService], load: float
) -> dict[int, list[float]]:
    """Return when the cases end that are open on the first day, so that nobody starts with an empty network.

    What is left of an exponential case is as long as a new one. Six in ten of those who come find a place, roughly.
    """
    share = min(0.9, 0.6 * load)
    found = {}
    for service in services:
        drawn = Random(f"{seed} cases {service.key}")
        taken = sum(drawn.random() < share for _ in range(service.true_capacity))
        found[service.key] = [drawn.expovariate(1 / parameters.stay) for _ in range(taken)]
    return found


def draw_history(
    seed: str,
    parameters: Parameters,
    services: Sequence[WorldService],
    organisations: Mapping[int, WorldOrganisation],
) -> list[PastOffer]:
    """Return earlier offers of each organisation, answered as it answers: about people in the middle of its area."""
    wait = parameters.reminder + parameters.lapse
    found = []
    for key, organisation in organisations.items():
        own = [service for service in services if service.organisation == key]
        for number in range(parameters.history if own and not organisation.joins else 0):
            drawn = Random(f"{seed} history {key} {number}")
            delay = organisation.answer * math.exp(parameters.answer_variation * drawn.gauss())
            if drawn.random() < parameters.overlooked:
                delay = parameters.reminder + delay if drawn.random() < parameters.rescued else math.inf
            chance = organisation.willingness * 0.5 ** (parameters.catchment_km / 2 / parameters.half_distance_km)
            day = -wait - drawn.uniform(1, 180)
            in_time = delay < wait
            is_yes = in_time and drawn.random() < chance
            found.append(PastOffer(drawn.choice(own), day, delay if in_time else None, is_yes, wait))
    return found


def _star(centre: Point, reaches_km: Sequence[float]) -> str:
    """Return a star-shaped polygon as WKT, with one corner for each reach."""
    x, y = centre
    corners = []
    for number, reach in enumerate([*reaches_km, reaches_km[0]]):
        angle = 2 * math.pi * (number % len(reaches_km)) / len(reaches_km)
        east = reach * math.cos(angle) / KM_PER_DEGREE / math.cos(math.radians(y))
        corners.append(f"{x + east:.6f} {y + reach * math.sin(angle) / KM_PER_DEGREE:.6f}")
    return f"MULTIPOLYGON ((({', '.join(corners)})))"


def find_town(seed: str, places: Sequence[Point], radius_km: float) -> list[Point]:
    """Return the postcodes within the radius of a place drawn at random, where there are enough for a town."""
    drawn, enough = Random(f"{seed} town"), 200
    for _ in range(500):
        centre = drawn.choice(places)
        wide = radius_km / KM_PER_DEGREE
        near = [place for place in places if abs(place[1] - centre[1]) < wide and abs(place[0] - centre[0]) < 2 * wide]
        homes = [place for place in near if distance_km(place, centre) < radius_km]
        if len(homes) >= enough:
            return homes
    # Without postcode files, places are spread evenly over the country: too thin for any town.
    x, y = drawn.choice(places)
    homes = []
    while len(homes) < enough:
        angle, reach = drawn.uniform(0, 2 * math.pi), radius_km * math.sqrt(drawn.random()) / KM_PER_DEGREE
        homes.append((x + reach * math.cos(angle) / math.cos(math.radians(y)), y + reach * math.sin(angle)))
    return homes
