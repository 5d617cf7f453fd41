"""How many services and organisations a network has: exact, as in the lists that everybody in the network sees."""

from django.db.models import Count, F, Q
from django.http import HttpRequest

from referrals.access import visible_to
from referrals.models import Network, NetworkMembership, Service
from referrals.models.referrals import TAKE_PLACES
from referrals.models.services import TAKES_PEOPLE


def count_what_is_offered(request: HttpRequest, network: Network) -> dict[str, int]:
    services = visible_to(request.user, Service).filter(network=network, archived_at=None).order_by()
    counts = services.annotate(live=Count("assignments", filter=TAKE_PLACES)).aggregate(
        services=Count("pk"),
        with_room=Count("pk", filter=TAKES_PEOPLE & Q(capacity__gt=F("live"))),
        paused=Count("pk", filter=~TAKES_PEOPLE),
    )
    return counts | {"organisations": NetworkMembership.objects.active().filter(network=network).count()}
