"""Template context of messages caused by visitors. They quote none of the visitor's words."""

from django.conf import settings
from django.utils import timezone

from referrals.models import Category, Notification, Service
from referrals.notifications.links import absolute, message_links
from referrals.services.public_card import card_of, with_card_rows
from referrals.services.rich_text import as_plain


def visitor_message_context(notification: Notification) -> dict[str, object]:
    # The visitor's words stay in the back office: they may name people or contain harmful links.
    message = notification.message
    return {
        "message": message,
        "service": message.service,
        "network": message.network,
        "is_to_coordinator": notification.recipient == message.network.email,
        "public_url": settings.PUBLIC_URL,
        "link": absolute(message_links().visitor_message(message)),
    }


def card_context(notification: Notification) -> dict[str, object]:
    """Return the card as it is on sending; no card if the service is no longer public."""
    request = notification.card_request
    service = with_card_rows(Service.objects.listed().filter(pk=request.service_id)).first()
    context: dict[str, object] = {"card": None, "page": request.page}
    if service is None:
        return context
    return context | {
        "card": card_of(service, now=timezone.now()),
        "description": as_plain(service.description),
        "network": service.network,
        "is_sensitive": service.categories.filter(pk__in=Category.objects.sensitive_keys([service.network])).exists(),
    }
