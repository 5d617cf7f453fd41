"""What has become of a referral: where those on its list stand, what has happened, and which messages are owed."""

from referrals.models import Event, Notification, Referral, Strand


def statuses(strand: Strand) -> list[str]:
    return list(strand.assignments.order_by("position").values_list("status", flat=True))


def kinds(referral: Referral) -> list[str]:
    return list(Event.objects.filter(referral=referral).order_by("pk").values_list("kind", flat=True))


def owed(referral: Referral) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(event__referral=referral).order_by("pk")
    return list(rows.values_list("kind", "recipient"))
