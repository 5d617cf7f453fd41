"""The list of organisations that a strand asks in turn."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.utils import timezone

from referrals import matching
from referrals.models import Assignment, Person, Strand
from referrals.workflow.core import LockedReferral


def facts_of(person: Person, now: datetime) -> matching.PersonFacts:
    return matching.PersonFacts(
        point=person.point,
        place=person.place_in_words,
        age=person.age_on(timezone.localdate(now)),
        option_ids=frozenset(option.pk for option in person.options.all()),
    )


def store_list(
    locked: LockedReferral,
    strand: Strand,
    needs: Collection[int],
    order: Mapping[int, int],
    facts: matching.PersonFacts,
    *,
    first_position: int = 1,
    asked_for_ids: Collection[int] = (),
) -> None:
    """Queue the services of `order` (key -> place) that still suit the person and meet one of `needs`.

    Those asked for by name need not be there for where the person lives.
    """
    if not order:
        return
    asked_for = matching.suggest_asked_for(
        strand.network, needs, facts, sorted(asked_for_ids, key=order.__getitem__), at=locked.now
    )
    own = {suggestion.organisation_id for suggestion in asked_for}
    others = [service_id for service_id in order if service_id not in asked_for_ids]
    suggestions = asked_for + [
        suggestion
        for suggestion in matching.suggest(
            strand.network, needs, facts, at=locked.now, service_ids=others, limit=len(others)
        )
        if suggestion.organisation_id not in own
    ]
    suggestions.sort(key=lambda suggestion: order[suggestion.service_id])
    assignments = Assignment.objects.bulk_create(
        Assignment(
            strand=strand,
            service_id=suggestion.service_id,
            organisation_id=suggestion.organisation_id,
            position=position,
            score=suggestion.score,
            reasons=list(suggestion.reasons),
        )
        for position, suggestion in enumerate(suggestions, start=first_position)
    )
    locked.assignments.update({assignment.pk: assignment for assignment in assignments})
