"""Where the links in messages lead.

The domain knows no screens, so the project provides the paths: settings.MESSAGE_LINKS is the dotted path of its
subclass of MessageLinks.
"""

from abc import ABC, abstractmethod

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.signing import Signer
from django.utils.module_loading import import_string

from referrals.models import Invitation, NetworkMembership, Notification, PublicMessage

STOP_SIGNER = Signer(salt="referrals.stop_digest", sep=".")


class MessageLinks(ABC):
    """Paths of the project's pages, from the root. `absolute` makes them whole."""

    @abstractmethod
    def home(self) -> str:
        """Return where users land after they have signed in."""

    @abstractmethod
    def invitation(self, invitation: Invitation) -> str:
        """Return where an invitation is accepted."""

    @abstractmethod
    def decide_on_invitation(self, invitation: Invitation) -> str:
        """Return where an owner says whether somebody invited from outside may come in."""

    @abstractmethod
    def ask_for_password_reset(self) -> str:
        """Return where anyone can ask for a new password."""

    @abstractmethod
    def set_password(self, user_key: str, token: str) -> str:
        """Return where the user with this encoded key sets a new password."""

    @abstractmethod
    def confirm_services(self, membership: NetworkMembership) -> str:
        """Return where an organisation confirms its services in a network."""

    @abstractmethod
    def referrals_to_check(self) -> str:
        """Return where coordinators find the referrals that are held."""

    @abstractmethod
    def waiting_referrals(self) -> str:
        """Return where users find the referrals that wait for them."""

    @abstractmethod
    def stop_digest(self, token: str) -> str:
        """Return where the weekly summary is stopped, without signing in; the token names the message."""

    @abstractmethod
    def visitor_message(self, message: PublicMessage) -> str:
        """Return where the organisation or the coordinators read what a visitor wrote."""


def message_links() -> MessageLinks:
    """Raises ImproperlyConfigured when the setting is missing or wrong."""
    path = getattr(settings, "MESSAGE_LINKS", "")
    try:
        links = import_string(path)()
    except (ImportError, TypeError) as error:  # TypeError: a method is missing
        raise ImproperlyConfigured(f"MESSAGE_LINKS = {path!r} is not a MessageLinks: {error}") from error
    if not isinstance(links, MessageLinks):
        raise ImproperlyConfigured(f"MESSAGE_LINKS = {path!r} is not a MessageLinks.")
    return links


def absolute(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


def stop_link(notification: Notification) -> str:
    return absolute(message_links().stop_digest(STOP_SIGNER.sign(notification.pk)))


@checks.register(checks.Tags.urls)
def check_message_links(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    try:
        message_links()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="referrals.E001")]
    return []
