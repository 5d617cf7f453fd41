"""Why a message came, in a sentence at its end."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from referrals.models import Network, Notification, Organisation
from referrals.notification_kinds import AUDIENCES, Audience, NotificationKind

_SENTENCES: dict[Audience | NotificationKind, str | Promise] = {
    NotificationKind.ORGANISATION_DIGEST: "You get this because it was chosen for this address at {organisation}.",
    NotificationKind.COORDINATOR_DIGEST: "You get this because it was chosen for this address at {network}.",
    Audience.ORGANISATION: "You get this because your organisation gets its messages from {network} at this address.",
    Audience.COORDINATORS: "You get this because the coordinators of {network} get their messages at this address.",
    Audience.PERSON: _("You get this because this address was given with the request."),
    Audience.REFERRER: "You get this because you asked, when you sent the referral, to hear how it goes.",
    Audience.ACCOUNT: "You get this because you have an account at Referral Networks.",
    Audience.VISITOR: _("You get this because this address was typed on the public site."),
    NotificationKind.INVITED: "You get this because somebody with an account invited you at this address.",
    NotificationKind.INVITATION_WAITS: "You get this because somebody with an account invited you at this address.",
    NotificationKind.OWNER_ASKED: "You get this because you are an owner of {organisation}.",
    NotificationKind.JOINED: "You get this because you sent the invitation.",
    NotificationKind.ACCESS_CHANGED: "You get this because the change is about you, or you answer for {place}.",
}


def explain_why(notification: Notification, *, network: Network | None) -> str:
    """Return the sentence, in the language that is active; `network`: that of the message, if it has one."""
    kind = NotificationKind(notification.kind)
    audience = AUDIENCES[kind]
    if audience == Audience.ORGANISATION and network and notification.recipient == network.email:
        audience = Audience.COORDINATORS
    sentence = _SENTENCES.get(kind) or _SENTENCES[audience]
    organisation = _organisation_of(notification)
    return str(sentence).format(
        organisation=organisation, network=network, place=organisation or network or "this installation"
    )


def _organisation_of(notification: Notification) -> Organisation | None:
    if notification.account_event:
        return notification.account_event.organisation
    return notification.digest and notification.digest.organisation
