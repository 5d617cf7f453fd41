"""What goes wrong in networks, each in a world of its own."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from referrals.bench.matching.drawing import FIRST_NEED, Surge
from referrals.bench.matching.parameters import Parameters
from referrals.bench.matching.simulator import Run
from referrals.bench.matching.world import World


@dataclass(frozen=True, slots=True)
class Stress:
    """`note` measures, for one run, what `what` says."""

    title: str
    change: Callable[[World], None] | None = None
    surge: Callable[[Parameters], Surge] | None = None
    what: str = ""
    note: Callable[[Run], float] | None = None


def _biggest(world: World) -> int:
    """Return the organisation with the most places."""
    places: dict[int, int] = {}
    for service in world.services:
        places[service.organisation] = places.get(service.organisation, 0) + service.capacity
    return max(places, key=lambda key: (places[key], -key))


def _overstate(world: World) -> None:
    liar = _middle_organisation(world)
    world.services = [
        replace(service, capacity=4 * service.capacity) if service.organisation == liar else service
        for service in world.services
    ]


def _middle_organisation(world: World) -> int:
    places: dict[int, int] = {}
    for service in world.services:
        places[service.organisation] = places.get(service.organisation, 0) + service.true_capacity
    return sorted(places, key=lambda key: (places[key], key))[len(places) * 3 // 4]


def _share_of_offers(find: Callable[[World], int], first: float = 0.0) -> Callable[[Run], float]:
    def note(run: Run) -> float:
        offers = [offer for offer in run.offers if offer.offered >= first]
        organisation = find(run.world)
        return sum(offer.organisation == organisation for offer in offers) / max(len(offers), 1)

    return note


def _go_silent(world: World) -> None:
    key, organisations = _biggest(world), dict(world.organisations)
    organisations[key] = replace(organisations[key], away=(world.parameters.days / 3, math.inf))
    world.organisations = organisations


def _take_august_off(world: World) -> None:
    """Every third organisation answers nothing for two weeks, some of them earlier than others."""
    start = world.parameters.days / 3
    away = {
        key: replace(organisation, away=(start + key % 4 * 5, start + key % 4 * 5 + 14))
        for key, organisation in world.organisations.items()
        if key % 3 == 0
    }
    world.organisations = {**world.organisations, **away}


def _flood(parameters: Parameters) -> Surge:
    third = parameters.days / 3
    return Surge(category=FIRST_NEED, times=3, first=third, last=third + 30)


def _join(world: World) -> None:
    key, organisations = _middle_organisation(world), dict(world.organisations)
    organisations[key] = replace(organisations[key], joins=world.parameters.days / 3)
    world.organisations = organisations
    world.history = [offer for offer in world.history if offer.service.organisation != key]
    world.already_there = {
        service: ends
        for service, ends in world.already_there.items()
        if world.service_by_key[service].organisation != key
    }


def _days_to_first_offer(run: Run) -> float:
    newcomer = next(key for key, organisation in run.world.organisations.items() if organisation.joins)
    joined = run.world.organisations[newcomer].joins
    return run.first_asked.get(newcomer, math.nan) - joined


STRESSES = {
    "overstated": Stress(
        "One organisation says that it has four times as many places as it has",
        change=_overstate,
        what="share of all offers that it gets",
        note=_share_of_offers(_middle_organisation),
    ),
    "flood": Stress("Four times as many people as usual with one need, for a month", surge=_flood),
    "silent": Stress(
        "The biggest organisation stops answering after two months",
        change=_go_silent,
        what="share of all later offers that it gets",
        note=lambda run: _share_of_offers(_biggest, run.world.parameters.days / 3)(run),
    ),
    "august": Stress("August: one organisation in three is away for two weeks", change=_take_august_off),
    "newcomer": Stress(
        "An organisation joins after two months",
        change=_join,
        what="days until it is first asked",
        note=_days_to_first_offer,
    ),
}
