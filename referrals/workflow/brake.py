"""How many referrals the public form takes, and which wait for a coordinator before anybody is asked.

Why each limit does what it does: docs/decisions/0029-the-form-has-a-brake.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Greatest

from referrals import notifications, rate_limits
from referrals.enums import AssignmentStatus, EventKind, StrandStatus, WhyCoordinator, WhyPassedOver
from referrals.mailboxes import mailbox_of
from referrals.models import Network, Service
from referrals.notification_kinds import NotificationKind
from referrals.rate_limits import Limit, TooMany
from referrals.workflow.core import LockedReferral, append_event, move_strand, pass_over
from referrals.workflow.submission import Submission

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_WINDOWS = {
    "client": HOUR,
    "link-client": HOUR,
    "link": HOUR,
    "mailbox": DAY,
    "network": HOUR,
    "all": HOUR,
    "service": HOUR,
}
MOST_OFFERS_WAITING = 20  # at one service, or three times its capacity, where that is more
HELD_MESSAGES = Limit("held-told", 2, HOUR)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends the public form, by network address; None through a socket file."""

    client: str | None


def _limit(name: str) -> Limit:
    return Limit(f"referral-{name}", settings.REFERRAL_LIMITS[name], _WINDOWS[name])


def limits() -> tuple[Limit, ...]:
    return (*map(_limit, _WINDOWS), HELD_MESSAGES)


def must_wait(locked: LockedReferral, submission: Submission, sender: Sender) -> bool:
    """Count a new referral; return whether a coordinator has to look at it first.

    Raises TooMany if the sender has to try later instead. A referral that one limit holds is not counted by the others.
    """
    at, link, client = locked.now, submission.referral_link_id, rate_limits.digest_of(sender.client)
    if link:
        of_sender = (_limit("link-client"), client and f"{link} {client}")
        of_form = [(_limit("link"), str(link))]
    else:
        of_sender = (_limit("client"), client)
        networks = [(_limit("network"), str(pk)) for pk in sorted(submission.network_ids)]
        of_form = [*networks, (_limit("all"), "")]
    rate_limits.count([of_sender], at=at)
    email = submission.person.email
    mailbox = (_limit("mailbox"), rate_limits.digest_of(mailbox_of(email)) if email else None)
    if not rate_limits.is_within([mailbox, *of_form], at=at):
        return True
    return not link and not _pass_over_buried(locked, client)


def _pass_over_buried(locked: LockedReferral, client: str | None) -> bool:
    """Pass over services that strangers have buried in offers. If that would empty a list, do nothing; return False.

    One client can send a service ten offers in an hour; all without a link together, until MOST_OFFERS_WAITING are
    waiting there. Referrals by link, coordinators, and lists that go on after a rejection are not limited.
    """
    buried, passed_over = _buried_services(locked), []
    for strand in locked.strands.values():
        queue = locked.queued_on(strand)
        for assignment in queue:
            of_client = (_limit("service"), client and f"{assignment.service_id} {client}")
            if assignment.service_id not in buried and rate_limits.is_within([of_client], at=locked.now):
                break
            passed_over.append(assignment)
        if queue and queue[-1] in passed_over:
            return False
    for assignment in passed_over:
        pass_over(locked, assignment, WhyPassedOver.MANY_SENT)
    return True


def _buried_services(locked: LockedReferral) -> set[int]:
    services = {assignment.service_id for assignment in locked.assignments.values()}
    offered = Service.objects.filter(pk__in=services, assignments__status=AssignmentStatus.OFFERED)
    buried = offered.annotate(waiting=Count("assignments")).filter(
        waiting__gte=Greatest(F("capacity") * 3, MOST_OFFERS_WAITING)
    )
    return set(buried.values_list("pk", flat=True))


def hold(locked: LockedReferral) -> None:
    """Ask nobody on the lists, and do not tell the person, until a coordinator has checked it."""
    told = set()
    for strand in sorted(locked.strands.values(), key=lambda strand: strand.network_id):
        why = WhyCoordinator.HELD
        event = append_event(locked, EventKind.COORDINATOR_TOLD, strand=strand, why=why)
        is_first = strand.network_id not in told  # of a network's parts: its coordinators are told of the referral
        told.add(strand.network_id)
        if is_first and (due_at := _when_to_tell(strand.network, at=locked.now)):
            notifications.record_for(event, NotificationKind.REFERRALS_HELD, strand.network, due_at=due_at)
        move_strand(locked, strand, StrandStatus.WITH_COORDINATOR, why_coordinator=why, coordinator_told_at=locked.now)


def _when_to_tell(network: Network, *, at: datetime) -> datetime | None:
    """Return when to tell the coordinators: about the first in an hour at once, about the others when the hour is over.

    None if a message is already waiting for the end of the hour: it will cover this referral as well.
    """
    try:
        with transaction.atomic():
            [counter] = rate_limits.count([(HELD_MESSAGES, str(network.pk))], at=at)
    except TooMany:
        return None
    return at if counter.count == 1 else counter.since + HELD_MESSAGES.within
