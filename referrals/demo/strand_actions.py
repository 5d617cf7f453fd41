"""One strand of a referral in the simulation: which organisation has it now, and what they do with it."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from referrals import matching, workflow
from referrals.demo.clock import SimulatedClock, Steps
from referrals.demo.files import Fixtures
from referrals.demo.networks import StoredNetworks
from referrals.demo.organisations import Participants
from referrals.enums import (
    LIVE_ASSIGNMENT,
    AssignmentStatus,
    Outcome,
    RejectReason,
    StrandStatus,
    WhyCoordinator,
)
from referrals.models import (
    Assignment,
    CaseNote,
    Category,
    Need,
    Network,
    OrganisationMember,
    Referral,
    Service,
    Strand,
    User,
)
from referrals.models.referrals import can_still_be_accepted
from referrals.refusals import AlreadyDone

OFFICE_OPENS, OFFICE_CLOSES = 9, 17
RECENT = timedelta(days=4)
NEXT_ACTIONS = ("Ring again", "Visit at home", "Ask whether the letter has come", "Meet at the food bank")


@dataclass(frozen=True)
class SimulationContext:
    """What all scenarios share."""

    clock: SimulatedClock
    stored: StoredNetworks
    fixtures: Fixtures
    participants: Participants


@dataclass(frozen=True)
class StrandActions:
    """A verb does nothing and returns False when the strand is in another state by now, such as after a lapse."""

    context: SimulationContext
    referral: Referral
    network: Network
    strand_id: int
    random: Random

    @property
    def now(self) -> datetime:
        return self.context.clock.now

    @property
    def coordinator(self) -> User:
        return self.context.stored.coordinators[self.network.pk]

    @property
    def live(self) -> Assignment | None:
        return Assignment.objects.filter(strand=self.strand_id, status__in=LIVE_ASSIGNMENT).first()

    def has(self, status: StrandStatus) -> bool:
        return Strand.objects.filter(pk=self.strand_id, status=status).exists()

    def hours_later(self, least: float, most: float) -> datetime:
        return self.now + timedelta(hours=self.random.uniform(least, most))

    def days_later(self, least: float, most: float) -> datetime:
        """Return a moment that many days from now, moved on to office hours."""
        local = timezone.localtime(self.now + timedelta(days=self.random.uniform(least, most)))
        if local.hour >= OFFICE_CLOSES:
            local += timedelta(days=1)
        local += timedelta(days=max(0, 7 - local.weekday()) if local.weekday() >= 5 else 0)
        if not OFFICE_OPENS <= local.hour < OFFICE_CLOSES:
            local = local.replace(hour=self.random.randrange(OFFICE_OPENS, 12), minute=self.random.randrange(60))
        return local

    def answer_time(self) -> datetime:
        """Return when the organisation answers: within hours if urgent, else within about a working day.

        Recent referrals are answered within hours too, so that the last days look alike on a Sunday and a Tuesday.
        """
        is_recent = self.referral.created_at > self.context.clock.end - RECENT
        return self.hours_later(0.3, 7) if self.referral.is_urgent or is_recent else self.days_later(0.1, 1.3)

    def accept(self) -> bool:
        def verb(asked: Assignment) -> None:
            workflow.accept(asked.pk, actor=self._user_of(asked), at=self.now)

        return self._act_on(AssignmentStatus.OFFERED, verb)

    def accept_late(self) -> bool:
        """Accept an offer that has lapsed, whoever was asked since."""
        lapsed = Assignment.objects.filter(can_still_be_accepted(), strand=self.strand_id).order_by("position").first()
        if lapsed:
            workflow.accept(lapsed.pk, actor=self._user_of(lapsed), at=self.now)
        return lapsed is not None

    def reject(self, reason: RejectReason) -> bool:
        def verb(asked: Assignment) -> None:
            note = self.random.choice(self.context.fixtures.people["reject_notes"][reason])
            workflow.reject(asked.pk, actor=self._user_of(asked), reason=reason, note=note, at=self.now)

        return self._act_on(AssignmentStatus.OFFERED, verb)

    def waitlist(self, *, days: int) -> bool:
        def verb(asked: Assignment) -> None:
            day = timezone.localdate(self.now) + timedelta(days=days)
            workflow.waitlist(asked.pk, actor=self._user_of(asked), place_from=day, at=self.now)

        return self._act_on(AssignmentStatus.OFFERED, verb)

    def close(self, outcome: Outcome) -> bool:
        def verb(accepted: Assignment) -> None:
            workflow.close(self.strand_id, actor=self._user_of(accepted), outcome=outcome, at=self.now)

        return self._act_on(AssignmentStatus.ACCEPTED, verb)

    def close_as_coordinator(self, outcome: Outcome) -> None:
        if not self.has(StrandStatus.CLOSED):
            workflow.close(self.strand_id, actor=self.coordinator, outcome=outcome, at=self.now)

    def let_through(self) -> None:
        if Strand.objects.filter(pk=self.strand_id, why_coordinator=WhyCoordinator.HELD).exists():
            workflow.let_through(self.strand_id, actor=self.coordinator, at=self.now)

    def close_as_spam(self) -> None:
        if not self.has(StrandStatus.CLOSED):  # with another part of the referral
            workflow.close_as_spam(self.referral.pk, actor=self.coordinator, at=self.now)

    def withdraw(self) -> bool:
        live = self.live
        if live:
            workflow.withdraw(live.pk, actor=self.coordinator, at=self.now)
        return live is not None

    def reopen(self) -> bool:
        is_closed = self.has(StrandStatus.CLOSED)
        if is_closed:
            workflow.reopen(self.strand_id, actor=self.coordinator, at=self.now)
        return is_closed

    def refer_on(self, *, to_coordinator: bool = False) -> bool:
        def verb(accepted: Assignment) -> None:
            service_id = None if to_coordinator else self._other_service(self._needs(), accepted.organisation_id)
            workflow.refer_on(
                accepted.pk, actor=self._user_of(accepted), service_id=service_id, knowing_rejection=True, at=self.now
            )

        return self._act_on(AssignmentStatus.ACCEPTED, verb)

    def correct(self) -> None:
        """Write down what the coordinator has heard by ringing one person in four. Draws nothing."""
        if self.referral.created_at.day % 4:
            return
        heard = {"contact_note": "In the mornings, best by phone"}
        with suppress(AlreadyDone):
            workflow.correct_person(self.referral.pk, actor=self.coordinator, changes=heard, at=self.now)
            workflow.set_urgent(self.referral.pk, actor=self.coordinator, is_urgent=True, at=self.now)

    def assign(self) -> bool:
        live = self.live
        service_id = self._other_service(self._needs(), live.organisation_id if live else None)
        if service_id is None or self.has(StrandStatus.CLOSED):
            return False
        workflow.assign(
            self.strand_id, actor=self.coordinator, service_id=service_id, knowing_rejection=True, at=self.now
        )
        return True

    def split(self, then: Callable[["StrandActions"], Steps]) -> bool:
        """Keep the needs that the service meets, hand over the rest, and play `then` for those."""

        def verb(asked: Assignment) -> None:
            needs = self._needs()
            kept = self._needs_to_keep(asked.service, needs)
            other = self._other_service(needs - kept, asked.organisation_id)
            new = workflow.split(
                asked.pk, actor=self._user_of(asked), keep=kept, service_id=other, knowing_rejection=True, at=self.now
            )
            self.context.clock.run_steps(then(replace(self, strand_id=new.pk)))

        return len(self._needs()) > 1 and self._act_on(AssignmentStatus.OFFERED, verb)

    def note(self) -> None:
        live = self.live
        actor = self._user_of(live) if live else self.coordinator
        workflow.add_note(
            self.referral.pk,
            actor=actor,
            text=self.random.choice(self.context.fixtures.people["notes"]),
            organisation_id=live.organisation_id if live and actor != self.coordinator else None,
            at=self.now,
        )

    def case_note(self) -> None:
        live = self.live
        author = self._user_of(live) if live else self.coordinator
        if author != self.coordinator and live.status == AssignmentStatus.ACCEPTED:
            CaseNote.objects.create(
                person_id=self.referral.person_id,
                organisation_id=live.organisation_id,
                author=author,
                text=self.random.choice(self.context.fixtures.people["notes"]),
                created_at=self.now,
            )

    def look_after(self) -> None:
        """Take two cases of three, and plan something around today. Draws nothing, so all else stays as it was."""
        live, day = self.live, self.referral.created_at.day
        if live is None or live.status != AssignmentStatus.ACCEPTED or day % 3 == 0:
            return
        actor, today = self._user_of(live), timezone.localdate(self.context.clock.end)
        member = OrganisationMember.objects.filter(user=actor, organisation=live.organisation_id).first()
        if member:
            workflow.set_case_owner(live.pk, actor=actor, owner_id=member.pk, before=None, at=self.now)
            text, when = NEXT_ACTIONS[day % len(NEXT_ACTIONS)], today + timedelta(days=day % 5 - 1)
            workflow.plan_next_action(live.pk, actor=actor, text=text, day=when, before="", at=self.now)

    def pause_next(self) -> Service | None:
        """Return the service, paused as by its organisation."""
        queued = Assignment.objects.filter(strand=self.strand_id, status=AssignmentStatus.QUEUED).order_by("position")
        first = queued.select_related("service").first()
        if first:
            Service.objects.filter(pk=first.service_id).update(paused_at=self.now)
        return first.service if first else None

    def _act_on(self, status: AssignmentStatus, verb: Callable[[Assignment], Any]) -> bool:
        live = self.live
        if live is None or live.status != status:
            return False
        verb(live)
        return True

    def _user_of(self, assignment: Assignment) -> User:
        if workflow.live_without_membership().filter(pk=assignment.pk).exists():
            return self.coordinator
        users = self.context.participants.users[assignment.organisation_id]
        return users[assignment.pk % len(users)]

    def _needs(self) -> set[int]:
        return set(Need.objects.filter(strand=self.strand_id).values_list("category", flat=True))

    def _needs_to_keep(self, service: Service, needs: set[int]) -> set[int]:
        listed = set(service.categories.values_list("pk", flat=True))
        met = {
            pk
            for pk, parent in Category.objects.filter(pk__in=needs).values_list("pk", "parent")
            if pk in listed or parent in listed
        }
        return met if met and met != needs else {min(needs)}

    def _other_service(self, needs: Collection[int], not_organisation_id: int | None) -> int | None:
        """Return the best service of an organisation not yet on the list, or else any that can be asked."""
        known = set(Assignment.objects.filter(strand=self.strand_id).values_list("organisation", flat=True))
        facts = workflow.facts_of(self.referral.person, self.now)
        found = matching.suggest(self.network, needs, facts, at=self.now, limit=len(known) + 5)
        suited = [row for row in found if row.organisation_id != not_organisation_id]
        fresh = [row for row in suited if row.organisation_id not in known]
        if suited:
            return (fresh or suited)[0].service_id
        askable = (
            workflow.askable(Strand.objects.get(pk=self.strand_id))
            .exclude(organisation=not_organisation_id)
            .order_by("pk")
        )
        return self.random.choice(list(askable.values_list("pk", flat=True)) or [None])
