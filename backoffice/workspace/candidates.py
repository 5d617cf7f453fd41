from dataclasses import dataclass, replace
from itertools import groupby

from django.utils import timezone

from referrals import matching, workflow
from referrals.access import can_coordinate
from referrals.enums import AssignmentStatus
from referrals.matching import Suggestion
from referrals.models import Assignment, Need, Strand, User

OrganisationChoices = tuple[str, list[tuple[int, str]]]  # the organisation's name, and its services: key and label


@dataclass(frozen=True, slots=True)
class Candidates:
    """`rejections`: by key of the service, in words, that its organisation has rejected this before."""

    suggestions: list[Suggestion]
    others: list[OrganisationChoices]
    rejections: dict[int, str]

    @property
    def is_empty(self) -> bool:
        return not self.suggestions and not self.others


def find_candidates(strand: Strand, user: User, *, without_organisation_id: int | None = None) -> Candidates:
    """Return services to choose from by hand: suggestions for the strand's needs, then all others that take people.

    How full they are is told to coordinators and, where the network shares it, to its organisations.
    """
    needs = list(Need.objects.filter(strand=strand).values_list("category", flat=True))
    without = {without_organisation_id} - {None}
    # Not suggested a second time, but still listed among the others.
    refused = Assignment.objects.filter(
        strand__referral=strand.referral_id, status__in=(AssignmentStatus.REJECTED, AssignmentStatus.LAPSED)
    ).values_list("organisation", flat=True)
    facts = workflow.facts_of(strand.referral.person, timezone.now())
    suggestions = matching.suggest(strand.network, needs, facts, exclude_organisation_ids=without | set(refused))
    if not can_coordinate(user, strand.network_id):
        suggestions = [replace(one, reasons=one.shared_reasons) for one in suggestions]
    others = (
        workflow.askable(strand)
        .exclude(organisation__in=without)
        .exclude(pk__in=[suggestion.service_id for suggestion in suggestions])
        .select_related("activity", "organisation")
        .order_by("organisation__name", "organisation", "activity__name", "pk")
    )
    grouped = [
        (name, [(service.pk, f"{service.activity.name} ({name})") for service in services])
        for name, services in groupby(others, lambda service: service.organisation.name)
    ]
    rejections = workflow.load_rejections(strand)
    of_services = {
        service.pk: workflow.describe_rejection(rejections[service.organisation_id])
        for service in others
        if service.organisation_id in rejections
    }
    return Candidates(suggestions, grouped, of_services)
