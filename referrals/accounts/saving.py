"""Saving organisations, networks and users, and telling those concerned. Each function is one transaction.

Forms and tables save through these, so that nobody's e-mail, sign-in or rights change unnoticed.
"""

from collections.abc import Collection

from django.db import transaction

from referrals.accounts.account_events import (
    network_addresses,
    operator_addresses,
    organisation_addresses,
    owners_of,
    record_event,
)
from referrals.accounts.owner_consent import ask_about_earlier
from referrals.enums import AccountEventKind, OrganisationRole
from referrals.models import Network, Organisation, User

PRIVILEGES = ("is_active", "is_staff", "is_superuser")


@transaction.atomic
def save_organisation(organisation: Organisation, *, actor: User) -> None:
    before = Organisation.objects.select_for_update(no_key=True).filter(pk=organisation.pk).first()
    organisation.save()
    if before and before.email != organisation.email:
        tell = {before.email, *organisation_addresses(organisation)}
        record_event(AccountEventKind.EMAIL_CHANGED, actor=actor, organisation=organisation, tell=tell)


@transaction.atomic
def save_network(
    network: Network, *, actor: User, fields: Collection[str], linked: Collection[Network] | None = None
) -> None:
    """Save a new network, or these fields of one: what somebody else changes of the others at the same time stays.

    `linked`: the networks that the caller is about to link it with, if those may change.
    """
    before = Network.objects.select_for_update(no_key=True).filter(pk=network.pk).first()
    network.save(update_fields=fields if before else None)
    if before is None:
        return
    tell = {before.email, *network_addresses(network)}
    if "email" in fields and before.email != network.email:
        record_event(AccountEventKind.EMAIL_CHANGED, actor=actor, network=network, tell=tell)
    is_changed = "requires_second_factor" in fields and before.requires_second_factor != network.requires_second_factor
    changed = ["requires_second_factor"] if is_changed else []
    relinked = set() if linked is None else set(linked).symmetric_difference(network.linked_networks.all())
    if relinked:
        changed.append("linked_networks")
        tell = tell.union(*(network_addresses(other) for other in relinked))
    if changed:
        record_event(AccountEventKind.SETTINGS_CHANGED, actor=actor, network=network, tell=tell, changed=changed)


@transaction.atomic
def save_user(user: User, *, actor: User | None) -> None:
    """Save the user; `actor` is None for the command line. All the rights of a new user count as given."""
    before = User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    user.save()
    if before and before.email != user.email:
        organisations = Organisation.objects.filter(members__user=user)
        owners = {email for each in organisations for email in owners_of(each).values_list("email", flat=True)}
        record_event(AccountEventKind.EMAIL_CHANGED, actor=actor, user=user, tell={before.email, user.email, *owners})
    record_privileges(user, before, actor=actor)
    could_sign_in = before is None or (before.is_active and before.is_staff)
    if user.is_active and user.is_staff and not could_sign_in:
        owned = Organisation.objects.filter(members__user=user, members__role=OrganisationRole.OWNER)
        for organisation in owned.order_by("pk"):
            ask_about_earlier(organisation)


def record_privileges(user: User, before: User | None, *, actor: User | None) -> None:
    old = {name: bool(before and getattr(before, name)) for name in PRIVILEGES}
    changed = {name: getattr(user, name) for name in PRIVILEGES if getattr(user, name) != old[name]}
    if changed:
        tell = {user.email, *operator_addresses()}
        record_event(AccountEventKind.PRIVILEGES_CHANGED, actor=actor, user=user, tell=tell, **changed)
