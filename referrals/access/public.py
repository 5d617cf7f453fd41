"""What everybody may know of, signed in or not."""

from django.db.models import Exists, OuterRef, QuerySet

from referrals.enums import MembershipStatus
from referrals.models import NetworkMembership
from referrals.models.services import PUBLIC


def publicly_listed(services: QuerySet) -> QuerySet:
    """Return those of `services` that the public may see: listed, neither paused nor archived, by active members."""
    active = NetworkMembership.objects.filter(
        network=OuterRef("network"), organisation=OuterRef("organisation"), status=MembershipStatus.ACTIVE
    )
    return services.filter(PUBLIC, Exists(active))


def with_public_services(organisations: QuerySet, services: QuerySet) -> QuerySet:
    """Return those of `organisations` of which the public may see at least one of `services`."""
    return organisations.filter(Exists(publicly_listed(services).filter(organisation=OuterRef("pk"))))
