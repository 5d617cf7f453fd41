"""What a mail service tells through django-anymail, where that is installed: bounces count as those by return path."""

from anymail.signals import AnymailTrackingEvent, tracking
from django.dispatch import receiver

from referrals.notifications.bounces import take_bounce

FOR_NOW = {"timed_out", "other"}


@receiver(tracking)
def take_tracking_event(sender: object, event: AnymailTrackingEvent, **kwargs: object) -> None:
    key = str((event.metadata or {}).get("notification", ""))
    if event.event_type in {"bounced", "rejected"} and key.isdigit():
        take_bounce(int(key), is_permanent=event.reject_reason not in FOR_NOW)
