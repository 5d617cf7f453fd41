"""Who has rejected a strand: nobody asks them again without knowing that."""

from collections.abc import Iterable, Mapping

from django.utils import timezone
from django.utils.formats import date_format

from referrals.enums import AssignmentStatus
from referrals.models import Assignment, Strand


def find_rejections(
    strand: Strand, strands: Mapping[int, Strand], assignments: Iterable[Assignment]
) -> dict[int, Assignment]:
    """Return, by organisation, the rejection that was its last answer about the needs of `strand`.

    `strands` and `assignments` are those of the referral. Before a split, its needs were on another strand, so what was
    rejected there until then counts.
    """
    offers = sorted((a for a in assignments if a.offered_at), key=lambda a: a.offered_at)
    last: dict[int, Assignment] = {}
    before = None
    while strand is not None:
        about = [a for a in offers if a.strand_id == strand.pk and (before is None or a.offered_at < before)]
        last = {a.organisation_id: a for a in about} | last
        before, strand = strand.created_at, strands.get(strand.split_from_id)
    return {key: a for key, a in last.items() if a.status == AssignmentStatus.REJECTED}


def load_rejections(strand: Strand) -> dict[int, Assignment]:
    """Return the same for a screen, which has no lock."""
    strands = Strand.objects.filter(referral=strand.referral_id).in_bulk()
    offers = Assignment.objects.filter(strand__in=strands, offered_at__isnull=False).select_related("organisation")
    return find_rejections(strand, strands, offers)


def describe_rejection(rejection: Assignment) -> str:
    day = date_format(timezone.localtime(rejection.ended_at), "j F")
    return f"{rejection.organisation} rejected this on {day}: {rejection.get_reject_reason_display().lower()}."
