"""Who opened whose full details: written down before they are shown, whichever screen shows them."""

from collections.abc import Iterable

from django.db.models import BigIntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from referrals.access import fully_visible_to, opens_details
from referrals.enums import Screen
from referrals.models import AccessRecord, Referral, Strand, User

BATCH = 1000


def log_access(user: User, referral_ids: Iterable[int], screen: Screen) -> int:
    """Write one opening for each of these referrals that `user` may read in full; return how many that were.

    Its network is the one through which the user has the right: its coordinators can list the opening, also after the
    user has left.
    """
    known = Strand.objects.filter(opens_details(user), referral=OuterRef("pk"))
    first = Subquery(known.order_by("pk").values("network")[:1])
    opened = (
        fully_visible_to(user)
        .filter(pk__in=list(referral_ids))
        .annotate(through=Coalesce(first, "network_id", output_field=BigIntegerField()))
        .order_by("pk")
        .values_list("pk", "person_id", "through")
    )
    now = timezone.now()
    rows = [
        AccessRecord(user=user, referral_id=pk, person_id=person, network_id=network, screen=screen, at=now)
        for pk, person, network in opened
    ]
    AccessRecord.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


def log_person_access(user: User, person_id: int, screen: Screen) -> int:
    """The same for all referrals of a person that `user` may read in full."""
    return log_access(user, Referral.objects.filter(person=person_id).values_list("pk", flat=True), screen)
