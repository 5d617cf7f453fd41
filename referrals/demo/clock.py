"""A clock that tells many stories at once, each moment in its turn: what happens in one changes what others find."""

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from referrals import workflow
from referrals.enums import AssignmentStatus
from referrals.models import Assignment

Story = Generator[datetime, None, None]  # yields when it goes on

SCHEDULE_AT_LEAST_EVERY = timedelta(days=1)  # no network of the fixtures reminds sooner than a day after the offer
A_MINUTE = timedelta(minutes=1)


@dataclass
class ScenarioClock:
    """Runs from `now` to `end`. What stories want to do later than that has not happened yet."""

    now: datetime
    end: datetime
    _due: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _ticket: count = field(default_factory=count)

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        """Do `action` at `moment`, at the earliest now; at one moment, first come, first served."""
        if moment <= self.end:
            heapq.heappush(self._due, (max(moment, self.now), next(self._ticket), action))

    def tell(self, story: Story) -> None:
        """Go on with a story until it next waits."""
        moment = next(story, None)
        if moment is not None:
            self.at(moment, lambda: self.tell(story))

    def run(self) -> None:
        """Let everything happen until `end`, with the schedule that reminds and passes missing answers on."""
        self.at(self.now, self._keep_schedule)
        while self._due:
            self.now, _, action = heapq.heappop(self._due)
            action()
        self.now = self.end
        self._remind_and_lapse()

    def _keep_schedule(self) -> None:
        """Run the schedule, and again when the next reminder or missing answer is due: fewer looks than a real one."""
        self._remind_and_lapse()
        upcoming = [*_first("remind_at", reminded_at=None), *_first("lapse_at", lapsed_at=None)]
        moment = min([*upcoming, self.now + SCHEDULE_AT_LEAST_EVERY])
        self.at(max(moment, self.now + A_MINUTE), self._keep_schedule)

    def _remind_and_lapse(self) -> None:
        for key in workflow.due_reminders(at=self.now):
            workflow.remind(key, at=self.now)
        for key in workflow.due_lapses(at=self.now):
            workflow.lapse(key, at=self.now)


def _first(field: str, **conditions: None) -> list[datetime]:
    """Return the earliest such time of an open offer, as a list of one or none."""
    offers = Assignment.objects.filter(status=AssignmentStatus.OFFERED, **{f"{field}__isnull": False}, **conditions)
    return list(offers.order_by(field).values_list(field, flat=True)[:1])
