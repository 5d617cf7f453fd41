"""Lets people arrive in a world, asks organisations in the order of a rule, and lets them answer."""

import heapq
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Protocol

from referrals.bench.matching.world import Answer, Suitable, World, WorldPerson, WorldService
from referrals.enums import AssignmentStatus


class PersonEnd(StrEnum):
    """How it ends for a person: exactly one of these."""

    HELPED = "helped"  # an organisation accepted, perhaps not for all needs
    GAVE_UP = "gave up"  # before anybody had accepted, while somebody was asked
    EXHAUSTED = "exhausted"  # everybody who could be asked said no, and the coordinator found nobody else in time
    NOBODY = "nobody"  # there was never anybody to ask


class StrandState(StrEnum):
    SEEKING = "seeking"
    PLACED = "placed"
    WITH_COORDINATOR = "with coordinator"
    GIVEN_UP = "given up"  # while somebody was asked
    ENDED = "ended"  # while with the coordinator


@dataclass(slots=True, eq=False)
class Offer:
    key: int
    strand: "SimulatedStrand"
    suitable: Suitable
    position: int
    offered: float
    status: str = AssignmentStatus.OFFERED
    lapsed: float | None = None
    accepted: float | None = None
    ended: float | None = None

    @property
    def organisation(self) -> int:
        return self.suitable.service.organisation


@dataclass(slots=True, eq=False)
class SimulatedStrand:
    key: int
    person: WorldPerson
    needs: frozenset[int]
    queue: list[Suitable]
    state: StrandState = StrandState.SEEKING
    live: Offer | None = None
    asked: int = 0


class Rule(Protocol):
    def rank(self, run: "Run", person: WorldPerson, needs: frozenset[int], excluded: Collection[int]) -> list[Suitable]:
        """Return at most one service of each organisation that is not excluded, best first."""
        ...


class OfferRecorder(Protocol):
    """Is told of everything that the ranking may read in the database."""

    def add_strand(self, strand: SimulatedStrand, day: float) -> None: ...

    def change(self, offer: Offer) -> None: ...

    def begin_old_case(self, number: int, service: WorldService) -> None: ...

    def end_old_case(self, number: int, service: WorldService, day: float) -> None: ...


@dataclass(slots=True)
class Placement:
    person: WorldPerson
    suitable: Suitable
    needs: frozenset[int]
    day: float
    ends: float
    was_late: bool


class Run:
    """One rule in one world. `live` counts cases and waiting offers by service, `taken` cases alone."""

    def __init__(self, world: World, rule: Rule, *, table: "OfferRecorder | None" = None) -> None:
        self.world, self.rule, self.table = world, rule, table
        self.now = 0.0
        self.taken = {service.key: 0 for service in world.services}
        self.live = dict(self.taken)
        self.last_asked: dict[int, float] = {}
        self.first_asked: dict[int, float] = {}
        self.first_suited: dict[int, float] = {}
        self.offers: list[Offer] = []
        self.placements: list[Placement] = []
        self.wasted = 0  # late acceptances after somebody else's, and early ones that came after a late one
        self.strands: dict[int, list[SimulatedStrand]] = {}
        self._asked: dict[int, set[int]] = {}  # organisations by person
        self._without_room: dict[int, set[int]] = {}  # those of them that said so
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order, self._strand_keys, self._offer_keys = count(), count(1), count(1)

    def simulate(self) -> "Run":
        old = [(key, end) for key, ends in self.world.already_there.items() for end in ends]
        for number, (key, end) in enumerate(old, start=1):
            self._begin_old_case(number, self.world.service_by_key[key], end)
        for person in self.world.people:
            self._at(person.arrives, lambda person=person: self._arrive(person))
        while self._events:
            self.now, _, act = heapq.heappop(self._events)
            act()
        return self

    def end_of(self, person: WorldPerson) -> PersonEnd:
        strands = self.strands[person.key]
        if any(strand.state == StrandState.PLACED for strand in strands):
            return PersonEnd.HELPED
        if any(strand.state == StrandState.GIVEN_UP for strand in strands):
            return PersonEnd.GAVE_UP
        return PersonEnd.EXHAUSTED if any(strand.asked for strand in strands) else PersonEnd.NOBODY

    def _at(self, day: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (day, next(self._order), act))

    def _begin_old_case(self, number: int, service: WorldService, ends: float) -> None:
        self.taken[service.key] += 1
        self.live[service.key] += 1
        if self.table:
            self.table.begin_old_case(number, service)
        self._at(ends, lambda: self._end_old_case(number, service))

    def _end_old_case(self, number: int, service: WorldService) -> None:
        self.taken[service.key] -= 1
        self.live[service.key] -= 1
        if self.table:
            self.table.end_old_case(number, service, self.now)

    def _leave(self, offer: Offer) -> None:
        self.taken[offer.suitable.service.key] -= 1
        self.live[offer.suitable.service.key] -= 1
        self._end(offer, AssignmentStatus.CLOSED)

    def _arrive(self, person: WorldPerson) -> None:
        self.strands[person.key], self._asked[person.key], self._without_room[person.key] = [], set(), set()
        for suitable in self.world.suitable[person.key]:
            service = suitable.service
            if self.is_member(service.organisation) and self.live[service.key] < service.capacity:
                self.first_suited.setdefault(service.organisation, self.now)
        self._seek(person, person.needs)
        self._at(person.arrives + person.patience, lambda: self._give_up(person))

    def is_member(self, organisation: int) -> bool:
        return self.world.organisations[organisation].joins <= self.now

    def _seek(self, person: WorldPerson, needs: frozenset[int]) -> None:
        queue = self.rule.rank(self, person, needs, self._asked[person.key])
        strand = SimulatedStrand(next(self._strand_keys), person, needs, queue)
        self.strands[person.key].append(strand)
        if self.table:
            self.table.add_strand(strand, self.now)
        self._ask_next(strand)

    def _ask_next(self, strand: SimulatedStrand) -> None:
        asked = self._asked[strand.person.key]
        # Another strand of the same person may have asked it meanwhile.
        strand.queue = [suitable for suitable in strand.queue if suitable.service.organisation not in asked]
        if not strand.queue:
            strand.live, strand.state = None, StrandState.WITH_COORDINATOR
            self._at(self.now + self.world.parameters.coordinator, lambda: self._look_again(strand))
            return
        strand.state = StrandState.SEEKING
        # After the first, whoever has no room by now waits until no other has: see `workflow.core.offer_next`.
        with_room = (each for each in strand.queue if self.live[each.service.key] < each.service.capacity)
        suitable = next(with_room, strand.queue[0]) if strand.asked else strand.queue[0]
        strand.queue.remove(suitable)
        organisation = suitable.service.organisation
        strand.asked += 1
        offer = Offer(next(self._offer_keys), strand, suitable, strand.asked, self.now)
        strand.live = offer
        self.offers.append(offer)
        asked.add(organisation)
        self._without_room[strand.person.key].discard(organisation)
        self.live[suitable.service.key] += 1
        self.last_asked[organisation] = self.now
        self.first_asked.setdefault(organisation, self.now)
        self._record(offer)
        answer = self.world.answer(strand.person.key, suitable.service)
        at = self._answer_day(organisation, answer)
        parameters = self.world.parameters
        if at < strand.person.arrives + strand.person.patience:
            self._at(at, lambda: self._answer(offer, answer))
        self._at(self.now + parameters.reminder + parameters.lapse, lambda: self._lapse(offer))

    def _look_again(self, strand: SimulatedStrand) -> None:
        """The coordinator asks whoever has room by now, those too who had none when they were asked."""
        if strand.state != StrandState.WITH_COORDINATOR:
            return
        person, asked = strand.person, self._asked[strand.person.key]
        asked -= self._without_room[person.key]
        ranked = self.rule.rank(self, person, strand.needs, asked)
        strand.queue = [each for each in ranked if self.live[each.service.key] < each.service.capacity]
        self._ask_next(strand)

    def _answer_day(self, organisation: int, answer: Answer) -> float:
        at, away = self.now + answer.delay, self.world.organisations[organisation].away
        return away[1] + answer.delay if away and away[0] <= at < away[1] else at

    def _answer(self, offer: Offer, answer: Answer) -> None:
        strand, service = offer.strand, offer.suitable.service
        is_late = offer.status == AssignmentStatus.LAPSED
        is_open = offer.status == AssignmentStatus.OFFERED or (is_late and strand.state != StrandState.PLACED)
        if strand.state in (StrandState.GIVEN_UP, StrandState.ENDED) or not (is_open or is_late):
            return
        probability = self.world.probability(offer.suitable, taken=self.taken[service.key], is_late=is_late)
        if answer.luck >= probability:
            if not is_late:
                if self.taken[service.key] >= service.true_capacity:
                    self._without_room[strand.person.key].add(service.organisation)
                self._end(offer, AssignmentStatus.REJECTED)
                self.live[service.key] -= 1
                self._ask_next(strand)
        elif is_open:
            self._accept(offer, answer, was_late=is_late)
        else:
            self.wasted += 1

    def _accept(self, offer: Offer, answer: Answer, *, was_late: bool) -> None:
        strand, service = offer.strand, offer.suitable.service
        if was_late:
            self.live[service.key] += 1
            if strand.live:
                self._withdraw(strand.live)
        strand.live, strand.state = offer, StrandState.PLACED
        self.taken[service.key] += 1
        offer.status, offer.accepted, offer.ended = AssignmentStatus.ACCEPTED, self.now, None
        self._record(offer)
        ends = self.now + answer.stay
        met = offer.suitable.needs & strand.needs
        self.placements.append(Placement(strand.person, offer.suitable, met, self.now, ends, was_late))
        self._at(ends, lambda: self._leave(offer))
        if rest := strand.needs - met:
            self._seek(strand.person, rest)

    def _lapse(self, offer: Offer) -> None:
        if offer.status != AssignmentStatus.OFFERED:
            return
        offer.lapsed = self.now
        self._end(offer, AssignmentStatus.LAPSED)
        self.live[offer.suitable.service.key] -= 1
        self._ask_next(offer.strand)

    def _give_up(self, person: WorldPerson) -> None:
        for strand in self.strands[person.key]:
            if strand.state == StrandState.SEEKING:
                strand.state = StrandState.GIVEN_UP
                self._withdraw(strand.live)
            elif strand.state == StrandState.WITH_COORDINATOR:
                strand.state = StrandState.ENDED

    def _withdraw(self, offer: Offer) -> None:
        self.live[offer.suitable.service.key] -= 1
        self._end(offer, AssignmentStatus.WITHDRAWN)

    def _end(self, offer: Offer, status: str) -> None:
        offer.status, offer.ended = status, self.now
        self._record(offer)

    def _record(self, offer: Offer) -> None:
        if self.table:
            self.table.change(offer)
