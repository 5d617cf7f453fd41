"""Whether e-mail goes out: what the health page says of the outbox, and the check before a deployment."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.checks import Error, register
from django.db.models import Count, Min, Q
from django.utils import timezone

from referrals.models import Notification
from referrals.notification_kinds import NotificationStatus
from referrals.notifications.outbox import has_mail_server

LATE = timedelta(minutes=30)
REMEMBERED = timedelta(days=1)


def lacks_mail_server() -> bool:
    """Whether no mail server is set, and nobody has said that none is wanted."""
    return not settings.SMTP_HOST and not has_mail_server()


@register(deploy=True)
def check_mail_server(**options: object) -> list[Error]:
    if not lacks_mail_server():
        return []
    return [
        Error(
            "No mail server is set: no invitation, offer or reminder would leave this machine.",
            hint="Set SMTP_HOST, or SMTP_HOST=none where no e-mail is to be sent.",
            id="referrals.E101",
        )
    ]


def is_mail_going_out(*, at: datetime | None = None) -> bool:
    """Whether nothing has been waiting long since it was first due, and nothing was given up lately.

    One refused address says nothing about the rest. Two count if nothing at all was sent since they were due.
    """
    now = at or timezone.now()
    trouble = Notification.objects.filter(
        Q(status=NotificationStatus.PENDING, first_due_at__lt=now - LATE)
        | Q(status=NotificationStatus.FAILED, claimed_at__gt=now - REMEMBERED)
    )
    about_address = Q(error__startswith="SMTPRecipientsRefused")
    found = trouble.aggregate(
        other=Count("pk", filter=~about_address),
        addresses=Count("recipient", filter=about_address, distinct=True),
        since=Min("first_due_at", filter=about_address),
    )
    if found["other"]:
        return False
    return found["addresses"] < 2 or Notification.objects.filter(sent_at__gt=found["since"]).exists()
