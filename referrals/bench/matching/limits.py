"""The best that hindsight allows: a linear programme that knows everybody who will come, and perhaps every answer.

It is a relaxation, so no rule can beat it: people may be split between services, nobody has to be asked in turn, and a
case counts only where it is certain to take a place, whenever within the person's patience it begins.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from referrals.bench.matching.world import Suitable, World, WorldPerson

# Days between the moments at which places are counted, and between possible beginnings. With 4 instead of 7, the limit
# of one world fell from .653 to .648, and took far longer.
_STEP = 7.0


class _Start(NamedTuple):
    """A person with a service from some time between `first` and `last`, for `stay` days."""

    person: WorldPerson
    suitable: Suitable
    first: float
    last: float
    stay: float


def find_limit(world: World, *, knows_answers: bool) -> float:
    """Return an upper bound of the share of needs that any rule can meet in this world."""
    # scipy is a development dependency, and takes a while to load.
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    starts = [
        start
        for person in world.people
        for suitable in world.suitable[person.key]
        for start in _starts(world, person, suitable, knows_answers=knows_answers)
    ]
    rows, columns, values, limits = [], [], [], []

    def limit_sum(terms: list[tuple[int, float]], most: float) -> None:
        for column, value in terms:
            rows.append(len(limits))
            columns.append(column)
            values.append(value)
        limits.append(most)

    # Variables: each start, then each need of each person (how much of it is met).
    needs = {(person.key, need): 0 for person in world.people for need in person.needs}
    needs = {key: len(starts) + number for number, key in enumerate(needs)}
    helping: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    taken: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    for column, start in enumerate(starts):
        for need in start.suitable.needs:
            helping[start.person.key, need].append((column, -1.0))
        # Whenever it begins, it takes a place from the last beginning to the earliest end.
        moment = math.ceil(start.last / _STEP)
        while moment * _STEP < start.first + start.stay:
            taken[start.suitable.service.key, moment].append((column, 1.0))
            moment += 1
    for key, column in needs.items():
        limit_sum([(column, 1.0), *helping[key]], 0.0)
    for (service, moment), terms in taken.items():
        there = sum(end > moment * _STEP for end in world.already_there.get(service, ()))
        free = world.service_by_key[service].true_capacity - there
        if len(terms) > free:
            limit_sum(terms, free)
    width = len(starts) + len(needs)
    gain = np.zeros(width)
    gain[len(starts) :] = -1.0
    found = linprog(
        gain,
        A_ub=csr_array((values, (rows, columns)), shape=(len(limits), width)),
        b_ub=limits,
        bounds=(0, 1),
        method="highs",
    )
    if not found.success:
        raise RuntimeError(f"The linear programme was not solved: {found.message}")
    return -found.fun / len(needs)


def _starts(world: World, person: WorldPerson, suitable: Suitable, *, knows_answers: bool) -> Iterator[_Start]:
    answer = world.answer(person.key, suitable.service)
    organisation = world.organisations[suitable.service.organisation]
    earliest, latest = person.arrives, person.arrives + person.patience
    earliest = max(earliest, organisation.joins)
    if knows_answers:
        # At its most willing: in time, and with all its places free.
        is_late = answer.delay > world.parameters.reminder + world.parameters.lapse
        if answer.luck >= world.probability(suitable, taken=0, is_late=is_late):
            return
        earliest += answer.delay
        if organisation.away and organisation.away[0] <= earliest < organisation.away[1]:
            earliest = organisation.away[1]
    while earliest < latest:
        # Beginnings end with a moment at which places are counted.
        end = min((math.floor(earliest / _STEP) + 1) * _STEP, latest)
        yield _Start(person, suitable, earliest, end, answer.stay)
        earliest = end
