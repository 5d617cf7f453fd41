"""A clock that tells many stories at once, each moment in its turn: what happens in one changes what others find."""

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from referrals import workflow

Story = Generator[datetime, None, None]  # yields when it goes on

SCHEDULE_EVERY = timedelta(hours=3)


@dataclass
class Clock:
    """Runs from `now` to `end`. What stories want to do later than that has not happened yet."""

    now: datetime
    end: datetime
    _due: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _ticket: count = field(default_factory=count)

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        """Do `action` at `moment`, at the earliest now; what falls on the same moment is done in the order of asking."""
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
        self._remind_and_lapse()
        self.at(self.now + SCHEDULE_EVERY, self._keep_schedule)

    def _remind_and_lapse(self) -> None:
        for key in workflow.due_reminders(at=self.now):
            workflow.remind(key, at=self.now)
        for key in workflow.due_lapses(at=self.now):
            workflow.lapse(key, at=self.now)
