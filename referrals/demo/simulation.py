"""Sends every planned referral at its time and lets the clock run."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone

from referrals import workflow
from referrals.demo.files import FixturePlace
from referrals.demo.form_filler import FormFiller, pick_weighted
from referrals.demo.referral_plan import Compared, PlannedReferral, plan_referrals
from referrals.demo.strand_actions import SimulationContext, StrandActions
from referrals.enums import LIVE_ASSIGNMENT
from referrals.importers.progress import Advance, Progress
from referrals.models import (
    Area,
    Assignment,
    Category,
    Event,
    Need,
    NetworkMembership,
    Notification,
    OpeningHours,
    Person,
    Referral,
    Restriction,
    Service,
    Strand,
    Venue,
)
from referrals.workflow import Submission

SUSPENDED_BEFORE = timedelta(days=6)
COMPARED_AFTER = timedelta(hours=20)
EARLIEST, LATEST = 8, 21  # hours of the day in which forms are sent

_PLANNED_BY = (
    *(Area, Category, NetworkMembership, OpeningHours, Restriction, Service, Service.categories.through, Venue),
    *(Assignment, Event, Need, Notification, Person, Referral, Strand),
)
_ANALYSE_AT = frozenset(50 * 4**step for step in range(8))  # referrals: 50, 200, 800 ...


class Simulation:
    """Every referral has random numbers of its own, so that one more leaves the others as they were."""

    def __init__(self, context: SimulationContext, places: Sequence[FixturePlace], seed: int) -> None:
        self.context = context
        self.seed = seed
        self.form = FormFiller(context.stored, context.fixtures, places)
        self.situations = {row["id"]: row for row in context.fixtures.situations}
        self.sent: dict[int, Submission] = {}
        self.referrals: dict[int, int] = {}  # keys, as `sent` by number

    def run(self, count: int, *, progress: Progress) -> None:
        clock = self.context.clock
        _update_statistics()
        for moment, service_id in self.context.participants.pauses:
            clock.at(moment, partial(self._pause, service_id))
        clock.at(clock.end - SUSPENDED_BEFORE, self._suspend_an_organisation)
        clock.at(clock.end - SUSPENDED_BEFORE, self._archive_a_service)
        with progress.phase("Simulating referrals", total=count, unit="referral") as advance:
            for number, planned in enumerate(plan_referrals(count, Random(f"{self.seed} scenes"))):
                clock.at(self._start_time(number, planned), partial(self._send, number, planned, advance))
            clock.run()

    def _pause(self, service_id: int) -> None:
        Service.objects.filter(pk=service_id).update(paused_at=self.context.clock.now)

    def _suspend_an_organisation(self) -> None:
        # One with few cases, which the coordinator then has to look after.
        network = min(self.context.stored.coordinators)
        live = Assignment.objects.filter(strand__network=network, status__in=LIVE_ASSIGNMENT)
        counted = live.order_by().values("organisation").annotate(cases=Count("pk", filter=Q(status="accepted")))
        least = counted.filter(cases__gte=1).order_by("cases", "organisation").first()
        if least:
            membership = NetworkMembership.objects.get(network=network, organisation=least["organisation"])
            coordinator = self.context.stored.coordinators[network]
            workflow.suspend(membership.pk, actor=coordinator, at=self.context.clock.now)

    def _archive_a_service(self) -> None:
        # One with an offer, which then goes to the next organisation, and as few cases as can be.
        network = min(self.context.stored.coordinators)
        live = Assignment.objects.filter(strand__network=network, status__in=LIVE_ASSIGNMENT)
        counted = (
            live.order_by().values("service").annotate(live=Count("pk"), offers=Count("pk", filter=Q(status="offered")))
        )
        asked = counted.filter(offers__gte=1).order_by(F("live") - F("offers"), "live", "service").first()
        if asked:
            coordinator = self.context.stored.coordinators[network]
            workflow.archive(asked["service"], actor=coordinator, at=self.context.clock.now)
        else:  # nobody waits for an answer just now
            self.context.clock.at(self.context.clock.now + timedelta(hours=6), self._archive_a_service)

    def _start_time(self, number: int, planned: PlannedReferral) -> datetime:
        """Return about the planned time, half a day earlier if that is at night.

        The last day is as planned even at night, so that there are always recent referrals.
        """
        start = timezone.localtime(self.context.clock.end - planned.ago)
        if planned.ago < timedelta(days=1):
            return start
        start -= timedelta(minutes=Random(f"{self.seed} start {number}").uniform(0, 100))
        return start if EARLIEST <= start.hour < LATEST else start - timedelta(hours=12)

    def _send(self, number: int, planned: PlannedReferral, advance: Advance) -> None:
        random = Random(f"{self.seed} referral {number}")
        self.sent[number] = self._fill_in_form(number, planned, random)
        referral = workflow.submit(self.sent[number], is_held=planned.is_held, at=self.context.clock.now)
        self.referrals[number] = referral.pk
        if planned.compared:
            moment = self.context.clock.now + COMPARED_AFTER
            self.context.clock.at(moment, partial(self._compare, number, planned.compared))
        for strand in referral.strands.select_related("network").order_by("pk"):
            scenario = planned.scenario if strand.network_id == referral.network_id else planned.elsewhere
            actions = StrandActions(self.context, referral, strand.network, strand.pk, random)
            self.context.clock.run_steps(scenario(actions))
        advance(1)
        if len(self.sent) in _ANALYSE_AT:
            _update_statistics()

    def _compare(self, number: int, compared: Compared) -> None:
        first, second = self.referrals[number - 1], self.referrals[number]
        clock, now = self.context.clock, self.context.clock.now
        coordinator = self.context.stored.coordinators[self.form.main.pk]
        if compared in (Compared.SAME, Compared.DIFFERENT):
            is_same = compared is Compared.SAME
            workflow.say_same(second, first, actor=coordinator, is_same=is_same, at=now)
            return
        merge = workflow.merge_people(first, second, actor=coordinator, at=now)
        if compared is Compared.MERGED_AND_UNDONE:
            undone = now + timedelta(minutes=20)
            clock.at(undone, partial(workflow.undo_merge, merge.pk, actor=coordinator, at=undone))

    def _fill_in_form(self, number: int, planned: PlannedReferral, random: Random) -> Submission:
        now = self.context.clock.now
        if planned.situation:
            situation = self.situations[planned.situation]
        else:
            situation = pick_weighted(self.context.fixtures.situations, random)
        if planned.again:
            return self.form.fill_in_again(self.sent[number - 1], situation, at=now, random=random)
        return self.form.fill_in(situation, at=now, random=random, to_coordinator=planned.to_coordinator)


def _update_statistics() -> None:
    # Autovacuum cannot see the rows before the commit.
    tables = ", ".join(model._meta.db_table for model in _PLANNED_BY)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")
