"""A simulated clock that runs many scenarios at once, in the order of time: each one changes what the others find."""

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from referrals import workflow
from referrals.enums import AssignmentStatus
from referrals.models import Assignment

Steps = Generator[datetime, None, None]  # yields the moment at which the next step happens

SCHEDULE_AT_LEAST_EVERY = timedelta(days=1)  # no network of the fixtures reminds sooner than a day after the offer
A_MINUTE = timedelta(minutes=1)


@dataclass
class SimulatedClock:
    """Runs from `now` to `end`; steps of scenarios after that have not happened yet."""

    now: datetime
    end: datetime
    _due: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _ticket: count = field(default_factory=count)

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        """Run `action` at `moment`, or now if that is past; ties in the order of the calls."""
        if moment <= self.end:
            heapq.heappush(self._due, (max(moment, self.now), next(self._ticket), action))

    def run_steps(self, steps: Steps) -> None:
        """Take the next step, and the one after it at the moment that it yields."""
        moment = next(steps, None)
        if moment is not None:
            self.at(moment, lambda: self.run_steps(steps))

    def run(self) -> None:
        self.at(self.now, self._run_schedule)
        while self._due:
            self.now, _, action = heapq.heappop(self._due)
            action()
        self.now = self.end
        self._remind_and_lapse()

    def _run_schedule(self) -> None:
        # Only when something is due: far less often than in production.
        self._remind_and_lapse()
        upcoming = [*_earliest("remind_at", reminded_at=None), *_earliest("lapse_at", lapsed_at=None)]
        moment = min([*upcoming, self.now + SCHEDULE_AT_LEAST_EVERY])
        self.at(max(moment, self.now + A_MINUTE), self._run_schedule)

    def _remind_and_lapse(self) -> None:
        for key in workflow.due_reminders(at=self.now):
            workflow.remind(key, at=self.now)
        for key in workflow.due_places(at=self.now):
            workflow.end_wait(key, at=self.now)
        for key in workflow.due_lapses(at=self.now):
            workflow.lapse(key, at=self.now)


def _earliest(field: str, **conditions: None) -> list[datetime]:
    offers = Assignment.objects.filter(status=AssignmentStatus.OFFERED, **{f"{field}__isnull": False}, **conditions)
    return list(offers.order_by(field).values_list(field, flat=True)[:1])
