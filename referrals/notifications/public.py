"""What messages are given that visitors of the public site have caused. None of their words is in one."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from referrals.models import Notification, Service
from referrals.services.public_card import card_of, with_card_rows
from referrals.services.rich_text import as_plain


def message_context(notification: Notification) -> dict[str, object]:
    """The words of the visitor stay in the back office: they may name people, or lead somewhere."""
    message = notification.message
    page = reverse("backoffice:referrals_publicmessage_change", args=[message.pk])
    return {
        "message": message,
        "service": message.service,
        "network": message.network,
        "is_to_coordinator": notification.recipient == message.network.email,
        "public_url": settings.PUBLIC_URL,
        "link": f"{settings.PUBLIC_URL}{page}",
    }


def card_context(notification: Notification) -> dict[str, object]:
    """The card as it stands when the message is sent; none if the public may not see the service any more."""
    request = notification.card_request
    service = with_card_rows(Service.objects.listed().filter(pk=request.service_id)).first()
    context: dict[str, object] = {"card": None, "page": request.page}
    if service is None:
        return context
    return context | {
        "card": card_of(service, now=timezone.now()),
        "description": as_plain(service.description),
        "network": service.network,
    }
