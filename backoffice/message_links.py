from django.conf import settings
from django.urls import reverse

from referrals.models import Invitation, NetworkMembership, PublicMessage
from referrals.notifications.links import MessageLinks


class BackofficeLinks(MessageLinks):
    """The pages that e-mails of this project lead to; settings.MESSAGE_LINKS names this class."""

    def home(self) -> str:
        return reverse(settings.LOGIN_REDIRECT_URL)

    def invitation(self, invitation: Invitation) -> str:
        return reverse("join", args=[invitation.token])

    def decide_on_invitation(self, invitation: Invitation) -> str:
        return reverse("backoffice:invitation_decide", args=[invitation.pk])

    def ask_for_password_reset(self) -> str:
        return reverse("password_reset")

    def set_password(self, user_key: str, token: str) -> str:
        return reverse("password_reset_confirm", args=[user_key, token])

    def confirm_services(self, membership: NetworkMembership) -> str:
        return reverse("backoffice:services_confirm", args=[membership.pk])

    def referrals_to_check(self) -> str:
        return f"{reverse('backoffice:referrals')}?tab=check"

    def waiting_referrals(self) -> str:
        return f"{reverse('backoffice:referrals')}?tab=waiting"

    def stop_digest(self, token: str) -> str:
        return reverse("stop_digest", args=[token])

    def visitor_message(self, message: PublicMessage) -> str:
        return reverse("backoffice:referrals_publicmessage_change", args=[message.pk])
