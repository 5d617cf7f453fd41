"""All verbs, random actors, random order: what must hold after every single step."""

import itertools
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from referrals import workflow
from referrals.access import can_answer, fully_visible_to
from referrals.enums import Outcome, RejectReason
from referrals.models import Assignment, Event, NetworkMembership, Notification, Referral, Service, Strand
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all
from referrals.tests.worlds import World

PICK = st.integers(min_value=0, max_value=10**6)
ANSWERS = ["accept", "accept", "accept_late", "accept_late", "reject", "reject", "split", "split", "refer_on", "close"]
OTHERS = ["reassign", "waitlist", "end_wait", "submit", "assign", "withdraw", "reopen", "remind", "lapse", "add_note"]
VERBS = st.sampled_from([*ANSWERS, *OTHERS, "change_capacity", "change_capacity", "reject", "change_membership"])


class WorkflowMachine(RuleBasedStateMachine):
    """Two linked networks of four organisations. Each rule calls a verb; a refusal must leave no trace."""

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(asks_next=st.sampled_from([True, True, False]), with_email=st.booleans(), reminds=st.booleans())
    def begin(self, asks_next, with_email, reminds):
        self.reminds = reminds
        days = {"reminder_days": 2 if reminds else None, "lapse_days": 2}
        self.worlds = [World(organisations=4, needs=3, lapse_asks_next=asks_next, **days) for _ in range(2)]
        self.email = "maya@example.org" if with_email else ""
        self.actors = [self.worlds[0].commissioner, f.UserFactory()]
        for world in self.worlds:
            self.actors += [world.coordinator, *world.owners]
        self.now = timezone.now()
        self.asked_for: dict[int, set[int]] = {}  # referral -> needs it was sent with
        self.open_cases: set[int] = set()
        self.known_organisations: dict[int, set[int]] = {}  # referral -> organisations the person knows of
        self.expected: Counter = Counter()  # (event, kind, recipient) owed
        self.before, self.last_event = {}, 0

    def act(self, verb, *args, **kwargs):
        """Call the verb a little later than the last one; return its result, or None when it refused."""
        self.now += timedelta(minutes=1)
        self.before = dict(Assignment.objects.values_list("pk", "status"))
        self.strands_before = strands_before = dict(Strand.objects.values_list("pk", "status"))
        self.last_event = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        try:
            result = verb(*args, at=self.now, **kwargs)
        except workflow.Refusal:
            assert dict(Assignment.objects.values_list("pk", "status")) == self.before
            assert dict(Strand.objects.values_list("pk", "status")) == strands_before
            assert not self.new_events()
            return None
        self.check_events(strands_before)
        self.check_asked_again(is_known=kwargs.get("knowing_rejection", False))
        self.expect_notifications()
        return result

    def new_events(self) -> list[Event]:
        return list(Event.objects.filter(pk__gt=self.last_event).select_related("assignment__organisation", "strand"))

    def check_events(self, strands_before):
        """Each status that changed has an event of this step."""
        events = self.new_events()
        own = {"offered", "accepted", "rejected", "skipped", "referred_on", "lapsed", "released", "closed"}
        for assignment in Assignment.objects.select_related("strand"):
            if assignment.status == self.before.get(assignment.pk, "queued"):
                continue
            about = {event.kind for event in events if event.assignment_id == assignment.pk}
            around = {event.kind for event in events if event.strand_id == assignment.strand_id}
            if assignment.status == "withdrawn":
                assert about & {"withdrawn", "closed", "member_gone"} or around & {"assigned", "rejected", "closed"}
            else:
                assert assignment.status in own & about
        telling = {"with_coordinator": {"coordinator_told"}, "closed": {"closed", "rejected"},
                   "placed": {"accepted"}, "seeking": {"offered"}}  # fmt: skip
        for pk, status in Strand.objects.values_list("pk", "status"):
            if strands_before.get(pk) != status:
                assert {event.kind for event in events if event.strand_id == pk} & telling[status]

    def check_asked_again(self, *, is_known):
        """Whoever has rejected a strand is not asked again by somebody who does not know that."""
        for event in self.new_events():
            if event.kind == "offered" and not is_known:
                own = Event.objects.filter(
                    strand=event.strand, assignment__organisation=event.assignment.organisation_id
                )
                last = own.filter(pk__lt=event.pk, kind__in=("offered", "accepted", "rejected")).order_by("pk").last()
                assert last is None or last.kind != "rejected"

    def expect_notifications(self):
        for event in self.new_events():
            for kind, recipient in self.owed(event):
                self.expected[event.pk, kind, recipient] += 1

    def owed(self, event):
        """Say independently of the workflow who is owed a message because of an event."""
        assignment, known = event.assignment, self.known_organisations.setdefault(event.referral_id, set())
        if event.kind == "submitted":
            listed = Assignment.objects.filter(pk__in=event.data["assignments"])
            known.update(listed.values_list("organisation", flat=True))
            if self.email:
                yield "person_told", self.email
        elif event.kind == "offered":
            yield "organisation_asked", assignment.organisation.email
            if self.email and assignment.organisation_id not in known:
                yield "person_told_more", self.email
            known.add(assignment.organisation_id)
        elif event.kind == "reminded":
            yield "organisation_reminded", assignment.organisation.email
        elif event.kind == "waitlisted" and self.email:
            yield "person_waitlisted", self.email
        elif event.kind == "place_due":
            yield "organisation_place_due", assignment.organisation.email
        elif event.kind == "coordinator_told":
            yield "coordinator_told", event.strand.network.email
        elif event.kind == "lapsed" and assignment.status == "lapsed":
            yield "organisation_late", assignment.organisation.email
        elif event.kind == "accepted":
            for other in self.ended(event, "released", was=("offered",)):
                yield "organisation_not_needed", other.organisation.email
            if self.strands_before[event.strand_id] == "with_coordinator":
                yield "coordinator_not_needed", event.strand.network.email
        elif event.kind in ("withdrawn", "closed", "assigned"):
            for other in self.ended(event, "withdrawn", was=("offered", "accepted", "lapsed")):
                yield "organisation_released", other.organisation.email

    def ended(self, event, status, *, was):
        before = [pk for pk, earlier in self.before.items() if earlier in was]
        rows = Assignment.objects.filter(strand=event.strand, pk__in=before, status=status)
        return rows.select_related("organisation")

    def actor(self, pick, assignment=None):
        """Two times in three somebody who may answer, so that the verbs get somewhere."""
        if assignment and pick % 3:
            world = next(w for w in self.worlds if w.network.pk == assignment.strand.network_id)
            return world.owner_of(assignment) if pick % 3 == 1 else world.coordinator
        return self.actors[pick % len(self.actors)]

    def assignment(self, pick, *preferred):
        """Three times in four one in a preferred status."""
        rows = Assignment.objects.select_related("strand", "organisation").order_by("pk")
        likely = rows.filter(status__in=preferred) if pick % 4 else rows
        found = list(likely) or list(rows)
        return found[pick % len(found)] if found else None

    def service(self, pick, strand=None):
        """Seven times in eight one of the strand's network."""
        worlds = [w for w in self.worlds if strand is None or not pick % 8 or w.network.pk == strand.network_id]
        services = [service for world in worlds for service in world.services]
        return services[pick % len(services)]

    @rule(verb=VERBS, pick=PICK, who=PICK, other=PICK)
    def step(self, verb, pick, who, other):
        """One rule for all verbs: with a rule each, hypothesis leaves most of them out of most runs."""
        if verb == "submit" or not self.asked_for:
            self.submit(pick, other)
        else:
            getattr(self, verb)(pick, who, other)

    def submit(self, pick, other):
        worlds = self.worlds if other % 3 == 0 else self.worlds[:1]
        needs = {need.pk for world in worlds for need in world.needs[: 3 - pick % 3]}
        own = [(world, [need.pk for need in world.needs if need.pk in needs]) for world in worlds]
        if other % 2:  # a part for each need, with lists that need not agree
            own = [(world, [need]) for world, keys in own for need in keys]
        order = list(itertools.permutations(range(4)))[pick % 24][: 4 - other % 5]
        referral = self.act(
            workflow.submit,
            worlds[0].submission(
                parts=[
                    workflow.Part(
                        network_id=world.network.pk,
                        need_ids=frozenset(keys),
                        service_ids=[world.services[i].pk for i in (order if number % 2 else order[::-1])],
                    )
                    for number, (world, keys) in enumerate(own)
                ],
                urgent_need_ids=frozenset(needs if pick % 2 else ()),
                person=workflow.PersonDetails(name="Maya Ferreira", email=self.email),
            ),
        )
        self.asked_for[referral.pk] = needs

    def accept(self, pick, who, other):
        assignment = self.assignment(pick, "offered")
        if assignment and self.act(workflow.accept, assignment.pk, actor=self.actor(who, assignment)):
            self.open_cases.add(assignment.pk)

    def accept_late(self, pick, who, other):
        """While nobody has accepted since, a lapsed offer can be accepted; otherwise never."""
        if other % 2:
            self.lapse(other, who, 2)
        lapsed = list(
            Assignment.objects.filter(status="lapsed").select_related("strand", "organisation").order_by("pk")
        )
        if not lapsed:
            return
        assignment = lapsed[pick % len(lapsed)]
        may, actor = self.may_accept_late(assignment), self.actor(who, assignment)
        accepted = self.act(workflow.accept, assignment.pk, actor=actor)
        if accepted:
            self.open_cases.add(assignment.pk)
        assert bool(accepted) == (may and can_answer(actor, assignment))

    def may_accept_late(self, assignment):
        """Say it by the events, where the workflow says it by times."""
        lapse = Event.objects.filter(assignment=assignment, kind="lapsed").latest("pk")
        later = Event.objects.filter(strand=assignment.strand_id, pk__gt=lapse.pk)
        asked_again = later.filter(kind="offered", assignment__organisation=assignment.organisation_id)
        is_member = assignment.organisation.memberships.filter(status="active").exists()
        is_open = assignment.strand.status in ("seeking", "with_coordinator")
        return is_open and is_member and not later.filter(kind="accepted").exists() and not asked_again.exists()

    def reject(self, pick, who, other):
        if assignment := self.assignment(pick, "offered"):
            reason = list(RejectReason)[other % len(RejectReason)]
            self.act(workflow.reject, assignment.pk, actor=self.actor(who, assignment), reason=reason, note="Maya")

    def waitlist(self, pick, who, other):
        if assignment := self.assignment(pick, "offered"):
            day = timezone.localdate(self.now) + timedelta(days=other % 9)
            self.act(workflow.waitlist, assignment.pk, actor=self.actor(who, assignment), place_from=day)

    def end_wait(self, pick, who, other):
        """Nobody is asked for the place before its day, or twice."""
        self.now += timedelta(days=other % 6)
        waiting = list(Assignment.objects.filter(place_from__isnull=False).order_by("pk"))
        if waiting:
            assignment = waiting[pick % len(waiting)]
            is_due = assignment.place_from <= timezone.localdate(self.now)
            ended = self.act(workflow.end_wait, assignment.pk)
            assert not ended or is_due
            assert not (ended and self.act(workflow.end_wait, assignment.pk))

    def split(self, pick, who, other):
        if assignment := self.assignment(pick, "offered"):
            needs = list(assignment.strand.needs.order_by("pk").values_list("category", flat=True))
            arguments = {"keep": needs[: 1 + other % 3], "service_id": self.service(other, assignment.strand).pk}
            arguments["knowing_rejection"] = bool(who % 2)
            if self.act(workflow.split, assignment.pk, actor=self.actor(who, assignment), **arguments):
                self.open_cases.add(assignment.pk)

    def refer_on(self, pick, who, other):
        if assignment := self.assignment(pick, "accepted"):
            service_id = None if other % 3 == 0 else self.service(other, assignment.strand).pk
            arguments = {"service_id": service_id, "knowing_rejection": bool(pick % 2)}
            self.act(workflow.refer_on, assignment.pk, actor=self.actor(who, assignment), **arguments)
            if Assignment.objects.get(pk=assignment.pk).status == "referred_on":
                self.open_cases.discard(assignment.pk)

    def close(self, pick, who, other):
        assignment = self.assignment(pick, "accepted")
        outcome = list(Outcome)[other % len(Outcome)]
        if assignment and self.act(
            workflow.close, assignment.strand_id, actor=self.actor(who, assignment), outcome=outcome
        ):
            self.release_cases_of(assignment.strand)

    def assign(self, pick, who, other):
        assignment = self.assignment(pick, "rejected", "withdrawn", "offered")
        if assignment and self.act(
            workflow.assign,
            assignment.strand_id,
            actor=self.actor(who, assignment),
            service_id=self.service(other, assignment.strand).pk,
            knowing_rejection=bool(who % 2),
        ):
            self.release_cases_of(assignment.strand)

    def withdraw(self, pick, who, other):
        assignment = self.assignment(pick, "queued", "offered", "accepted", "lapsed")
        if assignment and self.act(workflow.withdraw, assignment.pk, actor=self.actor(who, assignment)):
            self.open_cases.discard(assignment.pk)

    def reassign(self, pick, who, other):
        """Whoever it says is next is asked."""
        assignment = self.assignment(pick, "offered", "accepted")
        actor = assignment and self.actor(who, assignment)
        if not assignment:
            return
        try:
            upcoming = workflow.preview_reassign(assignment.pk, actor=actor)
        except workflow.Refusal:
            assert self.act(workflow.reassign, assignment.pk, actor=actor) is None
            return
        strand = self.act(workflow.reassign, assignment.pk, actor=actor)
        self.open_cases.discard(assignment.pk)
        asked = Assignment.objects.filter(strand=strand, status="offered").first()
        assert upcoming == (asked and asked.organisation)

    def reopen(self, pick, who, other):
        if assignment := self.assignment(pick, "closed", "rejected"):
            self.act(workflow.reopen, assignment.strand_id, actor=self.actor(who, assignment))

    def remind(self, pick, who, other):
        self.now += timedelta(days=other % 4)
        if assignment := self.assignment(pick, "offered"):
            self.act(workflow.remind, assignment.pk)

    def lapse(self, pick, who, other):
        """Two times in three of an offer that was reminded of, as none lapses before where there are reminders."""
        if assignment := self.assignment(pick, "offered"):
            if other % 3:
                self.now += timedelta(days=2)
                self.act(workflow.remind, assignment.pk)
            self.now += timedelta(days=other % 5)
            if self.act(workflow.lapse, assignment.pk) and self.reminds:
                reminder = Event.objects.get(assignment=assignment, kind="reminded")
                assert reminder.at <= self.now - timedelta(days=2)

    def add_note(self, pick, who, other):
        referrals = list(self.asked_for)
        actor = self.actors[who % len(self.actors)]
        self.act(workflow.add_note, referrals[pick % len(referrals)], actor=actor, text="Rang.")

    def change_capacity(self, pick, who, other):
        """Mostly of a service that waits its turn, so that it has to be passed over."""
        queued = self.assignment(pick, "queued")
        service_id = queued.service_id if queued else self.service(pick).pk
        Service.objects.filter(pk=service_id).update(capacity=5 if other % 2 else 0)

    def change_membership(self, pick, who, other):
        """Mostly back in, so that enough organisations stay to be asked."""
        verb = workflow.reinstate if other % 3 else (workflow.suspend, workflow.leave)[who % 2]
        membership = NetworkMembership.objects.get(organisation=self.service(pick).organisation_id)
        self.act(verb, membership.pk, actor=self.actors[who % len(self.actors)])

    def release_cases_of(self, strand):
        own = Assignment.objects.filter(strand=strand)
        gone = own.exclude(status="accepted").values_list("pk", flat=True)
        self.open_cases -= set(gone)

    @invariant()
    def each_need_stands_on_one_strand_of_its_network(self):
        for referral in Referral.objects.prefetch_related("needs__category", "needs__strand"):
            needs = list(referral.needs.all())
            assert Counter(need.category_id for need in needs) == Counter(self.asked_for[referral.pk])
            for need in needs:
                assert (need.strand.referral_id, need.strand.network_id) == (referral.pk, need.category.network_id)

    @invariant()
    def each_strand_is_somebodys(self):
        live = {"seeking": ["offered"], "placed": ["accepted"], "with_coordinator": [], "closed": []}
        for strand in Strand.objects.prefetch_related("assignments", "needs", "events"):
            assert [a.status for a in strand.assignments.all() if a.status in ("offered", "accepted")] == live[
                strand.status
            ]
            assert strand.needs.all(), "a strand without needs"
            if strand.status == "with_coordinator":
                assert strand.coordinator_told_at in [e.at for e in strand.events.all() if e.kind == "coordinator_told"]

    @invariant()
    def an_organisation_has_one_place_on_a_list(self):
        rows = Assignment.objects.filter(status__in=("queued", "offered", "accepted"))
        places = Counter(rows.values_list("strand", "organisation"))
        assert set(places.values()) <= {1}

    @invariant()
    def those_who_may_still_accept_read_what_they_were_asked_about(self):
        for assignment in Assignment.objects.filter(status="lapsed").select_related("strand", "organisation"):
            if self.may_accept_late(assignment):
                world = next(w for w in self.worlds if w.network.pk == assignment.strand.network_id)
                assert fully_visible_to(world.owner_of(assignment)).filter(pk=assignment.strand.referral_id).exists()

    @invariant()
    def whoever_is_on_a_waiting_list_is_asked_again_in_time(self):
        for assignment in Assignment.objects.filter(place_from__isnull=False):
            assert (assignment.status, assignment.reminded_at) == ("offered", None)
            assert timezone.localdate(assignment.remind_at) >= assignment.place_from

    @invariant()
    def nobody_is_asked_who_is_not_an_active_member(self):
        assert workflow.stranded_offers() == []

    @invariant()
    def a_referral_is_closed_when_all_its_strands_are(self):
        for referral in Referral.objects.prefetch_related("strands"):
            statuses = {strand.status for strand in referral.strands.all()}
            order = ("with_coordinator", "seeking", "placed", "closed")
            expected = next(status for status in order if status in statuses)
            is_spam = {strand.outcome for strand in referral.strands.all()} == {"spam"}
            assert referral.status == ("spam" if is_spam else expected)

    @invariant()
    def open_cases_are_the_accepted_assignments(self):
        accepted = Assignment.objects.filter(status="accepted").values_list("pk", flat=True)
        assert set(accepted) == self.__dict__.get("open_cases", set())

    @invariant()
    def every_notification_owed_is_there_once(self):
        of_referrals = Notification.objects.filter(account_event=None)
        owed = Counter(of_referrals.values_list("event", "kind", "recipient"))
        assert owed == self.__dict__.get("expected", Counter())


@pytest.mark.slow(reason="every invariant is checked after each of 40 steps, and few histories meet every verb")
@pytest.mark.django_db
def test_no_order_of_verbs_breaks_a_referral():
    run_state_machine_as_test(
        WorkflowMachine,
        settings=settings(
            max_examples=gate_or_all(8, 60),
            stateful_step_count=40,
            deadline=None,
            derandomize=True,  # the gate gives the same answer twice; --all hunts
            suppress_health_check=list(HealthCheck),
        ),
    )
