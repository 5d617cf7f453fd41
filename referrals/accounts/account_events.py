"""What all changes of an account share: the lock, the event and the e-mail to its owner."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from referrals import notifications
from referrals.enums import AccountEventKind, OrganisationRole, Role
from referrals.models import AccountEvent, Invitation, Network, Organisation, User
from referrals.notification_kinds import NotificationKind


def lock_user(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def lock_organisation(organisation_id: int | None) -> None:
    """Lock invitations and users first, if they are needed too, and several organisations in the order of keys."""
    Organisation.objects.select_for_update(no_key=True).filter(pk=organisation_id).first()


def end_sessions(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])


def happened_within(pause: timedelta, user: User, kind: AccountEventKind, **data: str) -> bool:
    return AccountEvent.objects.filter(user=user, kind=kind, at__gt=timezone.now() - pause, **data).exists()


def record_event(
    kind: AccountEventKind,
    *,
    actor: User | None,
    tell: Iterable[str],
    message: NotificationKind = NotificationKind.ACCESS_CHANGED,
    user: User | None = None,
    organisation: Organisation | None = None,
    network: Network | None = None,
    invitation: Invitation | None = None,
    **data: object,
) -> AccountEvent:
    """Record what happened to an account, or who may do what, and send `message` to the addresses `tell`.

    When an address changes, these are the old one, the new one and those of the owners.
    """
    event = AccountEvent.objects.create(
        kind=kind, actor=actor, user=user, organisation=organisation, network=network, invitation=invitation, data=data
    )
    for address in sorted({address.lower() for address in tell}):
        notifications.record(event, message, address)
    return event


def tell_user(
    kind: AccountEventKind,
    user: User,
    *,
    actor: User | None,
    message: NotificationKind = NotificationKind.ACCOUNT_CHANGED,
    **data: str,
) -> AccountEvent:
    """Record what happened to the user's account, and tell them alone."""
    return record_event(kind, actor=actor, user=user, tell=[user.email], message=message, **data)


def owners_of(organisation: Organisation) -> QuerySet[User]:
    """Return the owners who can still sign in."""
    return User.objects.filter(
        organisation_roles__organisation=organisation,
        organisation_roles__role=OrganisationRole.OWNER,
        is_active=True,
        is_staff=True,
    )


def organisation_addresses(organisation: Organisation) -> set[str]:
    return {organisation.email, *owners_of(organisation).values_list("email", flat=True)}


def network_addresses(network: Network) -> set[str]:
    coordinators = User.objects.filter(
        network_roles__network=network, network_roles__role=Role.COORDINATOR, is_active=True
    )
    return {network.email, *coordinators.values_list("email", flat=True)}


def operator_addresses() -> set[str]:
    return set(User.objects.filter(is_superuser=True, is_active=True).values_list("email", flat=True))
