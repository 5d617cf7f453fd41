"""The log of who read whose full details. Screens write it before they show them."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import BigIntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from referrals.access import fully_visible_to, opens_details, own_organisations, visible_to
from referrals.enums import Screen
from referrals.models import AccessRecord, OrganisationMember, Referral, Strand, User

BATCH = 1000
LATELY = timedelta(minutes=30)


def log_access(user: User, referral_ids: Iterable[int], screen: Screen) -> int:
    """Write one record for each of these referrals that `user` may read in full. Return how many.

    The record names the network through which the user has access, so that its coordinators can list it, even after
    the user has left.
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


def find_last_reader(user: User, referral_id: int) -> AccessRecord | None:
    """Return the last opening within half an hour by somebody else: a colleague or, for coordinators, anybody.

    Not what a colleague opened through a network in which the user does not read the referral in full.
    """
    opened = Strand.objects.filter(opens_details(user), referral=referral_id)
    colleagues = OrganisationMember.objects.filter(organisation__in=own_organisations(user).values("pk"))
    lately = AccessRecord.objects.filter(referral=referral_id, at__gt=timezone.now() - LATELY).exclude(user=user.pk)
    known = lately.filter(
        Q(pk__in=visible_to(user, AccessRecord).filter(referral=referral_id).values("pk"))
        | Q(user__in=colleagues.values("user"), network__in=opened.values("network"))
    )
    return known.select_related("user").order_by("-at", "-pk").first()


def log_person_access(user: User, person_id: int, screen: Screen) -> int:
    return log_access(user, Referral.objects.filter(person=person_id).values_list("pk", flat=True), screen)
