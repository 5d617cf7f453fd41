"""What an organisation keeps of its own cases, and nobody else reads: who looks after each, and what is next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.formats import date_format

from backoffice.user_context import UserContext
from referrals.enums import AssignmentStatus
from referrals.models import Assignment, OrganisationMember, User


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case of the reader's organisation, with `owner__user` loaded. `members`: who could look after it."""

    case: Assignment
    reader: User
    members: Sequence[OrganisationMember] = ()

    @property
    def is_mine(self) -> bool:
        return self.case.owner is not None and self.case.owner.user_id == self.reader.pk

    @property
    def owner_name(self) -> str:
        if self.case.owner is None:
            return ""
        return "you" if self.is_mine else self.case.owner.user.get_full_name()

    @property
    def looked_after(self) -> str:
        if self.is_mine:
            return "You look after this case"
        return f"{self.owner_name or 'Nobody'} looks after this case{'' if self.case.owner else ' yet'}"

    @property
    def as_member(self) -> OrganisationMember | None:
        return next((member for member in self.members if member.user_id == self.reader.pk), None)

    @property
    def others(self) -> list[OrganisationMember]:
        return [one for one in self.members if one.user_id != self.reader.pk and one.pk != self.case.owner_id]

    @property
    def is_due(self) -> bool:
        return self.case.next_action_on is not None and self.case.next_action_on <= timezone.localdate()

    @property
    def due_in_words(self) -> str:
        when = f"Due on {date_format(self.case.next_action_on, 'j F')}" if self.is_overdue else "Due today"
        return f"{when}: {self.case.next_action}"

    @property
    def is_overdue(self) -> bool:
        return self.case.next_action_on is not None and self.case.next_action_on < timezone.localdate()


def pick_own_cases(assignments: Iterable[Assignment], user_context: UserContext) -> list[OwnCase]:
    """Return the open cases of the user's organisations. Of any other, a page must not say who looks after it."""
    own = {organisation.pk for organisation in user_context.organisations}
    return [
        OwnCase(one, user_context.user)
        for one in assignments
        if one.status == AssignmentStatus.ACCEPTED and one.organisation_id in own
    ]


def add_members(cases: list[OwnCase]) -> list[OwnCase]:
    """Add to each case who could look after it."""
    if not cases:
        return []
    organisations = {own.case.organisation_id for own in cases}
    members = OrganisationMember.objects.filter(organisation__in=organisations, user__is_active=True)
    members = list(members.select_related("user").order_by("user__name", "pk"))
    return [
        replace(own, members=[one for one in members if one.organisation_id == own.case.organisation_id])
        for own in cases
    ]
