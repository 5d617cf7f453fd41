"""What messages about accounts are given. A referral is in none of them."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from referrals.enums import AccountEventKind, NotificationKind
from referrals.models import AccountEvent, Invitation, Network, NetworkMembership, Notification, Service, User
from referrals.services.public_card import card_of, with_card_rows
from referrals.services.rich_text import as_plain

LEFT_OUT = "(the link is in the message alone)"
IN_FULL = 10  # services that stand in one message; the page shows them all


def account_context(notification: Notification, *, with_keys: bool) -> dict[str, object]:
    event = notification.account_event
    context = {
        "event": event,
        "happened": AccountEventKind(event.kind).label,
        "network": event.network or _a_network_of(event),
        "public_url": settings.PUBLIC_URL,
        "link": f"{settings.PUBLIC_URL}{resolve_url(settings.LOGIN_REDIRECT_URL)}",
    }
    if notification.kind == NotificationKind.INVITED:
        context |= {"invitation": event.invitation, "link": _invitation_link(event.invitation)}
    elif notification.kind == NotificationKind.PASSWORD_RESET:
        context |= {"link": password_reset_link(event.user), "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
    elif notification.kind == NotificationKind.CONFIRMATION_ASKED:
        context |= _confirmation_context(event)
    elif notification.kind in (NotificationKind.ACCOUNT_CHANGED, NotificationKind.SIGN_IN_LOCKED):
        context |= {"link": f"{settings.PUBLIC_URL}{reverse('password_reset')}"}
    is_key = notification.kind in (NotificationKind.INVITED, NotificationKind.PASSWORD_RESET)
    if is_key and not with_keys:
        return context | {"link": LEFT_OUT, "link_left_out": True}
    return context


def _confirmation_context(event: AccountEvent) -> dict[str, object]:
    """Give the services that nobody has confirmed since, as the public reads them: what a card does not know, such as
    the address of a refuge, no message can tell."""
    asked = Service.objects.filter(pk__in=event.data["services"], confirmations_asked__gt=0, archived_at=None)
    services = asked.order_by("activity__name", "pk")
    membership = NetworkMembership.objects.get(organisation=event.organisation_id, network=event.network_id)
    shown = with_card_rows(services[:IN_FULL])
    return {
        "is_reminder": event.data["is_reminder"],
        "cards": [(service, card_of(service, now=event.at), as_plain(service.description)) for service in shown],
        "more": max(services.count() - IN_FULL, 0),
        "link": f"{settings.PUBLIC_URL}{reverse('backoffice:services_confirm', args=[membership.pk])}",
    }


def _invitation_link(invitation: Invitation) -> str:
    return f"{settings.PUBLIC_URL}{reverse('join', args=[invitation.token])}"


def password_reset_link(user: User) -> str:
    """Return the address at which `user` sets a new password: good once, for PASSWORD_RESET_TIMEOUT seconds."""
    key = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password_reset_confirm", args=[key, default_token_generator.make_token(user)])
    return f"{settings.PUBLIC_URL}{path}"


def _a_network_of(event: AccountEvent) -> Network | None:
    """Whose name stands below the message, when the event is not one network's."""
    if event.organisation:
        return event.organisation.networks.first()
    if event.user is None:
        return None
    of_roles = Network.objects.filter(roles__user=event.user)
    return of_roles.first() or Network.objects.filter(organisations__members__user=event.user).first()
