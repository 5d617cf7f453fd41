"""Once a week, what waits: to each organisation and to each network's coordinators, on its first working morning."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from referrals import notifications
from referrals.models import Digest, Network, NetworkMembership, Organisation
from referrals.notification_kinds import NotificationKind
from referrals.workflow import AnswerCalendar


def week_of(moment: datetime) -> date:
    day = timezone.localdate(moment)
    return day - timedelta(days=day.weekday())


def due_for_organisations(*, at: datetime | None = None) -> list[int]:
    """Return keys of organisations without a summary this week, in one of whose networks it is daytime."""
    now = at or timezone.now()
    active = NetworkMembership.objects.active().filter(network__in=_awake_networks(now))
    due = Organisation.objects.filter(pk__in=active.values("organisation")).exclude(digests__week=week_of(now))
    return list(due.order_by("pk").values_list("pk", flat=True))


def due_for_networks(*, at: datetime | None = None) -> list[int]:
    now = at or timezone.now()
    due = Network.objects.filter(pk__in=_awake_networks(now)).exclude(digests__week=week_of(now))
    return list(due.order_by("pk").values_list("pk", flat=True))


def send_to_organisation(pk: int, *, at: datetime | None = None) -> bool:
    """Write the week's summary, if anything waits. Return False if this week has been seen to already."""
    organisation = Organisation.objects.get(pk=pk)
    return _send(Digest(organisation=organisation), organisation, NotificationKind.ORGANISATION_DIGEST, at)


def send_to_network(pk: int, *, at: datetime | None = None) -> bool:
    network = Network.objects.get(pk=pk)
    return _send(Digest(network=network), network, NotificationKind.COORDINATOR_DIGEST, at)


def _send(digest: Digest, place: Organisation | Network, kind: NotificationKind, at: datetime | None) -> bool:
    digest.at = at or timezone.now()
    digest.week = week_of(digest.at)
    try:
        with transaction.atomic():
            digest.save()  # of two at once, the second waits here, and finds it made
            if notifications.anything_waits(digest):
                notifications.record_for(digest, kind, place)
    except IntegrityError:
        return False
    return True


def _awake_networks(now: datetime) -> list[int]:
    return [network.pk for network in Network.objects.all() if AnswerCalendar.of(network).is_daytime(now)]
