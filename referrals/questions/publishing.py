"""Publishing the draft, after which the form asks it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from referrals.access import can_coordinate
from referrals.models import FlowVersion, Network, User
from referrals.questions.content import write_content
from referrals.questions.draft import load_draft
from referrals.refusals import AlreadyDone, NotAllowed


@transaction.atomic
def publish(network: Network, *, actor: User, note: str = "", at: datetime | None = None) -> FlowVersion:
    """Compile the draft into a new version. Forms that are being filled in go on under theirs. Raises Refusal."""
    Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    if not can_coordinate(actor, network.pk):
        raise NotAllowed("Only coordinators of the network publish its questions.")
    newest = FlowVersion.objects.filter(network=network).first()
    content = write_content(load_draft(network.pk))
    if newest and newest.content == content:
        raise AlreadyDone(f"This is version {newest.number}, which is what the form asks already.")
    return FlowVersion.objects.create(
        network=network,
        number=newest.number + 1 if newest else 1,
        content=content,
        note=note,
        published_by=actor,
        published_at=at or timezone.now(),
    )
