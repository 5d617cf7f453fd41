"""What may be done to an offer or a case in each status, by whom, and with which words it is refused.

Two tests read it: one calls the verbs, the other looks for the buttons of the screens and presses what is not there.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.utils import timezone

from referrals import workflow
from referrals.enums import Outcome, RejectReason
from referrals.models import Assignment, Service, User
from referrals.tests.worlds import World, live_on, only_strand

ROLES: Mapping[str, Callable[[World, World], User]] = {
    "member": lambda world, other: world.owners[0],
    "coordinator": lambda world, other: world.coordinator,
    "other organisation": lambda world, other: world.owners[3],
    "commissioner": lambda world, other: world.commissioner,
    "coordinator elsewhere": lambda world, other: other.coordinator,
}


def make_world() -> World:
    """Organisations 0 to 2 are on the list, and 3 is chosen by hand. `member` belongs to the first."""
    return World(organisations=4, lapse_asks_next=True)


def _submit(world: World) -> Assignment:
    sent = world.submit(services=world.services[:3], at=timezone.now() - timedelta(days=20))
    return live_on(only_strand(sent))


def _queued(world: World) -> Assignment:
    world.services[:2] = reversed(world.services[:2])
    offer = _submit(world)
    world.services[:2] = reversed(world.services[:2])
    return Assignment.objects.get(strand=offer.strand, organisation=world.organisations[0])


def _waitlisted(world: World) -> Assignment:
    day = timezone.localdate() + timedelta(days=30)
    return workflow.waitlist(_submit(world).pk, actor=world.owners[0], place_from=day)


def _accepted(world: World) -> Assignment:
    return workflow.accept(_submit(world).pk, actor=world.owners[0])


def _rejected(world: World) -> Assignment:
    return workflow.reject(_submit(world).pk, actor=world.owners[0], reason=RejectReason.OTHER)


def _lapse(offer: Assignment) -> Assignment:
    workflow.remind(offer.pk, at=offer.remind_at)
    offer.refresh_from_db()
    workflow.lapse(offer.pk, at=offer.lapse_at)
    offer.refresh_from_db()
    return offer


def _silent(world: World) -> Assignment:
    world.network.lapse_asks_next = False
    world.network.save()
    return _lapse(_submit(world))


def _released(world: World) -> Assignment:
    world.services[:2] = reversed(world.services[:2])
    first = _lapse(_submit(world))
    world.services[:2] = reversed(world.services[:2])
    workflow.accept(first.pk, actor=world.owners[1])
    return Assignment.objects.get(strand=first.strand, organisation=world.organisations[0])


def _skipped(world: World) -> Assignment:
    queued = _queued(world)
    Service.objects.filter(pk=queued.service_id).update(capacity=0)
    workflow.reject(live_on(queued.strand).pk, actor=world.owners[1], reason=RejectReason.OTHER)
    Service.objects.filter(pk=queued.service_id).update(capacity=10)
    return queued


def _withdrawn(world: World) -> Assignment:
    return workflow.withdraw(_submit(world).pk, actor=world.coordinator)


def _referred_on(world: World) -> Assignment:
    accepted = _accepted(world)
    workflow.refer_on(accepted.pk, actor=world.owners[0], service_id=None)
    return accepted


def _closed(world: World) -> Assignment:
    accepted = _accepted(world)
    workflow.close(accepted.strand_id, actor=world.owners[0], outcome=Outcome.SUPPORTED)
    return accepted


STATUSES: Mapping[str, Callable[[World], Assignment]] = {
    "queued": _queued,
    "offered": _submit,
    "silent": _silent,
    "waitlisted": _waitlisted,
    "accepted": _accepted,
    "rejected": _rejected,
    "lapsed": lambda world: _lapse(_submit(world)),
    "released": _released,
    "skipped": _skipped,
    "withdrawn": _withdrawn,
    "referred_on": _referred_on,
    "closed": _closed,
}


def _split(world: World, assignment: Assignment, actor: User) -> object:
    keep = assignment.strand.needs.values_list("category", flat=True)[:1]
    return workflow.split(assignment.pk, actor=actor, keep=keep, service_id=world.services[3].pk)


VERBS: Mapping[str, Callable[[World, Assignment, User], object]] = {
    "accept": lambda world, one, actor: workflow.accept(one.pk, actor=actor),
    "reject": lambda world, one, actor: workflow.reject(one.pk, actor=actor, reason=RejectReason.NO_ROOM),
    "waiting_list": lambda world, one, actor: workflow.waitlist(
        one.pk, actor=actor, place_from=timezone.localdate() + timedelta(days=10)
    ),
    "split": _split,
    "refer_on": lambda world, one, actor: workflow.refer_on(one.pk, actor=actor, service_id=None),
    "close": lambda world, one, actor: workflow.close(one.strand_id, actor=actor, outcome=Outcome.NOT_SUPPORTED),
    "withdraw": lambda world, one, actor: workflow.withdraw(one.pk, actor=actor),
    "remind": lambda world, one, actor: workflow.remind_now(one.pk, actor=actor),
    "reassign": lambda world, one, actor: workflow.reassign(one.pk, actor=actor),
    "assign": lambda world, one, actor: workflow.assign(one.strand_id, actor=actor, service_id=world.services[3].pk),
    "reopen": lambda world, one, actor: workflow.reopen(one.strand_id, actor=actor),
}


# Of each verb in each status: "b" both the member and the coordinator may, "c" the coordinator alone; otherwise it is
# refused: "-" by what has become of the offer (WORDS), any other sign by SAID. Nobody else may do anything.
_TABLE = """
status       accept  reject  waiting_list  split  refer_on  close  withdraw  remind  reassign  assign  reopen
queued       -       -       -             -      -         c      c         -       -         c       o
offered      b       b       b             b      -         c      c         c       c         c       o
silent       b       b       b             b      -         c      c         c       c         c       o
waitlisted   b       b       b             b      -         c      c         w       c         c       o
accepted     -       -       -             -      b         b      c         -       c         c       o
rejected     -       -       -             -      -         c      -         -       -         c       o
lapsed       b       -       -             -      -         c      c         -       -         c       o
released     -       -       -             -      -         c      -         -       -         c       o
skipped      -       -       -             -      -         c      -         -       -         c       o
withdrawn    -       -       -             -      -         c      -         -       -         c       o
referred_on  -       -       -             -      -         c      -         -       -         c       o
closed       -       -       -             -      -         s      -         -       -         x       c
"""
_LINES = [line.split() for line in _TABLE.strip().splitlines()]
TABLE = {(status, verb): cell for status, *cells in _LINES[1:] for verb, cell in zip(_LINES[0][1:], cells, strict=True)}

# To the member and to the coordinator; whoever did it reads "You have ...".
WORDS = {
    "queued": ("has not been asked yet.", "has not been asked yet."),
    "offered": ("has not answered yet.", "has not answered yet."),
    "silent": ("has not answered yet.", "has not answered yet."),
    "waitlisted": ("has not answered yet.", "has not answered yet."),
    "accepted": ("You have accepted this.", "has accepted this already."),
    "rejected": ("You have rejected this.", "has rejected this already."),
    "lapsed": ("did not answer in time. It can still accept", "did not answer in time. It can still accept"),
    "released": ("There is nothing more for", "There is nothing more for"),
    "skipped": ("was passed over, and has not been asked.", "was passed over, and has not been asked."),
    "withdrawn": ("A coordinator has taken this away from", "You have taken this away from"),
    "referred_on": ("You have referred this on.", "has referred this on already."),
    "closed": ("You have closed this case.", "has closed this case already."),
}
SAID = {
    "o": "This is open already.",
    "s": "This is closed already.",
    "w": "expects to have a place from",
    "x": "Reopen it first.",
}
ONCE = "It was done once, however often you pressed."
_TWICE = {
    ("member", "accepted"): ("accept", "split"),
    ("member", "rejected"): ("reject",),
    ("member", "referred_on"): ("refer_on",),
    ("coordinator", "withdrawn"): ("withdraw", "reassign"),
}
_FOR_COORDINATORS = ("withdraw", "remind", "reassign", "assign", "reopen")


def is_allowed(status: str, verb: str, role: str) -> bool:
    return role in {"b": ("member", "coordinator"), "c": ("coordinator",)}.get(TABLE[status, verb], ())


def words_of_refusal(status: str, verb: str, role: str) -> list[str]:
    """Return what a refusal says: all of these."""
    if role not in ("member", "coordinator") or (role == "member" and verb in _FOR_COORDINATORS):
        if verb in _FOR_COORDINATORS:
            return ["Only a coordinator of"]
        return ["Only the organisation that accepted this"] if verb == "close" else ["You cannot answer for"]
    cell = TABLE[status, verb]
    if cell == "c":
        return ["Only the organisation that accepted this"]
    if cell in SAID:
        return [SAID[cell]]
    words = WORDS[status][role == "coordinator"]
    return [words, ONCE] if verb in _TWICE.get((role, status), ()) else [words]
