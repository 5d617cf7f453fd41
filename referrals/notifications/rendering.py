from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count
from django.template.loader import render_to_string
from django.utils import translation

from referrals.enums import WhyCoordinator
from referrals.models import Notification, Strand
from referrals.notification_kinds import TO_THE_PERSON, TO_THE_REFERRER, NotificationKind
from referrals.notifications.account_context import account_context
from referrals.notifications.digest_context import digest_context
from referrals.notifications.for_person import person_context, referrer_context
from referrals.notifications.links import absolute, message_links, stop_link
from referrals.notifications.reasons import explain_why
from referrals.notifications.visitor_context import card_context, visitor_message_context


@dataclass(frozen=True, slots=True)
class Rendered:
    """`sender` and `recipient` are header values; `text` and `html` are the two bodies."""

    subject: str
    text: str
    html: str
    sender: str
    recipient: str


def render(notification: Notification, *, to_send: bool = False) -> Rendered:
    """Return the message as sent or, before that, as it would be sent now.

    Sign-in links appear only with `to_send`: the outbox must not give anyone a way into an account. The templates are
    emails/<kind>.subject.txt, .txt and .html.
    """
    subject, text, html = notification.subject, notification.text, notification.html
    if not subject:
        with translation.override(_language_of(notification)):
            context = _context(notification, with_sign_in_links=to_send)
            context["because"] = explain_why(notification, network=context.get("network"))
            subject, text, html = (
                render_to_string(f"emails/{notification.kind}.{ending}", context)
                for ending in ("subject.txt", "txt", "html")
            )
    return Rendered(
        subject=" ".join(subject.split()),
        text=text.strip() + "\n",
        html=html,
        sender=settings.DEFAULT_FROM_EMAIL,
        recipient=notification.recipient,
    )


def _language_of(notification: Notification) -> str:
    """Return that of the page where a card was asked for, or the person's own; members read English."""
    language = ""
    if notification.card_request:
        language = notification.card_request.language
    elif notification.kind in TO_THE_PERSON:
        language = notification.event.referral.person.language
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _context(notification: Notification, *, with_sign_in_links: bool) -> dict[str, object]:
    if notification.account_event:
        return account_context(notification, with_sign_in_links=with_sign_in_links)
    if notification.message:
        return visitor_message_context(notification)
    if notification.card_request:
        return card_context(notification)
    if notification.digest:
        return digest_context(notification.digest) | {"stop_link": stop_link(notification)}
    return _referral_context(notification)


def _referral_context(notification: Notification) -> dict[str, object]:
    # No message gets what was typed on the form: none can leak it, or carry a stranger's words in the network's name.
    event, assignment = notification.event, notification.event.assignment
    if notification.kind in TO_THE_PERSON:
        return person_context(event)
    if notification.kind in TO_THE_REFERRER:
        return referrer_context(event)
    referral = event.referral
    network = event.strand.network if event.strand else referral.network
    context: dict[str, object] = {
        "reference": referral.reference,
        "network": network,
        "organisation": assignment and assignment.organisation,
        "public_url": settings.PUBLIC_URL,
    }
    if notification.kind == NotificationKind.REFERRALS_HELD:
        held = Strand.objects.filter(network=network, why_coordinator=WhyCoordinator.HELD)
        held = held.aggregate(count=Count("referral", distinct=True))["count"]
        return context | {"held": held, "link": absolute(message_links().referrals_to_check())}
    needs = referral.needs.select_related("category")
    if event.strand:
        needs = needs.filter(strand=event.strand)
    return context | {
        "is_urgent": referral.is_urgent,
        "link": absolute(referral.get_absolute_url()),
        "outcode": referral.outcode,
        "needs": [need.category.name for need in needs],
        "assignment": assignment,
        "why": WhyCoordinator(event.data["why"]).label if "why" in event.data else "",
    }
