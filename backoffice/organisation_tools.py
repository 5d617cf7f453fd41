"""What can be done about an organisation, as links beside it."""

from django.urls import reverse

from referrals.access import can_coordinate, can_leave, can_manage_people, own_organisations, visible_to
from referrals.enums import MembershipStatus
from referrals.models import NetworkMembership, Organisation, User


def organisation_tools(user: User, organisation: Organisation) -> list[tuple[str, str]]:
    """Return (label, URL) of each thing that `user` may do: look at the team, suspend, leave ..."""
    is_own = own_organisations(user).filter(pk=organisation.pk).exists()
    tools = []
    if is_own or can_manage_people(user, organisation.pk):
        tools.append(("Team", reverse("backoffice:team", args=["organisation", organisation.pk])))
    if is_own:
        tools.append(("First steps", reverse("backoffice:first_steps", args=[organisation.pk])))
    memberships = visible_to(user, NetworkMembership).filter(organisation=organisation).select_related("network")
    pass_on = ("Pass on what it has", f"{reverse('backoffice:workspace_reassign')}?tab=all&assigned={organisation.pk}")
    leave = "Leave" if is_own else "Take out of"
    for membership in memberships:
        in_network = f" in {membership.network}" if len(memberships) > 1 else ""
        if can_coordinate(user, membership.network_id):
            if pass_on not in tools:
                tools.append(pass_on)
            if membership.status == MembershipStatus.ACTIVE:
                tools.append((f"Suspend{in_network}", _url("suspend", membership)))
            else:
                tools.append((f"Take back{in_network}", _url("reinstate", membership)))
        if membership.status != MembershipStatus.LEFT and can_leave(user, membership):
            tools.append((f"{leave} {membership.network}", _url("leave", membership)))
    return tools


def _url(change: str, membership: NetworkMembership) -> str:
    return reverse(f"backoffice:membership_{change}", args=[membership.pk])
