"""Template context of messages about accounts. No referral appears in any of them."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from referrals.enums import AccountEventKind
from referrals.models import AccountEvent, Network, NetworkMembership, Notification, Service, User
from referrals.notification_kinds import NotificationKind
from referrals.notifications.links import absolute, message_links
from referrals.services.public_card import card_of, with_card_rows
from referrals.services.rich_text import as_plain

LINK_LEFT_OUT = "(the link is in the message alone)"
SERVICES_SHOWN = 10  # in one message; the page shows them all


def account_context(notification: Notification, *, with_sign_in_links: bool) -> dict[str, object]:
    event, links = notification.account_event, message_links()
    context = {
        "event": event,
        "happened": AccountEventKind(event.kind).label,
        "network": event.network or _find_network(event),
        "public_url": settings.PUBLIC_URL,
        "link": absolute(links.home()),
    }
    match notification.kind:
        case NotificationKind.INVITED:
            context |= {"invitation": event.invitation, "link": absolute(links.invitation(event.invitation))}
        case NotificationKind.ACCESS_CHANGED:
            context |= _change_context(event)
        case NotificationKind.OWNER_ASKED:
            context |= {"link": absolute(links.decide_on_invitation(event.invitation))}
        case NotificationKind.PASSWORD_RESET:
            context |= {"link": password_reset_link(event.user), "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
        case NotificationKind.CONFIRMATION_ASKED:
            context |= _confirmation_context(event)
        case NotificationKind.ACCOUNT_CHANGED | NotificationKind.SIGN_IN_LOCKED:
            context |= {"link": absolute(links.ask_for_password_reset())}
    has_sign_in_link = notification.kind in (NotificationKind.INVITED, NotificationKind.PASSWORD_RESET)
    if has_sign_in_link and not with_sign_in_links:
        return context | {"link": LINK_LEFT_OUT, "link_left_out": True}
    return context


def _change_context(event: AccountEvent) -> dict[str, object]:
    return {
        "by": event.actor.get_full_name() if event.actor else "Somebody at the command line",
        "whom": event.user.get_full_name() if event.user else "",
        "place": event.organisation or event.network or "",
        "invited": event.invitation.email if event.invitation else "",
        "inviter": event.invitation.invited_by.get_full_name() if event.invitation else "",
    }


def _confirmation_context(event: AccountEvent) -> dict[str, object]:
    # Public cards, since they never show a refuge's address.
    asked = Service.objects.filter(pk__in=event.data["services"], confirmations_asked__gt=0, archived_at=None)
    services = asked.order_by("activity__name", "pk")
    membership = NetworkMembership.objects.get(organisation=event.organisation_id, network=event.network_id)
    listed = with_card_rows(services[:SERVICES_SHOWN])
    return {
        "is_reminder": event.data["is_reminder"],
        "cards": [(service, card_of(service, now=event.at), as_plain(service.description)) for service in listed],
        "more": max(services.count() - SERVICES_SHOWN, 0),
        "link": absolute(message_links().confirm_services(membership)),
    }


def password_reset_link(user: User) -> str:
    """The link works once, for PASSWORD_RESET_TIMEOUT seconds."""
    key = urlsafe_base64_encode(force_bytes(user.pk))
    return absolute(message_links().set_password(key, default_token_generator.make_token(user)))


def _find_network(event: AccountEvent) -> Network | None:
    if event.organisation:
        return event.organisation.networks.first()
    if event.user is None:
        return None
    own = Network.objects.filter(roles__user=event.user).first()
    return own or Network.objects.filter(organisations__members__user=event.user).first()
