"""Which invitations into an organisation wait for an owner's consent, and how the owners are asked for it."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from referrals import notifications
from referrals.accounts.account_events import lock_organisation, owners_of, record_event
from referrals.enums import AccountEventKind
from referrals.models import Invitation, Organisation, User
from referrals.notification_kinds import NotificationKind


def awaits_owner(invitation: Invitation, owners: Collection[int] | None = None) -> bool:
    """Whether an owner of the organisation has to agree first: somebody from outside sent it, and there is an owner.

    New members read the organisation's case notes and, as owners, could remove the others. `owners`: the keys of the
    present owners, if the caller knows them.
    """
    if invitation.organisation is None or invitation.agreed_by_id is not None:
        return False
    keys = find_owners(invitation.organisation) if owners is None else owners
    return bool(keys) and invitation.invited_by_id not in keys


def find_owners(organisation: Organisation) -> set[int]:
    return set(owners_of(organisation).values_list("pk", flat=True))


def ask_owners(invitation: Invitation, actor: User | None) -> None:
    """Ask the owners, and tell the organisation's own address and the person invited that they are asked."""
    event = record_event(
        AccountEventKind.INVITATION_WAITS,
        actor=actor,
        invitation=invitation,
        organisation=invitation.organisation,
        tell={invitation.organisation.email},
    )
    for owner in owners_of(invitation.organisation):
        notifications.record(event, NotificationKind.OWNER_ASKED, owner.email)
    notifications.record(event, NotificationKind.INVITATION_WAITS, invitation.email)


def ask_about_earlier(organisation: Organisation) -> None:
    """Ask about invitations sent from outside while there was no owner. Call it when somebody becomes one."""
    lock_organisation(organisation.pk)
    for invitation in _unasked().filter(organisation=organisation).select_related("organisation"):
        if awaits_owner(invitation):
            ask_owners(invitation, None)


def unasked_invitations() -> list[int]:
    """Return the keys of invitations that no owner was asked about, as after an upgrade; some may not need it."""
    return list(_unasked().order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def ask_if_unasked(invitation_id: int) -> bool:
    """Ask the owners about the invitation, if it awaits them and nobody has asked; return whether it did."""
    locked = Invitation.objects.select_for_update(no_key=True).filter(pk=invitation_id).first()
    lock_organisation(locked and locked.organisation_id)
    # Read under the lock: another worker may have asked in the meantime.
    invitation = _unasked().select_related("organisation").filter(pk=invitation_id).first()
    if invitation is None or not awaits_owner(invitation):
        return False
    ask_owners(invitation, None)
    return True


def _unasked() -> QuerySet[Invitation]:
    asked = Invitation.objects.filter(events__kind=AccountEventKind.INVITATION_WAITS)
    unanswered = Invitation.objects.open().filter(organisation__isnull=False, agreed_by=None)
    return unanswered.exclude(pk__in=asked.values("pk"))
