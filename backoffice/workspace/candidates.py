from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format

from referrals import matching, workflow
from referrals.access import can_coordinate
from referrals.enums import AssignmentStatus
from referrals.matching import NearMiss, Suggestion
from referrals.models import Assignment, Need, Strand, User

OrganisationChoices = tuple[str, list[tuple[int, str]]]  # the organisation's name, and its services: key and label


@dataclass(frozen=True, slots=True)
class Candidates:
    """`rejections`: by key of the service, in words, that its organisation has rejected this before.

    Of `near_misses`, only those that take people can be asked.
    """

    suggestions: list[Suggestion]
    near_misses: list[NearMiss]
    others: list[OrganisationChoices]
    rejections: dict[int, str]

    @property
    def is_empty(self) -> bool:
        return not self.suggestions and not self.others and not any(one.takes_people for one in self.near_misses)


def find_candidates(
    strand: Strand, user: User, *, without_organisation_id: int | None = None, keep: Collection[int] = ()
) -> Candidates:
    """Return services to choose from by hand: suggestions for the strand's needs but those to `keep`, then others that
    offer them and what stood in their way, then all others that take people.

    How full they are is told to coordinators and, where the network shares it, to its organisations. Who has rejected
    or not answered is told to all who may choose: they read the referral's list.
    """
    needs = list(Need.objects.filter(strand=strand).exclude(category__in=keep).values_list("category", flat=True))
    without = {without_organisation_id} - {None}
    rejections = {
        organisation: workflow.describe_rejection(rejection)
        for organisation, rejection in workflow.load_rejections(strand).items()
    }
    refusals = _silences(strand) | rejections  # not suggested a second time
    facts = workflow.facts_of(strand.referral.person, timezone.now())
    suggestions = matching.suggest(strand.network, needs, facts, exclude_organisation_ids=without | set(refusals))
    is_coordinator = can_coordinate(user, strand.network_id)
    if not is_coordinator:
        suggestions = [replace(one, reasons=one.shared_reasons) for one in suggestions]
    shown = [suggestion.service_id for suggestion in suggestions]
    near_misses = matching.find_near_misses(
        strand.network,
        needs,
        facts,
        shown=shown,
        refusals=refusals,
        knows_load=is_coordinator or strand.network.shares_load,
        for_insiders=True,
    )
    near_misses = [one for one in near_misses if one.organisation_id not in without]
    others = (
        workflow.askable(strand)
        .exclude(organisation__in=without)
        .exclude(pk__in=[*shown, *(one.service_id for one in near_misses)])
        .select_related("activity", "organisation")
        .order_by("organisation__name", "organisation", "activity__name", "pk")
    )
    grouped = [
        (name, [(service.pk, f"{service.activity.name} ({name})") for service in services])
        for name, services in groupby(others, lambda service: service.organisation.name)
    ]
    listed = [(one.service_id, one.organisation_id) for one in near_misses]
    listed += [(service.pk, service.organisation_id) for service in others]
    return Candidates(
        suggestions,
        near_misses,
        grouped,
        {service: rejections[organisation] for service, organisation in listed if organisation in rejections},
    )


def _silences(strand: Strand) -> dict[int, str]:
    """Say of each organisation that let an offer of this referral lapse when it was asked."""
    lapsed = Assignment.objects.filter(strand__referral=strand.referral_id, status=AssignmentStatus.LAPSED)
    return {
        assignment.organisation_id: f"{assignment.organisation} was asked on "
        f"{date_format(timezone.localtime(assignment.offered_at), 'j F')} and has not answered."
        for assignment in lapsed.select_related("organisation").order_by("offered_at")
    }
