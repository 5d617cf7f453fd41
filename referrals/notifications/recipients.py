"""Which addresses a message goes to."""

from collections.abc import Iterable

from django.db.models import QuerySet

from referrals.enums import Role
from referrals.models import Network, NetworkRole, Organisation, OrganisationMember, SuppressedAddress
from referrals.notification_kinds import AUDIENCES, MAIL_GROUPS, Audience, MailGroup, NotificationKind

Place = Organisation | Network


def find_recipients(place: Place, kind: NotificationKind) -> list[str]:
    """Return the addresses chosen for this kind: the place's own, and those of people of its team.

    What waits for somebody goes to the place's own address if nobody is chosen any more.
    """
    group = MAIL_GROUPS[kind]
    chosen = [place.email] if group in place.mail_groups else []
    rows = team_rows(place).filter(user__is_active=True, mail_groups__contains=[group]).order_by("pk")
    chosen += rows.values_list("user__email", flat=True)
    if not chosen and group == MailGroup.ACTION:
        chosen = [place.email]
    return list({address.lower(): address for address in chosen}.values())


def team_rows(place: Place) -> QuerySet:
    """Return the rows that make somebody a member of an organisation, or a coordinator of a network."""
    if isinstance(place, Organisation):
        return OrganisationMember.objects.filter(organisation=place)
    return NetworkRole.objects.filter(network=place, role=Role.COORDINATOR)


def suppressed(addresses: Iterable[str]) -> set[str]:
    """Return those, in lower case, from which e-mail came back for good."""
    lower = [address.lower() for address in addresses]
    return set(SuppressedAddress.objects.filter(address__in=lower).values_list("address", flat=True))


def can_be_suppressed(kind: NotificationKind) -> bool:
    """What somebody has asked for themselves is sent all the same: it may arrive by now."""
    return AUDIENCES[kind] not in (Audience.ACCOUNT, Audience.VISITOR)
