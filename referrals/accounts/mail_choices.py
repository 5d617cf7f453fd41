"""Who gets which e-mail of an organisation, or of a network's coordinators. Each function is one transaction."""

from collections.abc import Collection, Mapping

from django.core.signing import BadSignature
from django.db import transaction

from referrals.access import can_coordinate, can_manage_people
from referrals.accounts.account_events import lock_organisation
from referrals.models import Network, Notification, Organisation, SuppressedAddress, User
from referrals.notification_kinds import MailGroup
from referrals.notifications.links import STOP_SIGNER
from referrals.notifications.recipients import Place, team_rows
from referrals.refusals import NotAllowed, Refusal


def can_choose_for_all(actor: User, place: Place) -> bool:
    if isinstance(place, Organisation):
        return can_manage_people(actor, place.pk)
    return can_coordinate(actor, place.pk)


@transaction.atomic
def choose_mail(
    place: Place, *, actor: User, own_address: Collection[str], team: Mapping[int, Collection[str]]
) -> None:
    """Store which groups of e-mail go to the place's own address, and to those of its team (by key of their row).

    An owner, or a coordinator, chooses for all; a member for themselves. Rows that are not named stay as they are.
    """
    place = _lock(place)
    rows = list(team_rows(place).select_related("user").order_by("pk"))
    for_all = can_choose_for_all(actor, place)
    if not for_all and actor.pk not in {row.user_id for row in rows}:
        raise NotAllowed("Only its team chooses who gets its e-mail.")
    if for_all:
        _store(place, own_address)
    for row in rows:
        if row.pk in team and (for_all or row.user_id == actor.pk):
            _store(row, team[row.pk])
    chosen = [place.mail_groups, *(row.mail_groups for row in rows if row.user.is_active)]
    if not any(MailGroup.ACTION in groups for groups in chosen):
        raise Refusal("Somebody has to hear of what waits. Tick at least one address for it.")


@transaction.atomic
def stop_digest(token: str) -> Place | None:
    """Send the week's summary no more to whom this message went; return of which place, None for a token of nobody's.

    Whoever has the message may do it, as often as they like.
    """
    notification = find_digest_of(token)
    if notification is None:
        return None
    place = _lock(notification.digest.organisation or notification.digest.network)
    address = notification.recipient.lower()
    rows = [row for row in team_rows(place).select_related("user") if row.user.email.lower() == address]
    for row in [*rows, *([place] if place.email.lower() == address else [])]:
        _store(row, set(row.mail_groups) - {MailGroup.DIGEST})
    return place


def find_digest_of(token: str) -> Notification | None:
    """Return the week's summary whose link to stop it has this token."""
    try:
        pk = int(STOP_SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    sent = Notification.objects.filter(pk=pk, digest__isnull=False)
    return sent.select_related("digest__organisation", "digest__network").first()


@transaction.atomic
def use_address_again(place: Place, address: str, *, actor: User) -> None:
    """Write again to an address of the place, or of its team, that e-mail came back from."""
    place = _lock(place)
    addresses = {place.email, *team_rows(place).values_list("user__email", flat=True)}
    if not can_choose_for_all(actor, place) or address.lower() not in map(str.lower, addresses):
        raise NotAllowed("Only an owner, or a coordinator, can do this, for the addresses of their team.")
    SuppressedAddress.objects.filter(address=address.lower()).delete()


def _lock(place: Place) -> Place:
    if isinstance(place, Organisation):
        lock_organisation(place.pk)
        return Organisation.objects.get(pk=place.pk)
    return Network.objects.select_for_update(no_key=True).get(pk=place.pk)


def _store(row, groups: Collection[str]) -> None:
    row.mail_groups = [group for group in MailGroup.values if group in groups]
    row.save(update_fields=["mail_groups"])
