"""Starts every story at its time, and lets the clock run."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from referrals import workflow
from referrals.demo.clock import ScenarioClock
from referrals.demo.files import FixturePlace
from referrals.demo.people import FormFiller, pick_case
from referrals.demo.scenario import Scenario, Scenery
from referrals.demo.scenario_choice import Scene, scenes
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
EARLIEST, LATEST = 8, 21  # hours of the day in which forms are sent

_PLANNED_BY = (
    *(Area, Category, NetworkMembership, OpeningHours, Restriction, Service, Service.categories.through, Venue),
    *(Assignment, Event, Need, Notification, Person, Referral, Strand),
)
_ANALYSE_AT = frozenset(50 * 4**step for step in range(8))  # referrals; the last is beyond any demonstration


class ScenarioRunner:
    """Tells `scenes`, each with random numbers of its own, so that one more story leaves the others as they were."""

    def __init__(self, scenery: Scenery, places: Sequence[FixturePlace], seed: int) -> None:
        self.scenery = scenery
        self.seed = seed
        self.form = FormFiller(scenery.setting, scenery.fixtures, places)
        self.cases = {case["id"]: case for case in scenery.fixtures.cases}
        self.sent: dict[int, Submission] = {}

    def tell(self, count: int, *, progress: Progress) -> None:
        """Let `count` referrals be sent, and everything happen to them that their plots say, until the clock's end."""
        clock = self.scenery.clock
        _update_statistics()
        for moment, service_id in self.scenery.cast.pauses:
            clock.at(moment, _pausing(clock, service_id))
        clock.at(clock.end - SUSPENDED_BEFORE, self._suspend_somebody)
        clock.at(clock.end - SUSPENDED_BEFORE, self._archive_something)
        with progress.phase("Telling referrals", total=count, unit="referral") as advance:
            for number, scene in enumerate(scenes(count, Random(f"{self.seed} scenes"))):
                clock.at(self._start(number, scene), self._beginning(number, scene, advance))
            clock.run()

    def _suspend_somebody(self) -> None:
        """Suspend an organisation that holds something, but little, so that the coordinator has it to look after."""
        network = min(self.scenery.setting.coordinators)
        held = Assignment.objects.filter(strand__network=network, status__in=LIVE_ASSIGNMENT)
        counted = held.order_by().values("organisation").annotate(cases=Count("pk", filter=Q(status="accepted")))
        least = counted.filter(cases__gte=1).order_by("cases", "organisation").first()
        if least:
            membership = NetworkMembership.objects.get(network=network, organisation=least["organisation"])
            coordinator = self.scenery.setting.coordinators[network]
            workflow.suspend(membership.pk, actor=coordinator, at=self.scenery.clock.now)

    def _archive_something(self) -> None:
        """End a service that holds nothing but one offer, which so goes to the next organisation."""
        network = min(self.scenery.setting.coordinators)
        held = Assignment.objects.filter(strand__network=network, status__in=LIVE_ASSIGNMENT)
        counted = held.order_by().values("service").annotate(held=Count("pk"), offers=_OFFERS)
        only = counted.filter(held=1, offers=1).order_by("service").first()
        if only:
            coordinator = self.scenery.setting.coordinators[network]
            workflow.archive(only["service"], actor=coordinator, at=self.scenery.clock.now)

    def _start(self, number: int, scene: Scene) -> datetime:
        """Return when the form is sent: not quite at the scene's time, and half a day earlier instead of at night.

        The last hours are as the scene says, by night as well: somebody who looks at night wants to see something.
        """
        start = timezone.localtime(self.scenery.clock.end - scene.ago)
        if scene.ago < timedelta(days=1):
            return start
        start -= timedelta(minutes=Random(f"{self.seed} start {number}").uniform(0, 100))
        return start if EARLIEST <= start.hour < LATEST else start - timedelta(hours=12)

    def _beginning(self, number: int, scene: Scene, advance: Advance) -> Callable[[], None]:
        def begin() -> None:
            random = Random(f"{self.seed} referral {number}")
            self.sent[number] = self._submission(number, scene, random)
            referral = workflow.submit(self.sent[number], at=self.scenery.clock.now)
            for strand in referral.strands.select_related("network").order_by("pk"):
                plot = scene.plot if strand.network_id == referral.network_id else scene.elsewhere
                self.scenery.clock.tell(plot(Scenario(self.scenery, referral, strand.network, strand.pk, random)))
            advance(1)
            if len(self.sent) in _ANALYSE_AT:
                _update_statistics()

        return begin

    def _submission(self, number: int, scene: Scene, random: Random) -> Submission:
        now = self.scenery.clock.now
        if scene.again:
            return self.form.fill_in_again(self.sent[number - 1], at=now, random=random)
        case = self.cases[scene.case] if scene.case else pick_case(self.scenery.fixtures.cases, random)
        return self.form.fill_in(case, at=now, random=random, to_coordinator=scene.to_coordinator)


_OFFERS = Count("pk", filter=Q(status="offered"))


def _pausing(clock: ScenarioClock, service_id: int) -> Callable[[], None]:
    return lambda: Service.objects.filter(pk=service_id).update(paused_at=clock.now)


def _update_statistics() -> None:
    """Let the planner know of rows that autovacuum, until the commit, does not see."""
    tables = ", ".join(model._meta.db_table for model in _PLANNED_BY)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")
