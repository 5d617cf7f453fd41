from referrals.enums import LIVE_ASSIGNMENT, AssignmentStatus, StrandStatus
from referrals.models import Assignment, Strand


def describe_strand(strand_id: int) -> str:
    strand = Strand.objects.get(pk=strand_id)
    if strand.status == StrandStatus.CLOSED:
        return f"It is closed: {strand.get_outcome_display().lower()}."
    if strand.status == StrandStatus.WITH_COORDINATOR:
        return f"The coordinator has been told: {strand.get_why_coordinator_display()}."
    live = Assignment.objects.select_related("organisation").filter(strand=strand, status__in=LIVE_ASSIGNMENT).first()
    if live is None:
        return "Somebody has changed it since."
    if live.status == AssignmentStatus.ACCEPTED:
        return f"{live.organisation} has accepted it."
    return f"{live.organisation} has been asked."
